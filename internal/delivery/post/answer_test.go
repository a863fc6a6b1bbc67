package post

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestReadAnswer(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for name, c := range map[string]struct {
		answer string
		status int
		keep   bool
		fails  bool
	}{
		"plain":                       {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, true, false},
		"any case of header":          {"HTTP/1.1 200 OK\r\ncontent-LENGTH:2\r\n\r\n{}", 200, true, false},
		"no content":                  {"HTTP/1.1 204 No Content\r\n\r\n", 204, true, false},
		"no reason":                   {"HTTP/1.1 500\r\nContent-Length: 0\r\n\r\n", 500, true, false},
		"told to close":               {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 200, false, false},
		"old version":                 {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, false, false},
		"body to the end":             {"HTTP/1.1 200 OK\r\n\r\nhello", 200, false, false},
		"chunked":                     {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 200, true, false},
		"chunked with a trailer":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n", 200, true, false},
		"chunked without an end":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}", 200, false, false},
		"a body that is too long":     {"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", 200, false, false},
		"a body that is cut":          {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", 200, false, false},
		"after a continue":            {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 201, true, false},
		"a header line over a buffer": {"HTTP/1.1 200 OK\r\nX: " + long + "\r\nContent-Length: 0\r\n\r\n", 200, true, false},
		"nothing":                     {"", 0, false, true},
		"half a header":               {"HTTP/1.1 200 OK\r\nContent-Le", 0, false, true},
		"something else":              {"SSH-2.0-OpenSSH_9.2\r\n\r\n", 0, false, true},
		"an odd status":               {"HTTP/1.1 abc OK\r\n\r\n", 0, false, true},
		"an odd length":               {"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", 0, false, true},
		"a header that is too long":   {"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: "+long[:1000]+"\r\n", 70) + "\r\n", 0, false, true},
		"many short header lines":     {"HTTP/1.1 200 OK\r\n" + strings.Repeat("X\r\n", 30_000) + "\r\n", 0, false, true},
		"a line that is too long":     {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat(long, 20) + "\r\n\r\n", 0, false, true},
		"five interim answers":        {strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 5) + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, true, false},
		"six interim answers":         {strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 6) + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, false, true},
		"long interim answers":        {strings.Repeat("HTTP/1.1 103 Early Hints\r\nX: "+strings.Repeat(long, 3)+"\r\n\r\n", 5) + "HTTP/1.1 200 OK\r\n\r\n", 0, false, true},
		"long trailers":               {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("X: "+long+"\r\n", 20) + "\r\n", 200, false, false},
		"a chunked body that is cut":  {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n" + strings.Repeat("x", maxAnswer) + strings.Repeat("\r\n", maxAnswer/2) + "\r\n0\r\n\r\n", 200, false, false},
		"a longest chunked body":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n" + strings.Repeat("x", maxAnswer-1) + "\r\n0\r\n\r\n", 200, true, false},
		"an end with two returns":     {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\r\n\r\n", 200, false, false},
		"a field with two returns":    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: b\r\r\n\r\n", 200, false, false},
		"a length and a wide space":   {"HTTP/1.1 200 OK\r\nContent-Length: 2\u00a0\r\n\r\n{}", 0, false, true},
		"chunks and a wide space":     {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\u0085\r\n\r\n0\r\n\r\n", 0, false, true},
		"a multiple choice":           {"HTTP/1.1 300 Multiple Choices\r\nContent-Length: 0\r\n\r\n", 300, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			a, keep, err := readAnswer(bufio.NewReaderSize(strings.NewReader(c.answer), 2048), false)
			if (err != nil) != c.fails || !c.fails && (a.Status != c.status || keep != c.keep) {
				t.Errorf("readAnswer = %d, %v, %v; want %d, %v, an error: %v", a.Status, keep, err, c.status, c.keep, c.fails)
			}
		})
	}
}

// FuzzReadAnswer compares with net/http, which is stricter: where both read an answer, they read the same, and a connection is kept only
// where net/http would go on reading at the same byte.
func FuzzReadAnswer(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", true)
	f.Add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", false)
	f.Add("HTTP/1.0 301 Moved\r\nLocation: /\r\nConnection: Close\r\n\r\n", true)
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 0\r\n\r\n{}HTTP/1.1 200 OK\r\n\r\n", true)
	f.Add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\nConnection: keep-alive, close\r\n\r\n0\r\n\r\n", true)
	f.Add("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\nTransfer-Encoding: identity\r\n\r\n", false)
	f.Fuzz(func(t *testing.T, answer string, wanted bool) {
		ours := bufio.NewReaderSize(strings.NewReader(answer), 2048)
		a, keep, err := readAnswer(ours, wanted)
		if err != nil {
			return
		}
		theirs := bufio.NewReader(strings.NewReader(answer))
		for {
			want, err := http.ReadResponse(theirs, &http.Request{Method: http.MethodPost})
			if err != nil {
				if keep {
					t.Fatalf("the connection is kept; net/http reads: %v", err)
				}
				return
			}
			body, err := io.ReadAll(want.Body)
			if want.StatusCode < 200 && want.StatusCode != http.StatusSwitchingProtocols {
				continue
			}
			if want.StatusCode != a.Status {
				t.Fatalf("status %d; net/http reads %d", a.Status, want.StatusCode)
			}
			if wanted && err == nil && want.StatusCode >= 200 && string(a.Body) != string(body) {
				t.Fatalf("body %q; net/http reads %q", a.Body, body)
			}
			if keep {
				rest, _ := io.ReadAll(ours)
				theirRest, _ := io.ReadAll(theirs)
				if err != nil || want.Close || string(rest) != string(theirRest) {
					t.Fatalf("the connection is kept, with %q to come; net/http: %v, close %t, %q", rest, err, want.Close, theirRest)
				}
			}
			return
		}
	})
}

// An answer whose body counts is read to its end, and the connection is kept where that end is certain.
func TestReadAnswerWithItsBody(t *testing.T) {
	long := strings.Repeat("x", maxAnswer)
	for name, c := range map[string]struct {
		answer, body string
		keep, fails  bool
	}{
		"with a length":           {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "{}", true, false},
		"empty":                   {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", true, false},
		"no content":              {"HTTP/1.1 204 No Content\r\n\r\n", "", true, false},
		"told to close":           {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", "{}", false, false},
		"to the end":              {"HTTP/1.1 200 OK\r\n\r\n{}", "{}", false, false},
		"chunked":                 {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", "{}", true, false},
		"chunked with a trailer":  {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nA: b\r\n\r\n", "{}", true, false},
		"as long as it may be":    {"HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n" + long, long, true, false},
		"too long":                {"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n" + long + "x", "", false, true},
		"too long, to the end":    {"HTTP/1.1 200 OK\r\n\r\n" + long + "x", "", false, true},
		"too long, chunked":       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n" + long + "x\r\n0\r\n\r\n", "", false, true},
		"cut":                     {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", "", false, true},
		"cut, chunked":            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}", "", false, true},
		"cut before the trailers": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", "{}", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			a, keep, err := readAnswer(bufio.NewReaderSize(strings.NewReader(c.answer), 2048), true)
			if string(a.Body) != c.body || keep != c.keep || (err != nil) != c.fails {
				t.Errorf("it says %.20q, is kept: %v, %v; want %.20q, %v, an error: %v", a.Body, keep, err, c.body, c.keep, c.fails)
			}
		})
	}
}
