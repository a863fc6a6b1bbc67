package main

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
)

// What came from outside can't steer the terminal; a body keeps its lines.
func TestListenPrintsNoEscapeSequences(t *testing.T) {
	r, w := io.Pipe()
	defer r.Close()
	go func() { w.CloseWithError((&listen{Listen: "127.0.0.1:0", Status: 200}).Run(t.Context(), w)) }()
	lines := bufio.NewScanner(r)
	lines.Scan()
	_, at, _ := strings.Cut(lines.Text(), "on ")
	go func() {
		if answer, err := http.Post(at+"/a", "", strings.NewReader("{\"a\":\n\"\x1b]0;PWNED\x07\u009b2J\"}")); err == nil {
			answer.Body.Close()
		}
	}()
	var got []string
	for range 3 {
		lines.Scan()
		got = append(got, lines.Text())
	}
	if !strings.HasSuffix(got[0], " POST /a") || got[1] != `{"a":` || got[2] != `"�]0;PWNED��2J"}` {
		t.Errorf("it printed %q", got)
	}
}
