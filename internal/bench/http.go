package bench

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// The generator shares the machine with the server that it measures, so it reads HTTP/1.1 by hand: only what a server or a
// client of Go's, or one that keeps to Content-Length, sends.

var (
	endOfHead     = []byte("\r\n\r\n")
	contentLength = []byte("\r\nContent-Length: ")
)

// message is one request or response. Its slices point into the buffer that it was cut from.
type message struct {
	start []byte // the first line, without its end
	body  []byte
}

// cut takes a message off the front of data; n is its length, 0 as long as it is not complete.
func cut(data []byte) (m message, n int, err error) {
	end := bytes.Index(data, endOfHead)
	if end < 0 {
		return message{}, 0, nil
	}
	head := data[:end]
	length, err := bodyLength(head)
	if err != nil {
		return message{}, 0, err
	}
	from := end + len(endOfHead)
	if len(data)-from < length {
		return message{}, 0, nil
	}
	m.start, _, _ = bytes.Cut(head, endOfHead[:2])
	m.body = data[from : from+length]
	return m, from + length, nil
}

// bodyLength is what the head's Content-Length says, or 0 when there is none.
func bodyLength(head []byte) (int, error) {
	var digits []byte
	if at := bytes.Index(head, contentLength); at >= 0 {
		digits, _, _ = bytes.Cut(head[at+len(contentLength):], endOfHead[:2])
	} else {
		for line := range bytes.SplitSeq(head, endOfHead[:2]) {
			name, value, _ := bytes.Cut(line, []byte(":"))
			switch {
			case bytes.EqualFold(name, []byte("Content-Length")):
				digits = value
			case bytes.EqualFold(name, []byte("Transfer-Encoding")):
				return 0, fmt.Errorf("Transfer-Encoding %s, and bench reads Content-Length only", bytes.TrimSpace(value))
			}
		}
		if digits == nil {
			return 0, nil
		}
	}
	length, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 10, 31)
	if err != nil {
		return 0, fmt.Errorf("Content-Length: %w", err)
	}
	return int(length), nil
}

// status is the status code of a response.
func (m message) status() (int, error) {
	const from, to = len("HTTP/1.1 "), len("HTTP/1.1 200")
	if len(m.start) < to || !bytes.HasPrefix(m.start, []byte("HTTP/1.")) {
		return 0, fmt.Errorf("not an HTTP response: %.40q", m.start)
	}
	return strconv.Atoi(string(m.start[from:to]))
}

var errNotRequest = errors.New("not an HTTP request")

// path is the path of a request.
func (m message) path() ([]byte, error) {
	_, rest, found := bytes.Cut(m.start, []byte(" "))
	path, _, more := bytes.Cut(rest, []byte(" "))
	if !found || !more {
		return nil, errNotRequest
	}
	return path, nil
}

// value is the value of the first field of this name, which is given with its quotes: a string without its quotes or a number
// as it is written; empty when there is neither. It knows no escapes; the ids and codes it is for have none.
func value(json []byte, field string) []byte {
	at := bytes.Index(json, []byte(field))
	if at < 0 {
		return nil
	}
	rest := bytes.TrimLeft(json[at+len(field):], " \t\r\n")
	if len(rest) == 0 || rest[0] != ':' {
		return nil
	}
	rest = bytes.TrimLeft(rest[1:], " \t\r\n")
	if len(rest) > 0 && rest[0] == '"' {
		text, _, closed := bytes.Cut(rest[1:], []byte{'"'})
		if !closed {
			return nil
		}
		return text
	}
	end := 0
	for end < len(rest) && (rest[end] >= '0' && rest[end] <= '9' || rest[end] == '-') {
		end++
	}
	return rest[:end]
}
