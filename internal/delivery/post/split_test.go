package post

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/weburl"
)

// FuzzNoSplitting looks for a URL that is accepted and with which the request that is sent to it is read as another one, or as two.
func FuzzNoSplitting(f *testing.F) {
	for _, u := range []string{"http://a", "http://127.0.0.1:8080/callback?x=1#y", "https://[::1]:8443/a%0d%0aHost:%20b", "http://a/?x=1 HTTP/1.1", "http://a/\r\nX: y", "http://a/%", "http://a?b", "http:a",
		"http://[fe80::1%25a%0d%0ab]/", "http://u:p@a/", "http://a/%20HTTP/1.1%0d%0a", "http://ä.example/ö?ü", "http://a:/x", "http://a//b", "http://a/\u2028", "http://a/\x7f", "http://a\\b/", "http://a/;b?%zz"} {
		f.Add(u)
	}
	const body = `{"a":1}`
	f.Fuzz(func(t *testing.T, text string) {
		if weburl.Check(text, weburl.Rules{}) != "" {
			return
		}
		c := New(nil)
		c.body = []byte(body)
		if err := c.aim(text); err != nil {
			t.Fatalf("%q is accepted, and then: %v", text, err)
		}
		c.write(Message{URL: text, Shortcode: 174379})
		line, _, _ := bytes.Cut(c.out, []byte("\r\n"))
		parts := strings.Split(string(line), " ")
		if len(parts) != 3 || slices.ContainsFunc(line, func(b byte) bool { return b < ' ' || b == 0x7f }) {
			t.Errorf("of %q the request line is %q", text, line)
		}
		r := bufio.NewReader(bytes.NewReader(c.out))
		got, err := http.ReadRequest(r)
		if err != nil {
			t.Fatalf("of %q there is %q: %v", text, c.out, err)
		}
		sent, err := io.ReadAll(got.Body)
		if err != nil || string(sent) != body || got.Method != http.MethodPost || got.Host != c.url.Host || got.RequestURI != c.url.RequestURI() || len(got.Header) != 4 {
			t.Errorf("of %q there is %q: %+v, %v", text, c.out, got, err)
		}
		if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
			t.Errorf("of %q there is another request: %q", text, rest)
		}
	})
}
