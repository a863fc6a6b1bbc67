package delivery

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"strconv"
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
	return bytes.TrimRight(line, "\r\n"), nil
}

// readAnswer reads an answer to a POST. Mostly its status is all that counts, and the rest is read so that the connection can be kept.
// (net/http.ReadResponse builds a map of headers and a body reader for each, for three times the CPU.)
func readAnswer(r *bufio.Reader, wanted bool) (a answer, keep bool, err error) {
	l := lines{Reader: r}
	for range maxInterim + 1 {
		var h header
		if h, err = l.header(); err != nil {
			return a, false, err
		}
		a.status = h.status
		switch {
		case h.status >= 200 && wanted:
			a.body, keep, err = l.body(h)
			return a, keep && h.keep, err
		case h.status >= 200:
			return a, h.keep && l.skipBody(h), nil
		case h.status == http.StatusSwitchingProtocols:
			return a, false, nil
		}
	}
	return answer{}, false, fmt.Errorf("there were more than %d interim answers, and no final one", maxInterim)
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
}

func (l *lines) header() (h header, err error) {
	h = header{length: -1}
	line, err := l.next()
	if err != nil {
		return h, err
	}
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		return h, errNotHTTP
	}
	h.keep = line[7] == '1'
	if h.status, err = strconv.Atoi(string(line[9:12])); err != nil || h.status < 100 {
		return h, errNotHTTP
	}
	for {
		if line, err = l.next(); err != nil || len(line) == 0 {
			return h, err
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if h.length, err = strconv.ParseInt(string(value), 10, 64); err != nil || h.length < 0 {
				return h, errNotHTTP
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			h.chunked = true
		case bytes.EqualFold(name, []byte("Connection")):
			h.keep = h.keep && !bytes.EqualFold(value, []byte("close"))
		}
	}
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
	}
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
