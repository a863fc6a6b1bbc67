package bounds_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kivuko/kivuko/internal/bounds"
)

// deadlines is a connection that notes until when its client may read.
type deadlines struct {
	net.Conn
	set []time.Time
}

func (d *deadlines) Write(p []byte) (int, error) { return len(p), nil }

func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.set = append(d.set, t)
	return nil
}

// one is a listener that accepts one connection.
type one struct {
	net.Listener
	conn net.Conn
}

func (l one) Accept() (net.Conn, error) { return l.conn, nil }

func TestFewLargeBodiesAreReadAtOnce(t *testing.T) {
	const most = 4
	read, goOn := make(chan error), make(chan struct{})
	h := bounds.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		read <- err
		<-goOn
	}))
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
	synctest.Test(t, func(t *testing.T) {
		d := new(deadlines)
		c, err := bounds.Listen(one{conn: d}, 1).Accept()
		if err != nil {
			t.Fatal(err)
		}
		for _, later := range []time.Duration{0, time.Millisecond, 3 * time.Second, 2 * time.Second, 29 * time.Second, time.Hour} {
			time.Sleep(later)
			if n, err := c.Write([]byte("ab")); n != 2 || err != nil {
				t.Fatal(n, err)
			}
			if left := time.Until(d.set[len(d.set)-1]); left < 25*time.Second || left > 30*time.Second {
				t.Errorf("%s are left", left)
			}
		}
		if len(d.set) != 4 {
			t.Errorf("the deadline was set %d times; want 4: most of the first's time was left for the next two", len(d.set))
		}
	})
}

// A client that goes on asking and reads no answer is hung up on, since the system's buffers end.
func TestWhoReadsNothingIsHungUpOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		c, err := bounds.Listen(one{conn: ours}, 1).Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte("ab")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("writing: %v", err)
		}
	})
}

func TestThereIsRoomForEverybody(t *testing.T) {
	if clients, deliveries := bounds.Clients(), bounds.Deliveries(); clients < 100 || deliveries < 50 || deliveries > clients {
		t.Errorf("%d clients and %d deliveries", clients, deliveries)
	}
}
