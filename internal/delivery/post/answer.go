package post

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"
)

const (
	maxHeader  = 64 << 10 // bytes of an answer's header, with those of interim answers before it and of trailers after it
	maxAnswer  = 64 << 10 // bytes of an answer's body that are read: for what it says, or to keep the connection
	maxInterim = 5        // interim answers (100 to 199) before the final one, as net/http's client takes
)

var errNotHTTP = errors.New("the answer is not HTTP/1")

var errLongHeader = errors.New("the answer's header is longer than 64 KiB")

// lines reads the lines of an answer's headers and trailers, all together no more than maxHeader bytes.
type lines struct {
	*bufio.Reader
	read int // bytes
}

// next returns a line without its end; of one that is longer than the reader's buffer only the beginning. It is valid until the next
// read.
func (l *lines) next() ([]byte, error) {
	line, err := l.ReadSlice('\n')
	l.read += len(line)
	if errors.Is(err, bufio.ErrBufferFull) {
		line = bytes.Clone(line)
		for errors.Is(err, bufio.ErrBufferFull) && l.read <= maxHeader {
			var more []byte
			more, err = l.ReadSlice('\n')
			l.read += len(more)
		}
	}
	switch {
	case l.read > maxHeader:
		return nil, errLongHeader
	case err != nil && l.read == 0:
		return nil, unansweredBy(err)
	case err != nil:
		return nil, unexpected(err)
	}
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), nil
}

// readAnswer reads an answer to a POST. Mostly its status is all that counts, and the rest is read so that the connection can be kept.
// (net/http.ReadResponse builds a map of headers and a body reader for each, for three times the CPU.)
func readAnswer(r *bufio.Reader, wanted bool) (a Answer, keep bool, err error) {
	l, sound := lines{Reader: r}, true
	for range maxInterim + 1 {
		var h header
		if h, err = l.header(); err != nil {
			return a, false, err
		}
		a.Status, sound = h.status, sound && h.keep
		switch {
		case h.status >= 200 && wanted:
			a.Body, keep, err = l.body(h)
			return a, keep && sound, err
		case h.status >= 200:
			return a, sound && l.skipBody(h), nil
		case h.status == http.StatusSwitchingProtocols:
			return a, false, nil
		}
	}
	return Answer{}, false, fmt.Errorf("there were more than %d interim answers, and no final one", maxInterim)
}

// body reads a body for what it says, and tells whether its end was seen: then the connection can be kept.
func (l *lines) body(h header) (text []byte, ended bool, err error) {
	var body io.Reader = l.Reader // up to the connection's end
	switch {
	case h.status == http.StatusNoContent || h.status == http.StatusNotModified:
		return nil, true, nil
	case h.chunked:
		body = httputil.NewChunkedReader(l.Reader)
	case h.length >= 0:
		body = io.LimitReader(l.Reader, h.length)
	}
	text, err = io.ReadAll(io.LimitReader(body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, false, unexpected(err)
	case len(text) > maxAnswer:
		return nil, false, errors.New("the answer's body is longer than 64 KiB")
	case h.chunked:
		return text, l.skipTrailers(), nil
	case h.length > int64(len(text)):
		return nil, false, io.ErrUnexpectedEOF
	}
	return text, h.length >= 0, nil
}

// header is what matters of an answer's header.
type header struct {
	status  int
	length  int64 // -1: not given
	chunked bool
	keep    bool
	old     bool // HTTP/1.0, which knows no chunks
}

// header reads a header. A connection is not kept after one that others could read in another way: what follows would be taken for the answer
// to the next callback.
func (l *lines) header() (h header, err error) {
	line, err := l.next()
	if err != nil {
		return h, err
	}
	if h, err = statusLine(line); err != nil {
		return h, err
	}
	for {
		if line, err = l.next(); err != nil || len(line) == 0 {
			h.keep = h.keep && !(h.chunked && h.length >= 0)
			return h, err
		}
		name, value, ok := splitField(line)
		if !ok {
			h.keep = false
			continue
		}
		if err = h.field(name, value); err != nil {
			return h, err
		}
	}
}

// statusLine reads the first line of an answer, such as "HTTP/1.1 200 OK".
func statusLine(line []byte) (h header, err error) {
	h = header{length: -1}
	const least = len("HTTP/1.1 200")
	if len(line) < least || len(line) > least && line[least] != ' ' {
		return h, errNotHTTP
	}
	switch string(line[:9]) {
	case "HTTP/1.1 ":
		h.keep = true
	case "HTTP/1.0 ":
		h.old = true
	default:
		return h, errNotHTTP
	}
	status, err := strconv.ParseUint(string(line[9:least]), 10, 16)
	if err != nil || status < 100 {
		return h, errNotHTTP
	}
	h.status = int(status)
	return h, nil
}

// splitField separates a line at its colon, and tells whether it is a field as it should be (RFC 9110 §5).
func splitField(line []byte) (name, value []byte, ok bool) {
	name, value, ok = bytes.Cut(line, []byte(":"))
	return name, bytes.Trim(value, " \t"), ok && isName(name) && !bytes.ContainsFunc(value, isControl)
}

// isName reports whether a text may be the name of a field (RFC 9110 §5.6.2).
func isName(text []byte) bool {
	for _, c := range text {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return len(text) > 0
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// field takes a field of the header, where it matters.
func (h *header) field(name, value []byte) error {
	switch {
	case bytes.EqualFold(name, []byte("Content-Length")):
		length, err := strconv.ParseUint(string(value), 10, 63)
		if err != nil || h.length >= 0 && h.length != int64(length) {
			return errNotHTTP
		}
		h.length = int64(length)
	case bytes.EqualFold(name, []byte("Transfer-Encoding")) && !h.old:
		if h.chunked || !bytes.EqualFold(value, []byte("chunked")) {
			return errNotHTTP
		}
		h.chunked = true
	case bytes.EqualFold(name, []byte("Connection")):
		for option := range bytes.SplitSeq(value, []byte(",")) {
			h.keep = h.keep && !bytes.EqualFold(bytes.TrimSpace(option), []byte("close"))
		}
	}
	return nil
}

// skipBody reads a body to its end, and tells whether it got there.
func (l *lines) skipBody(h header) bool {
	switch {
	case h.status == http.StatusNoContent || h.status == http.StatusNotModified:
		return true
	case h.chunked:
		n, err := io.Copy(io.Discard, io.LimitReader(httputil.NewChunkedReader(l.Reader), maxAnswer))
		if err != nil || n == maxAnswer {
			return false
		}
		return l.skipTrailers()
	case h.length < 0 || h.length > maxAnswer:
		return false
	default:
		_, err := l.Discard(int(h.length))
		return err == nil
	}
}

// skipTrailers reads what follows a chunked body, up to an empty line, and tells whether it got there.
func (l *lines) skipTrailers() bool {
	for {
		line, err := l.next()
		if err != nil || len(line) == 0 {
			return err == nil
		}
		if _, _, ok := splitField(line); !ok {
			return false
		}
	}
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
