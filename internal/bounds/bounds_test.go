package bounds_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/bounds"
)

// deadlines is an answer that notes until when a client may read.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Time
}

// SetWriteDeadline is for http.ResponseController.
func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.set = append(d.set, t)
	return nil
}

func TestFewLargeBodiesAreReadAtOnce(t *testing.T) {
	const most = 4
	read, goOn := make(chan error), make(chan struct{})
	h := bounds.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		read <- err
		<-goOn
	}), "/mpesa/")
	send := func(size int) {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/x", strings.NewReader(strings.Repeat("x", size))))
	}
	for range most {
		go send(bounds.Small + 1)
		if err := <-read; err != nil {
			t.Fatal(err)
		}
	}
	go send(bounds.Small + 1)
	if err := <-read; !errors.Is(err, bounds.ErrBusy) {
		t.Errorf("one more: %v", err)
	}
	for range 3 * most {
		go send(bounds.Small)
		if err := <-read; err != nil {
			t.Errorf("a small one: %v", err)
		}
	}
	close(goOn)
	deadline := time.Now().Add(5 * time.Second)
	for { // the first have gone, soon
		go send(bounds.Small + 1)
		err := <-read
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after the others: %v", err)
		}
	}
}

func TestAnAnswerHasToBeReadInTime(t *testing.T) {
	for path, want := range map[string]int{"/mpesa/x": 1, "/kivuko/v1/x": 3} { // the latter with each of two writes, and at the end
		d := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		bounds.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "a")
			io.WriteString(w, "b")
		}), "/mpesa/").ServeHTTP(d, httptest.NewRequest("GET", path, nil))
		if len(d.set) != want || d.Body.String() != "ab" {
			t.Errorf("%s: %d deadlines, %q; want %d", path, len(d.set), d.Body, want)
		}
		for _, at := range d.set {
			if left := time.Until(at); left < 20*time.Second || left > time.Minute {
				t.Errorf("%s: %s are left", path, left)
			}
		}
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	system, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := bounds.Listener(system, 2)
	defer l.Close()
	accepted := make(chan net.Conn, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- c
		}
	}()
	for range 3 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first, second := <-accepted, <-accepted
	select {
	case <-accepted:
		t.Error("a third is accepted beside two")
	case <-time.After(50 * time.Millisecond):
	}
	first.Close()
	first.Close() // counts once
	third := <-accepted
	second.Close()
	third.Close()
	l.Close()
	if _, more := <-accepted; more {
		t.Error("another is accepted")
	}
}

func TestThereIsRoomForEverybody(t *testing.T) {
	if clients, couriers := bounds.Clients(), bounds.Couriers(); clients < 100 || couriers < 50 || couriers > clients {
		t.Errorf("%d clients and %d couriers", clients, couriers)
	}
}
