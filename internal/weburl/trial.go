package weburl

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/kivuko/kivuko/internal/access"
)

// Prober tries URLs as callbacks are sent: one POST, no redirects followed, bounded in time and bytes.
type Prober struct {
	Reach
	Timeout  time.Duration  // of the whole trial; 0: 10 seconds
	Resolver *net.Resolver  // nil: the system's
	Roots    *x509.CertPool // that certificates are checked against; nil: the system's
}

// Trial is how far a URL was reached. What comes after the step that failed is empty.
type Trial struct {
	Addresses   []netip.Addr // that the host leads to
	Connections []Connection // as they were tried; only the last can have no error
	TLS         *TLS         // nil: there was none
	Answer      *Answer      // nil: there was none
	Error       string       // why the trial ended early; "": it didn't
}

// Connection is a try at an address.
type Connection struct {
	Address netip.AddrPort
	Took    time.Duration
	Error   string
}

// Answer is what the server answered.
type Answer struct {
	Status int
	Type   string        // Content-Type
	Text   []byte        // the first bytes
	More   bool          // there were more
	Took   time.Duration // from the request's first byte to the answer's header
}

const (
	usualTimeout = 10 * time.Second
	mostTries    = 4        // addresses of a host
	shownBytes   = 1 << 10  // of an answer's body
	readBytes    = 64 << 10 // of an answer at most
)

// Sample is the body of the request that is sent. It says what it is, and no API sends one like it.
const Sample = `{"Kivuko":"a test of this callback URL; nothing was paid"}`

// Try tries a URL.
func (p Prober) Try(ctx context.Context, text string) (t Trial) {
	if p.Timeout == 0 {
		p.Timeout = usualTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	u, err := url.Parse(text)
	if reason := Check(text, Rules{}); reason != "" || err != nil {
		t.Error = "it " + reason
		return t
	}
	if err := p.try(ctx, u, &t); err != nil {
		t.Error = explain(err)
	}
	return t
}

func (p Prober) try(ctx context.Context, u *url.URL, t *Trial) (err error) {
	if t.Addresses, err = p.resolve(ctx, u.Hostname()); err != nil {
		return err
	}
	connection, err := p.connect(ctx, u, t)
	if err != nil {
		return err
	}
	defer connection.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := connection.SetDeadline(deadline); err != nil {
			return err
		}
	}
	if u.Scheme == "https" {
		secured, err := p.secure(ctx, connection, u.Hostname(), t)
		if err != nil {
			return fmt.Errorf("TLS: %w", err)
		}
		connection = secured
	}
	return ask(connection, u, t)
}

func (p Prober) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if at, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{at}, nil
	}
	resolver := p.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	list, err := resolver.LookupNetIP(ctx, "ip", host)
	for i := range list {
		list[i] = list[i].Unmap()
	}
	return list, err
}

// connect tries the addresses in their order, each with its share of the time.
func (p Prober) connect(ctx context.Context, u *url.URL, t *Trial) (net.Conn, error) {
	dialer := net.Dialer{Control: p.Control(u.Path)}
	tries := t.Addresses[:min(mostTries, len(t.Addresses))]
	dialer.Timeout = p.Timeout / time.Duration(len(tries)+1)
	var last error
	for _, address := range tries {
		at := netip.AddrPortFrom(address, port(u))
		start := time.Now()
		connection, err := dialer.DialContext(ctx, "tcp", at.String())
		tried := Connection{Address: at, Took: time.Since(start)}
		if err != nil {
			tried.Error, last = explain(err), err
		}
		t.Connections = append(t.Connections, tried)
		if err == nil {
			return connection, nil
		}
	}
	return nil, last
}

// port is the URL's, or its scheme's.
func port(u *url.URL) uint16 {
	n := uint16(0)
	for _, r := range u.Port() {
		n = n*10 + uint16(r-'0')
	}
	switch {
	case u.Port() != "":
		return n
	case u.Scheme == "https":
		return 443
	}
	return 80
}

// ask sends the sample and reads the beginning of the answer.
func ask(connection net.Conn, u *url.URL, t *Trial) error {
	start := time.Now()
	_, err := fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: %d\r\n%s: 1\r\nConnection: close\r\n\r\n%s",
		u.RequestURI(), u.Host, len(Sample), access.CourierHeader, Sample)
	if err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(io.LimitReader(connection, readBytes)), nil)
	if err != nil {
		return fmt.Errorf("the answer can't be read: %w", err)
	}
	defer response.Body.Close()
	answer := &Answer{Status: response.StatusCode, Type: response.Header.Get("Content-Type"), Took: time.Since(start)}
	answer.Text, err = io.ReadAll(io.LimitReader(response.Body, shownBytes+1))
	if len(answer.Text) > shownBytes {
		answer.Text, answer.More = answer.Text[:shownBytes], true
	}
	t.Answer = answer
	if err != nil {
		return fmt.Errorf("the answer's body ended early: %w", err)
	}
	return nil
}

// explain says in a few words what went wrong.
func explain(err error) string {
	var dns *net.DNSError
	own, isOwn := errors.AsType[OwnError](err)
	switch {
	case isOwn:
		return own.Error()
	case errors.Is(err, ErrPrivate):
		return ErrPrivate.Error()
	case errors.As(err, &dns) && dns.IsNotFound:
		return "nobody knows the host " + dns.Name
	case errors.As(err, &dns):
		return "the host " + dns.Name + " could not be looked up: " + dns.Err
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return "nothing came in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused: nothing listens there"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "no way leads there"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "the connection was closed without an answer"
	}
	return strings.ToValidUTF8(err.Error(), "�")
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}
