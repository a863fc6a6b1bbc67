package bench

import (
	"strings"
	"testing"
)

func TestCut(t *testing.T) {
	for name, c := range map[string]struct {
		data        string
		start, body string
		rest        string
		err         string
	}{
		"Go's":          {data: "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 2\r\n\r\n{}", start: "HTTP/1.1 200 OK", body: "{}"},
		"two":           {data: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP", start: "HTTP/1.1 200 OK", body: "{}", rest: "HTTP"},
		"lower case":    {data: "POST /600000 HTTP/1.1\r\nhost: h\r\ncontent-length:3\r\n\r\n[1]", start: "POST /600000 HTTP/1.1", body: "[1]"},
		"no body":       {data: "HTTP/1.1 204 No Content\r\nDate: now\r\n\r\nX", start: "HTTP/1.1 204 No Content", rest: "X"},
		"no fields":     {data: "HTTP/1.1 204 No Content\r\n\r\n", start: "HTTP/1.1 204 No Content"},
		"half a head":   {data: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", rest: "all"},
		"half a body":   {data: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", rest: "all"},
		"chunked":       {data: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", err: "Transfer-Encoding chunked"},
		"no length":     {data: "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", err: "Content-Length"},
		"negative":      {data: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", err: "Content-Length"},
		"beyond an int": {data: "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", err: "Content-Length"},
	} {
		t.Run(name, func(t *testing.T) {
			m, n, err := cut([]byte(c.data))
			switch {
			case c.err != "":
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v", err)
				}
			case err != nil:
				t.Error(err)
			case c.rest == "all":
				if n != 0 {
					t.Errorf("took %d bytes of an incomplete message", n)
				}
			case string(m.start) != c.start || string(m.body) != c.body || c.data[n:] != c.rest:
				t.Errorf("start %q, body %q, rest %q", m.start, m.body, c.data[n:])
			}
		})
	}
}

func FuzzCut(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
	f.Add([]byte("POST / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, n, err := cut(data)
		if n < 0 || n > len(data) || err != nil && n != 0 || len(m.start)+len(m.body) > n {
			t.Errorf("took %d of %d bytes: start %q, body %q, %v", n, len(data), m.start, m.body, err)
		}
		m.status()
		m.path()
		value(data, `"a"`)
	})
}

func TestStatusAndPath(t *testing.T) {
	for start, want := range map[string]int{"HTTP/1.1 200 OK": 200, "HTTP/1.0 500": 500, "HTTP/1.1 20": 0, "HTTP/1.1 abc": 0, "nonsense": 0, "": 0} {
		if got, err := (message{start: []byte(start)}).status(); got != want || (err == nil) != (want > 0) {
			t.Errorf("status of %q is %d, %v", start, got, err)
		}
	}
	for start, want := range map[string]string{"POST /600000 HTTP/1.1": "/600000", "POST /600000": "", "POST": "", "": ""} {
		if got, err := (message{start: []byte(start)}).path(); string(got) != want || (err == nil) != (want != "") {
			t.Errorf("path of %q is %q, %v", start, got, err)
		}
	}
}

func TestValue(t *testing.T) {
	for json, want := range map[string]string{
		`{"ResultCode":0,"ResultDesc":"."}`:          "0",
		`{"ResultCode" : 1037}`:                      "1037",
		"{\"ResultCode\":\n\t\"SFC_IC0003\"}":        "SFC_IC0003",
		`{"Body":{"stkCallback":{"ResultCode":-1}}}`: "-1",
		`{"ResultCode":""}`:                          "",
		`{"ResultCode":"0`:                           "",
		`{"ResultCode":`:                             "",
		`{"ResultCode"`:                              "",
		`{"ResultCode":null}`:                        "",
		`{"ResultDesc":"."}`:                         "",
		``:                                           "",
	} {
		if got := value([]byte(json), `"ResultCode"`); string(got) != want {
			t.Errorf("value of %s is %q, want %q", json, got, want)
		}
	}
}
