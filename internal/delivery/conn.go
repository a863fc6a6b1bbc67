package delivery

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/weburl"
)

// conn is a courier's connection, kept from one delivery to the next. net/http's client does the same with two goroutines and
// several hand-overs a request, which cost three times the CPU.
type conn struct {
	dialer *dialer
	net    net.Conn
	probe  *probe      // of the connection, below TLS
	stop   func() bool // takes back that the connection is broken off when the couriers stop
	read   *bufio.Reader
	rawURL string // the last one, and what it says
	url    *url.URL
	out    []byte // the request
	body   []byte
}

// message is what is sent.
type message struct {
	url         string
	shortcode   mpesa.Shortcode // for the header Businessshortcode; 0: without it
	wantsAnswer bool            // the answer's body counts, and not only its status (wire.md §17)
	render      func([]byte) ([]byte, error)
}

// answer is what came back.
type answer struct {
	status int // HTTP; 0: there was none
	body   []byte
}

// post sends a message and returns the answer. Redirects are not followed.
func (c *conn) post(m message, timeout time.Duration) (a answer, err error) {
	if m.url != c.rawURL {
		u, err := url.Parse(m.url)
		if err != nil {
			return a, err
		}
		if c.url == nil || u.Scheme != c.url.Scheme || u.Host != c.url.Host {
			c.close()
		}
		c.rawURL, c.url = m.url, u
	}
	deadline := time.Now().Add(timeout)
	if c.net != nil {
		c.net.SetDeadline(deadline)
		if c.read.Buffered() > 0 || c.probe.ended() {
			c.close()
		}
	}
	if c.net == nil {
		if err := c.open(deadline); err != nil {
			return a, err
		}
	}
	var keep bool
	defer func() {
		if !keep {
			c.close()
		}
	}()
	if err := c.dialer.ctx.Err(); err != nil { // its breaking off may have come before the deadline was set
		return a, err
	}

	if c.body, err = m.render(c.body[:0]); err != nil {
		return a, unrendered{err}
	}
	b := append(c.out[:0], "POST "...)
	b = append(b, c.url.RequestURI()...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, c.url.Host...)
	b = append(b, "\r\nContent-Type: application/json;charset=UTF-8"...)
	if m.shortcode != 0 {
		b = append(b, "\r\nBusinessshortcode: "...)
		b = strconv.AppendInt(b, int64(m.shortcode), 10)
	}
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(c.body)), 10)
	b = append(b, "\r\n\r\n"...)
	c.out = append(b, c.body...)
	if _, err := c.net.Write(c.out); err != nil {
		return a, err
	}
	a, keep, err = readAnswer(c.read, m.wantsAnswer)
	return a, err
}

// unrendered is why a body could not be written: the database did not answer. Nothing was sent then.
type unrendered struct{ error }

func (c *conn) open(deadline time.Time) error {
	ctx, cancel := context.WithDeadline(c.dialer.ctx, deadline)
	defer cancel()
	host, port := c.url.Hostname(), c.url.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[c.url.Scheme]
	}
	raw, err := c.dialer.tcp.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return err
	}
	c.net, c.probe = raw, newProbe(raw)
	if c.url.Scheme == "https" {
		secure := tls.Client(raw, &tls.Config{ServerName: host, InsecureSkipVerify: !c.dialer.publicOnly})
		if err := secure.HandshakeContext(ctx); err != nil {
			c.close()
			return err
		}
		c.net = secure
	}
	raw.SetDeadline(deadline)
	c.stop = context.AfterFunc(c.dialer.ctx, func() { raw.SetDeadline(time.Unix(1, 0)) })
	if c.read == nil {
		c.read = bufio.NewReaderSize(c.net, 2048)
	} else {
		c.read.Reset(c.net)
	}
	return nil
}

func (c *conn) close() {
	if c.net == nil {
		return
	}
	if c.stop != nil {
		c.stop()
	}
	c.net.Close()
	c.net, c.probe, c.stop = nil, nil, nil
}

// dialer connects, and in the strict profile looks where to.
type dialer struct {
	ctx        context.Context // ends all dialling and all connections
	tcp        net.Dialer
	publicOnly bool
}

func newDialer(ctx context.Context, publicOnly bool) *dialer {
	d := &dialer{ctx: ctx, publicOnly: publicOnly}
	d.tcp.KeepAlive = -1
	if publicOnly {
		d.tcp.Control = weburl.PublicOnly
	}
	return d
}

// explain says in a few words why there was no answer.
func explain(err error, timeout time.Duration) string {
	var dns *net.DNSError
	switch {
	case errors.Is(err, weburl.ErrPrivate):
		return weburl.ErrPrivate.Error()
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Sprintf("no answer within %s", timeout)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &dns):
		return "unknown host " + dns.Name
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET):
		return "the connection was closed without an answer"
	}
	return err.Error()
}
