package delivery

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"strconv"
)

const (
	maxHeader = 64 << 10 // bytes of an answer's header
	maxAnswer = 64 << 10 // bytes of an answer's body that are read: for what it says, or to keep the connection
)

var errNotHTTP = errors.New("the answer is not HTTP/1")

// readAnswer reads an answer to a POST. Mostly its status is all that counts, and the rest is read so that the connection can be kept.
// (net/http.ReadResponse builds a map of headers and a body reader for each, for three times the CPU.)
func readAnswer(r *bufio.Reader, wanted bool) (a answer, keep bool, err error) {
	for {
		var h header
		if h, err = readHeader(r); err != nil {
			return a, false, err
		}
		a.status = h.status
		switch {
		case h.status >= 200 && wanted:
			a.body, keep, err = readBody(r, h)
			return a, keep && h.keep, err
		case h.status >= 200:
			return a, h.keep && skipBody(r, h), nil
		case h.status == http.StatusSwitchingProtocols:
			return a, false, nil
		}
	}
}

// readBody reads a body for what it says, and tells whether its end was seen: then the connection can be kept.
func readBody(r *bufio.Reader, h header) (text []byte, ended bool, err error) {
	var body io.Reader = r // up to the connection's end
	switch {
	case h.status == http.StatusNoContent || h.status == http.StatusNotModified:
		return nil, true, nil
	case h.chunked:
		body = httputil.NewChunkedReader(r)
	case h.length >= 0:
		body = io.LimitReader(r, h.length)
	}
	text, err = io.ReadAll(io.LimitReader(body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, false, unexpected(err)
	case len(text) > maxAnswer:
		return nil, false, errors.New("the answer's body is longer than 64 KiB")
	case h.chunked:
		return text, skipTrailers(r), nil
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

func readHeader(r *bufio.Reader) (h header, err error) {
	h = header{length: -1}
	line, err := readLine(r)
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
	for size := len(line); ; size += len(line) {
		if line, err = readLine(r); err != nil {
			return h, unexpected(err)
		}
		if len(line) == 0 {
			return h, nil
		}
		if size > maxHeader {
			return h, errors.New("the answer's header is longer than 64 KiB")
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

// readLine reads a line without its end; of one that is longer than the reader's buffer it keeps the beginning. The line is
// valid until the next read.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line = bytes.Clone(line)
		for size := len(line); errors.Is(err, bufio.ErrBufferFull); {
			var more []byte
			more, err = r.ReadSlice('\n')
			if size += len(more); size > maxHeader {
				return nil, errors.New("a line of the answer's header is longer than 64 KiB")
			}
		}
	}
	if err != nil {
		return nil, err
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

// skipBody reads a body to its end, and tells whether it got there.
func skipBody(r *bufio.Reader, h header) bool {
	switch {
	case h.status == http.StatusNoContent || h.status == http.StatusNotModified:
		return true
	case h.chunked:
		n, err := io.Copy(io.Discard, io.LimitReader(httputil.NewChunkedReader(r), maxAnswer))
		if err != nil || n == maxAnswer {
			return false
		}
		return skipTrailers(r)
	case h.length < 0 || h.length > maxAnswer:
		return false
	default:
		_, err := r.Discard(int(h.length))
		return err == nil
	}
}

// skipTrailers reads what follows a chunked body, up to an empty line, and tells whether it got there.
func skipTrailers(r *bufio.Reader) bool {
	for {
		line, err := readLine(r)
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
