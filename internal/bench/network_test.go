package bench

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// echo answers every line, as soon as it is complete.
type echo struct{ ends []error }

func (e *echo) received(l link, data []byte) (used int, err error) {
	for {
		line, _, found := strings.Cut(string(data[used:]), "\n")
		if !found {
			return used, nil
		}
		used += len(line) + 1
		switch line {
		case "fail":
			return used, errors.New("failed")
		case "close":
			l.close()
			return used, nil
		}
		if err := l.send([]byte(line + "!\n")); err != nil {
			return used, err
		}
	}
}

func (e *echo) lost(_ link, err error) { e.ends = append(e.ends, err) }

// talk connects to an echo, says something, and gives all that it answers.
func talk(t *testing.T, open func() (network, error), say func(net.Conn)) (heard string, e *echo) {
	t.Helper()
	n, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	e = &echo{}
	url, err := listen(n, e)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan string, 1)
	go func() {
		c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			done <- err.Error()
			return
		}
		defer c.Close()
		say(c)
		answer, _ := io.ReadAll(c) // a reset is as good an end as another
		done <- string(answer)
	}()
	for {
		select {
		case heard = <-done:
			return heard, e
		default:
			if err := n.poll(time.Millisecond); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestNetwork(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	for what, c := range map[string]struct {
		say   func(net.Conn)
		heard string
		end   string // "" when the handler closed the connection itself
	}{
		"several at once": {func(c net.Conn) { io.WriteString(c, "a\nb\nclose\n") }, "a!\nb!\n", ""},
		"in pieces": {func(c net.Conn) {
			for _, b := range "abc\nclose\n" {
				io.WriteString(c, string(b))
			}
		}, "abc!\n", ""},
		"long":      {func(c net.Conn) { io.WriteString(c, long+"\nclose\n") }, long + "!\n", ""},
		"end":       {func(c net.Conn) { io.WriteString(c, "a\n"); c.(*net.TCPConn).CloseWrite() }, "a!\n", "EOF"},
		"failure":   {func(c net.Conn) { io.WriteString(c, "a\nfail\n") }, "a!\n", "failed"},
		"too long":  {func(c net.Conn) { io.WriteString(c, strings.Repeat("x", 2*bufferSize)) }, "", errTooLong.Error()},
		"no answer": {func(c net.Conn) { c.(*net.TCPConn).CloseWrite() }, "", "EOF"},
	} {
		for name, open := range networks {
			t.Run(fmt.Sprint(what, " with ", name), func(t *testing.T) {
				heard, e := talk(t, open, c.say)
				if heard != c.heard {
					t.Errorf("heard %.40q, want %.40q", heard, c.heard)
				}
				switch {
				case c.end == "" && len(e.ends) > 0:
					t.Errorf("ended with %v", e.ends)
				case c.end != "" && (len(e.ends) != 1 || e.ends[0].Error() != c.end):
					t.Errorf("ended with %v, want %s", e.ends, c.end)
				}
			})
		}
	}
}
