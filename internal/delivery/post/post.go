// Package post sends POST requests, one after the other on a connection that is kept, as HTTP/1.1 has it.
package post

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/weburl"
)

// Conn is a connection that is kept from one message to the next. net/http's client does the same with two goroutines and
// several hand-overs a request, which cost three times the CPU.
type Conn struct {
	dialer *Dialer
	net    net.Conn
	probe  *probe      // of the connection, below TLS
	own    bool        // it leads to this process's own listener
	stop   func() bool // takes back that the connection is broken off when the dialer's context ends
	read   *bufio.Reader
	rawURL string // the last one, and what it says
	url    *url.URL
	out    []byte // the request
	body   []byte
}

// New returns a connection that is made when the first message is sent.
func New(d *Dialer) *Conn { return &Conn{dialer: d} }

// Message is what is sent.
type Message struct {
	URL         string
	Shortcode   int64 // for the header Businessshortcode; 0: without it
	WantsAnswer bool  // the answer's body counts, and not only its status (wire.md §17)
	Body        func([]byte) ([]byte, error)
}

// Answer is what came back.
type Answer struct {
	Status int // HTTP; 0: there was none
	Body   []byte
}

// Post sends a message and returns the answer. Redirects are not followed.
//
// A server may close a connection that it has kept at the very moment at which the next request comes. So when a connection that was
// used before ends without a byte of the answer, the message is sent once more on a new one, as part of the same attempt (RFC 9112
// §9.3.1; net/http's client does the same).
func (c *Conn) Post(m Message, timeout time.Duration) (a Answer, err error) {
	if err := c.aim(m.URL); err != nil {
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
			c.Close()
		}
	}()
	if err := c.dialer.Context.Err(); err != nil { // its breaking off may have come before the deadline was set
		return a, err
	}
	if c.body, err = m.Body(c.body[:0]); err != nil {
		return a, BodyError{err}
	}
	c.write(m)
	a, keep, err = c.exchange(m)
	if _, silent := errors.AsType[unanswered](err); silent && used {
		c.Close()
		if err := c.open(deadline); err != nil {
			return a, err
		}
		a, keep, err = c.exchange(m)
	}
	return a, err
}

// aim closes the connection unless it leads to a URL's host.
func (c *Conn) aim(rawURL string) error {
	if rawURL == c.rawURL {
		return nil
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		return err
	}
	if c.url == nil || u.Scheme != c.url.Scheme || u.Host != c.url.Host {
		c.Close()
	}
	c.rawURL, c.url = rawURL, u
	return nil
}

// usable reports whether there is a connection that another request can be sent on, and gives it a deadline.
func (c *Conn) usable(deadline time.Time) bool {
	if c.net == nil {
		return false
	}
	c.net.SetDeadline(deadline)
	if c.read.Buffered() > 0 || c.probe.ended() || c.own && c.dialer.Reach.Check(c.dialer.Reach.Own, c.url.Path) != nil {
		c.Close()
	}
	return c.net != nil
}

// write makes the request of the message and the body.
func (c *Conn) write(m Message) {
	b := append(c.out[:0], "POST "...)
	b = append(b, c.url.RequestURI()...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, c.url.Host...)
	b = append(b, "\r\nContent-Type: application/json;charset=UTF-8\r\n"+access.CourierHeader+": 1"...)
	if m.Shortcode != 0 {
		b = append(b, "\r\nBusinessshortcode: "...)
		b = strconv.AppendInt(b, m.Shortcode, 10)
	}
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(c.body)), 10)
	b = append(b, "\r\n\r\n"...)
	c.out = append(b, c.body...)
}

// exchange sends the request and reads the answer.
func (c *Conn) exchange(m Message) (a Answer, keep bool, err error) {
	if _, err := c.net.Write(c.out); err != nil {
		return a, false, unansweredBy(err)
	}
	return readAnswer(c.read, m.WantsAnswer)
}

// open connects to the URL's host.
func (c *Conn) open(deadline time.Time) error {
	ctx, cancel := context.WithDeadline(c.dialer.Context, deadline)
	defer cancel()
	host, port := c.url.Hostname(), c.url.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[c.url.Scheme]
	}
	tcp, reach := c.dialer.TCP, c.dialer.Reach
	tcp.Control = reach.Control(c.url.Path)
	raw, err := tcp.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return err
	}
	c.net, c.probe, c.own = raw, newProbe(raw), reach.IsOwn(raw.RemoteAddr().(*net.TCPAddr).AddrPort())
	if c.url.Scheme == "https" {
		secure := tls.Client(raw, &tls.Config{ServerName: host, InsecureSkipVerify: !c.dialer.Verify})
		if err := secure.HandshakeContext(ctx); err != nil {
			c.Close()
			return err
		}
		c.net = secure
	}
	raw.SetDeadline(deadline)
	c.stop = context.AfterFunc(c.dialer.Context, func() { raw.SetDeadline(time.Unix(1, 0)) })
	if c.read == nil {
		c.read = bufio.NewReaderSize(c.net, 2048)
	} else {
		c.read.Reset(c.net)
	}
	return nil
}

// Close closes the connection, if there is one. The next message gets a new one.
func (c *Conn) Close() {
	if c.net == nil {
		return
	}
	if c.stop != nil {
		c.stop()
	}
	c.net.Close()
	c.net, c.probe, c.stop = nil, nil, nil
}

// Dialer connects to where requests may go. It is not changed once it is in use.
type Dialer struct {
	Context context.Context // ends all dialling and all connections
	TCP     net.Dialer
	Reach   weburl.Reach // where connections may lead
	Verify  bool         // check certificates
}

// NewDialer returns a dialer of connections that end with ctx. It checks certificates where only public addresses may be reached.
func NewDialer(ctx context.Context, reach weburl.Reach) *Dialer {
	return &Dialer{Context: ctx, TCP: net.Dialer{KeepAlive: -1}, Reach: reach, Verify: reach.PublicOnly}
}
