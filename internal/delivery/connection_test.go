package delivery_test

import (
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/kivukotest"
)

func TestConnectionIsKeptFromOneCallbackToTheNext(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	from := ""
	for i, answer := range []http.HandlerFunc{
		kivukotest.Status(200), kivukotest.Status(204), kivukotest.Status(500), kivukotest.Redirect("/x"),
		func(w http.ResponseWriter, _ *http.Request) { // without a length
			io.WriteString(w, "{")
			w.(http.Flusher).Flush()
			io.WriteString(w, "}")
		},
		kivukotest.Status(200),
	} {
		c.Answer(answer)
		b.over(t, b.owe(t, c.URL+"/"+string(rune('a'+i)), "cancel"))
		r := c.Next(t)
		if from == "" {
			from = r.From
		}
		if r.From != from {
			t.Errorf("callback %d came over another connection", i)
			from = r.From
		}
	}
}

func TestConnectionThatTheServerEndsIsNotUsedAgain(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	for i, answer := range []http.HandlerFunc{
		func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") },
		kivukotest.CloseConnection,
		func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 10<<20)) }, // nobody reads all that
		kivukotest.Status(200),
	} {
		c.Answer(answer)
		b.over(t, b.owe(t, c.URL, "cancel"))
		c.Next(t)
		c.Answer(kivukotest.Status(200))
		if i == 3 {
			break
		}
		want(t, b.over(t, b.owe(t, c.URL, "cancel")), mpesa.Delivered, answered(200))
		c.Next(t)
	}
}

// A server may close a connection that nobody uses, or be started anew, whenever it likes. The callback that comes next is
// attempted once only, so it must not be lost on the old connection.
func TestCallbackIsNotLostOnAConnectionThatHasBeenClosed(t *testing.T) {
	for name, end := range map[string]func(net.Conn){
		"closed":      func(c net.Conn) { c.Close() },
		"half closed": func(c net.Conn) { c.(*net.TCPConn).CloseWrite() },
		"reset":       func(c net.Conn) { c.(*net.TCPConn).SetLinger(0); c.Close() },
		"told to leave": func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")
			c.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, settings{})
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			listener.(*net.TCPListener).SetDeadline(time.Now().Add(5 * time.Second))
			url := "http://" + listener.Addr().String()
			for range 3 {
				d := b.owe(t, url, "cancel")
				c, err := listener.Accept()
				if err != nil {
					t.Fatal(err)
				}
				c.SetDeadline(time.Now().Add(5 * time.Second))
				if _, err := c.Read(make([]byte, 4096)); err != nil {
					t.Fatal(err)
				}
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				want(t, b.over(t, d), mpesa.Delivered, answered(200))
				end(c)
				defer c.Close()
			}
		})
	}
}

// A kept connection may also end while the next callback is on its way. Then it is sent again on a new one, once, and counts as one
// attempt: an API whose policy is a single attempt would lose it otherwise.
func TestCallbackIsSentAgainOnceWhenAKeptConnectionEndsWithoutAnAnswer(t *testing.T) {
	const taken, nothing, half = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", "HTTP/1"
	for name, test := range map[string]struct {
		answers []string // to the second request and those after it, each before the connection ends
		state   mpesa.DeliveryState
		want    mpesa.Attempt
	}{
		"taken on the new one":        {[]string{nothing, taken}, mpesa.Delivered, answered(200)},
		"lost on the new one, too":    {[]string{nothing, nothing}, mpesa.GivenUp, unanswered("the connection was closed without an answer")},
		"a byte of the answer came":   {[]string{half}, mpesa.GivenUp, unanswered("the connection was closed without an answer")},
		"refused on the kept one":     {[]string{"HTTP/1.1 503 Busy\r\n\r\n"}, mpesa.GivenUp, answered(503)},
		"half an answer on the other": {[]string{nothing, half}, mpesa.GivenUp, unanswered("the connection was closed without an answer")},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, settings{})
			s := newScript(t, append([]string{taken}, test.answers...))
			want(t, b.over(t, b.owe(t, s.url, "cancel")), mpesa.Delivered, answered(200))
			want(t, b.over(t, b.owe(t, s.url, "cancel")), test.state, test.want)
			if got := int(s.requests.Load()); got != 1+len(test.answers) {
				t.Errorf("%d requests came; want %d", got, 1+len(test.answers))
			}
		})
	}
}

// script is a server that keeps its first connection after the first answer, and ends each connection after any other.
type script struct {
	url      string
	requests atomic.Int64
}

func newScript(t *testing.T, answers []string) *script {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	s := &script{url: "http://" + listener.Addr().String()}
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			for {
				if _, err := c.Read(make([]byte, 4096)); err != nil {
					break
				}
				n := int(s.requests.Add(1))
				if n > len(answers) {
					break
				}
				io.WriteString(c, answers[n-1])
				if n > 1 {
					break
				}
			}
			c.Close()
		}
	}()
	return s
}

func TestManyCallbacksAtOnceComeOnceEach(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	const callbacks = 500
	expected := map[string]bool{}
	for range callbacks {
		d := b.owe(t, c.URL, "cancel")
		expected[b.Mint.MerchantRequest(d.Payment())] = true
	}
	connections := map[string]bool{}
	for range callbacks {
		r := c.Next(t)
		id := r.Callback(t).MerchantRequestID
		if !expected[id] {
			t.Errorf("the callback about %s came twice, or nobody was to get it", id)
		}
		delete(expected, id)
		connections[r.From] = true
	}
	if len(connections) > 128 {
		t.Errorf("they came over %d connections", len(connections))
	}
}

// What a server says unasked belongs to no request, and must not be read as the answer to the next one.
func TestBytesThatCameUnaskedAreNotTheNextAnswer(t *testing.T) {
	b := newBench(t, settings{})
	const taken = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	s := newScript(t, []string{taken + taken, "HTTP/1.1 500 Failed\r\nContent-Length: 0\r\n\r\n"})
	want(t, b.over(t, b.owe(t, s.url, "cancel")), mpesa.Delivered, answered(200))
	want(t, b.over(t, b.owe(t, s.url, "cancel")), mpesa.GivenUp, answered(500))
}
