package post

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/kivuko/kivuko/internal/weburl"
)

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

// BodyError is why a body could not be written. Nothing was sent then.
type BodyError struct{ error }

// Explain says in a few words, and on one line, why there was no answer within a time.
func Explain(err error, timeout time.Duration) string { return short(explain(err, timeout)) }

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

// Shortage reports whether a connection could not be made because this machine has run out of something. The server was never asked.
func Shortage(err error) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) { // which has the error of its own connections as text
		return strings.Contains(dns.Err, syscall.EMFILE.Error()) || strings.Contains(dns.Err, syscall.ENFILE.Error())
	}
	for _, short := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		if errors.Is(err, short) {
			return true
		}
	}
	// Without IPv6 none of its addresses can be connected to, and that is the URL's fault; of IPv4 the ports have run out.
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || !errors.Is(err, syscall.EADDRNOTAVAIL) {
		return false
	}
	to, ok := op.Addr.(*net.TCPAddr)
	return ok && to.Port != 0 && to.IP.To4() != nil
}
