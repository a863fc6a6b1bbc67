package delivery_test

import (
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/testworld"
)

func TestConnectionIsKeptFromOneCallbackToTheNext(t *testing.T) {
	b, c := newBench(t, settings{}), testworld.Collect(t)
	from := ""
	for i, answer := range []http.HandlerFunc{
		testworld.Status(200), testworld.Status(204), testworld.Status(500), testworld.Redirect("/x"),
		func(w http.ResponseWriter, _ *http.Request) { // without a length
			io.WriteString(w, "{")
			w.(http.Flusher).Flush()
			io.WriteString(w, "}")
		},
		testworld.Status(200),
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
	b, c := newBench(t, settings{}), testworld.Collect(t)
	for i, answer := range []http.HandlerFunc{
		func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") },
		testworld.CloseConnection,
		func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 10<<20)) }, // nobody reads all that
		testworld.Status(200),
	} {
		c.Answer(answer)
		b.over(t, b.owe(t, c.URL, "cancel"))
		c.Next(t)
		c.Answer(testworld.Status(200))
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
			listener.(*net.TCPListener).SetDeadline(time.Now().Add(30 * time.Second))
			url := "http://" + listener.Addr().String()
			for range 3 {
				d := b.owe(t, url, "cancel")
				c, err := listener.Accept()
				if err != nil {
					t.Fatal(err)
				}
				c.SetDeadline(time.Now().Add(30 * time.Second))
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

func TestManyCallbacksAtOnceComeOnceEach(t *testing.T) {
	b, c := newBench(t, settings{}), testworld.Collect(t)
	const callbacks = 500
	owed := map[string]bool{}
	for range callbacks {
		d := b.owe(t, c.URL, "cancel")
		owed[b.Mint.MerchantRequest(d.Payment())] = true
	}
	connections := map[string]bool{}
	for range callbacks {
		r := c.Next(t)
		id := r.Callback(t).MerchantRequestID
		if !owed[id] {
			t.Errorf("the callback about %s came twice, or nobody was owed it", id)
		}
		delete(owed, id)
		connections[r.From] = true
	}
	if len(connections) > 128 {
		t.Errorf("they came over %d connections", len(connections))
	}
}
