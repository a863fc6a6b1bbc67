package bounds_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/bounds"
)

const most = 16 // connections, in these tests

// site is a server that keeps the bounds.
type site struct {
	address string
	atWork  chan struct{} // has an element for each request for /work
	goOn    chan struct{} // is closed when they may end
}

func newSite(t *testing.T) *site {
	t.Helper()
	system, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{address: system.Addr().String(), atWork: make(chan struct{}, 100), goOn: make(chan struct{})}
	l := bounds.Listen(system, most)
	srv := &http.Server{ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, Handler: http.HandlerFunc(s.serve)}
	l.Configure(srv)
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return s
}

func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/work":
		s.atWork <- struct{}{}
		<-s.goOn
	case "/much":
		for err := error(nil); err == nil; {
			_, err = w.Write(make([]byte, 64<<10))
		}
	case "/unread":
		http.Error(w, strings.Repeat("no ", 4096), http.StatusForbidden)
	default:
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			fmt.Fprint(w, "hello")
		}
	}
}

// dial opens a connection and sends something.
func (s *site) dial(t *testing.T, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

// answered sends a request and tells whether it is answered within a second.
func answered(c net.Conn, request string) error {
	if err := c.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := io.WriteString(c, request); err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

const (
	get  = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
	post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
)

// strangers hold connections without using them: each way to do so.
var strangers = map[string]struct {
	text string // that they send
	drip string // and go on sending
	ask  bool   // text is a request, whose answer they read
}{
	"silent":                             {},
	"a header without an end":            {text: "GET / HTTP/1.1\r\nHost: x\r\n"},
	"a slow header":                      {text: "GET / HTTP/1.1\r\nHost: x\r\nX: ", drip: "a"},
	"no body":                            {text: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n"},
	"a slow body":                        {text: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n", drip: "a"},
	"a slow body in chunks":              {text: "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", drip: "1\r\na\r\n"},
	"a slow body that nobody reads":      {text: "POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n", drip: "a"},
	"a request, and silence":             {text: get, ask: true},
	"a request, and a slow header":       {text: get, ask: true, drip: "a"},
	"a request with a body, and silence": {text: post, ask: true},
	"an answer that isn't read":          {text: "GET /much HTTP/1.1\r\nHost: x\r\n\r\n"},
}

// However strangers hold connections, a client is answered within a second.
func TestStrangersKeepNobodyOut(t *testing.T) {
	for name, x := range strangers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			var held []net.Conn
			for range 3 * most {
				c := s.dial(t, "")
				if x.ask {
					if err := answered(c, x.text); err != nil {
						t.Fatal(err)
					}
				} else if _, err := io.WriteString(c, x.text); err != nil {
					t.Fatal(err)
				}
				held = append(held, c)
			}
			drip := func() {
				for _, c := range held {
					_, _ = io.WriteString(c, x.drip) // some have been closed
				}
			}
			for i := range 3 * most {
				drip()
				began := time.Now()
				c := s.dial(t, "")
				for _, request := range []string{get, post, get} {
					drip()
					if err := answered(c, request); err != nil {
						t.Fatalf("client %d, after %s: %v", i, time.Since(began), err)
					}
				}
				c.Close()
			}
		})
	}
}

// A connection whose request is there is not closed for another one, and those who would be more than are open at once wait.
func TestWhatIsAtWorkIsLeftAlone(t *testing.T) {
	s := newSite(t)
	var working []net.Conn
	for i := range most {
		if text := "GET /work HTTP/1.1\r\nHost: x\r\n\r\n"; i%2 == 0 {
			working = append(working, s.dial(t, text))
		} else {
			working = append(working, s.dial(t, "POST /work HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")) // which nobody reads
		}
		<-s.atWork
	}
	late := s.dial(t, get)
	if err := late.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := late.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Error("one more is answered")
	}
	close(s.goOn)
	for _, c := range append(working, late) {
		if err := answered(c, ""); err != nil {
			t.Error(err)
		}
	}
}

// A client that has asked before keeps its connection while there are others that never asked for anything.
func TestAClientsConnectionOutlastsSilentOnes(t *testing.T) {
	s := newSite(t)
	client := s.dial(t, "")
	for range 10 {
		if err := answered(client, post); err != nil {
			t.Fatal(err)
		}
		for range 2 * most {
			s.dial(t, "")
		}
		if err := answered(s.dial(t, ""), get); err != nil { // when all of them were accepted
			t.Fatal(err)
		}
	}
}

func TestClosingAListenerEndsWaiting(t *testing.T) {
	system, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := bounds.Listen(system, 0) // nobody is let in
	ended := make(chan error)
	go func() {
		_, err := l.Accept()
		ended <- err
	}()
	c, err := net.Dial("tcp", system.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	l.Close()
	l.Close()
	if err := <-ended; err == nil {
		t.Error("it is accepted")
	}
}
