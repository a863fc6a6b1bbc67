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
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/weburl"
)

// conn is a courier's connection, kept from one delivery to the next. net/http's client does the same with two goroutines and
// several hand-overs a request, which cost three times the CPU.
type conn struct {
	dialer *dialer
	net    net.Conn
	probe  *probe      // of the connection, below TLS
	own    bool        // it leads to this process's own listener
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
//
// A server may close a connection that it has kept at the very moment at which the next request comes. So when a connection that was
// used before ends without a byte of the answer, the message is sent once more on a new one, as part of the same attempt (RFC 9112
// §9.3.1; net/http's client does the same).
func (c *conn) post(m message, timeout time.Duration) (a answer, err error) {
	if err := c.aim(m.url); err != nil {
		return a, err
	}
	deadline := time.Now().Add(timeout)
	used := c.usable(deadline)
	if !used {
		if err := c.open(deadline); err != nil {
			return a, err
		}
	}
	keep := false
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
	c.write(m)
	a, keep, err = c.exchange(m)
	if _, silent := errors.AsType[unanswered](err); silent && used {
		c.close()
		if err := c.open(deadline); err != nil {
			return a, err
		}
		a, keep, err = c.exchange(m)
	}
	return a, err
}

// aim closes the connection unless it leads to a URL's host.
func (c *conn) aim(rawURL string) error {
	if rawURL == c.rawURL {
		return nil
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		return err
	}
	if c.url == nil || u.Scheme != c.url.Scheme || u.Host != c.url.Host {
		c.close()
	}
	c.rawURL, c.url = rawURL, u
	return nil
}

// usable reports whether there is a connection that another request can be sent on, and gives it a deadline.
func (c *conn) usable(deadline time.Time) bool {
	if c.net == nil {
		return false
	}
	c.net.SetDeadline(deadline)
	if c.read.Buffered() > 0 || c.probe.ended() || c.own && c.dialer.reach.Check(c.dialer.reach.Own, c.url.Path) != nil {
		c.close()
	}
	return c.net != nil
}

// write makes the request of the message and the body.
func (c *conn) write(m message) {
	b := append(c.out[:0], "POST "...)
	b = append(b, c.url.RequestURI()...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, c.url.Host...)
	b = append(b, "\r\nContent-Type: application/json;charset=UTF-8\r\n"+access.CourierHeader+": 1"...)
	if m.shortcode != 0 {
		b = append(b, "\r\nBusinessshortcode: "...)
		b = strconv.AppendInt(b, int64(m.shortcode), 10)
	}
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(c.body)), 10)
	b = append(b, "\r\n\r\n"...)
	c.out = append(b, c.body...)
}

// exchange sends the request and reads the answer.
func (c *conn) exchange(m message) (a answer, keep bool, err error) {
	if _, err := c.net.Write(c.out); err != nil {
		return a, false, unansweredBy(err)
	}
	return readAnswer(c.read, m.wantsAnswer)
}

// unanswered is why a connection ended before the first byte of an answer.
type unanswered struct{ error }

func (e unanswered) Unwrap() error { return e.error }

// unansweredBy marks an error that came before the first byte of an answer, where the other side has closed the connection.
func unansweredBy(err error) error {
	if slices.ContainsFunc([]error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE}, func(closed error) bool { return errors.Is(err, closed) }) {
		return unanswered{err}
	}
	return err
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
	tcp, reach := c.dialer.tcp, c.dialer.reach
	tcp.Control = reach.Control(c.url.Path)
	raw, err := tcp.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return err
	}
	c.net, c.probe, c.own = raw, newProbe(raw), reach.IsOwn(raw.RemoteAddr().(*net.TCPAddr).AddrPort())
	if c.url.Scheme == "https" {
		secure := tls.Client(raw, &tls.Config{ServerName: host, InsecureSkipVerify: !c.dialer.verify})
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

// dialer connects where somebody's requests may go.
type dialer struct {
	ctx    context.Context // ends all dialling and all connections
	tcp    net.Dialer
	reach  weburl.Reach
	verify bool // check certificates
}

func newDialer(ctx context.Context, reach weburl.Reach) *dialer {
	return &dialer{ctx: ctx, tcp: net.Dialer{KeepAlive: -1}, reach: reach, verify: reach.PublicOnly}
}

// explain says in a few words why there was no answer.
func explain(err error, timeout time.Duration) string {
	var dns *net.DNSError
	own, isOwn := errors.AsType[weburl.OwnError](err)
	switch {
	case isOwn:
		return own.Error()
	case errors.Is(err, weburl.ErrPrivate):
		return weburl.ErrPrivate.Error()
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Sprintf("no answer within %s", timeout)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &dns):
		return "unknown host " + dns.Name
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE):
		return "the connection was closed without an answer"
	}
	return err.Error()
}

// longestReason is the most bytes of why an attempt failed that are kept: a certificate may be at length about its names.
const longestReason = 300

// short cuts a reason that is too long, and takes out what would not be on one line.
func short(reason string) string {
	reason = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, reason)
	if len(reason) <= longestReason {
		return reason
	}
	return strings.ToValidUTF8(reason[:longestReason], "") + "…"
}
