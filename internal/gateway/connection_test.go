package gateway_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
)

// wire is a connection that requests are written to byte by byte.
type wire struct {
	*net.TCPConn
	read *bufio.Reader
}

func (b *bench) dial(t *testing.T, change func(*http.Server)) *wire {
	t.Helper()
	server := httptest.NewUnstartedServer(b.gateway)
	change(server.Config)
	server.Start()
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		server.Close()
	})
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &wire{c.(*net.TCPConn), bufio.NewReader(c)}
}

func usual(*http.Server) {}

// head is a request up to its body.
func (b *bench) head(t *testing.T, length int, more string) string {
	t.Helper()
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: kivuko\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n",
		testworld.PushPath, b.Token(t), length, more)
}

func (w *wire) write(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

// answer reads an answer.
func (w *wire) answer(t *testing.T) testworld.Answer {
	t.Helper()
	response, err := http.ReadResponse(w.read, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return testworld.NewAnswer(response.StatusCode, response.Header, body)
}

// accepted wants an acknowledged push, of which there is exactly one.
func (b *bench) accepted(t *testing.T, a testworld.Answer) {
	t.Helper()
	id, ok := b.Mint.ParseMerchantRequest(a.Text("MerchantRequestID"))
	if a.Status != 200 || !ok {
		t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	if p, err := store.Get(t.Context(), b.Store, mpesa.Payments, id); err != nil || p == nil || p.State != mpesa.Prompting {
		t.Errorf("acknowledged payment %d is %+v, %v", id, p, err)
	}
	if books := b.Books(t); books.Open != 1 {
		t.Errorf("%d prompts are open", books.Open)
	}
}

func TestSlowRequestIsServed(t *testing.T) {
	b := newBench(t)
	w := b.dial(t, usual)
	if err := w.SetNoDelay(true); err != nil {
		t.Fatal(err)
	}
	body := valid(t, b)
	for _, part := range strings.SplitAfter(b.head(t, len(body), "")+string(body), ",") {
		w.write(t, part)
	}
	b.accepted(t, w.answer(t))
}

// Some clients close their half of the connection once they have asked. What they asked for is still wanted.
func TestHalfClosedConnectionGetsItsAnswer(t *testing.T) {
	b := newBench(t)
	body := valid(t, b)
	w := b.dial(t, usual)
	w.write(t, b.head(t, len(body), "")+string(body))
	if err := w.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	b.accepted(t, w.answer(t))
}

func TestConnectionThatClosesInTheMiddleOfTheBody(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	body := valid(t, b)
	w := b.dial(t, usual)
	w.write(t, b.head(t, len(body), "")+string(body[:len(body)-1]))
	if err := w.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	b.refused(t, w.answer(t), codes.BadPayload, fmt.Sprint(len(body)-1), fmt.Sprint(len(body)))
}

func TestConnectionThatClosesBeforeTheBody(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	w := b.dial(t, usual)
	w.write(t, b.head(t, 100, ""))
	if err := w.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	b.refused(t, w.answer(t), codes.BadPayload, "0 of 100")
}

func TestBodyThatNeverComesIsGivenUp(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	w := b.dial(t, func(s *http.Server) { s.ReadTimeout = 50 * time.Millisecond })
	body := valid(t, b)
	w.write(t, b.head(t, len(body), "")+string(body[:10]))
	if response, err := http.ReadResponse(w.read, nil); err == nil { // the server may also just close
		text, _ := io.ReadAll(response.Body)
		if response.StatusCode != 400 && response.StatusCode != 408 {
			t.Errorf("HTTP %d %s", response.StatusCode, text)
		}
	}
}

func TestConnectionServesOneRequestAfterTheOther(t *testing.T) {
	b := newBench(t)
	w := b.dial(t, usual)
	body := valid(t, b)
	bad := bytes.Replace(body, []byte(`"10"`), []byte(`"-1"`), 1)
	w.write(t, b.head(t, len(bad), "")+string(bad)+b.head(t, len(body), "")+string(body)+b.head(t, 2, "")+"{}") // all at once
	if a := w.answer(t); a.Message() != "Bad Request - Invalid Amount" {
		t.Errorf("first: HTTP %d %s", a.Status, a.Body)
	}
	b.accepted(t, w.answer(t))
	if a := w.answer(t); a.Message() != "Bad Request - Invalid BusinessShortCode" {
		t.Errorf("third: HTTP %d %s", a.Status, a.Body)
	}
}

func TestContinueIsSentBeforeTheBodyIsExpected(t *testing.T) {
	b := newBench(t)
	w := b.dial(t, usual)
	body := valid(t, b)
	w.write(t, b.head(t, len(body), "Expect: 100-continue\r\n"))
	line, err := w.read.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		t.Fatalf("%q, %v", line, err)
	}
	if _, err := w.read.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	w.write(t, string(body))
	b.accepted(t, w.answer(t))
}

// A body that is too long is refused without being read: the refusal comes while the body is still under way.
func TestTooLongBodyIsRefusedUnread(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	w := b.dial(t, usual)
	w.write(t, b.head(t, 1<<40, "")+"{")
	b.refused(t, w.answer(t), codes.BadPayload, "1099511627776")
}
