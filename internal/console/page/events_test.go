package page_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
)

// listen opens the stream of some topics, and gives what comes line by line.
func listen(t *testing.T, y *yard, query string) <-chan string {
	t.Helper()
	server := httptest.NewServer(y)
	t.Cleanup(server.Close)
	t.Cleanup(func() { lifecycletest.Stop(t, y.hub) }) // ends the stream, for which the server waits
	resp, err := http.Get(server.URL + "/events?" + query)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if media := resp.Header.Get("Content-Type"); media != "text/event-stream" {
		t.Fatalf("it is %s", media)
	}
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			if text := s.Text(); text != "" {
				lines <- text
			}
		}
	}()
	return lines
}

func next(t *testing.T, lines <-chan string) string {
	t.Helper()
	select {
	case line := <-lines:
		return line
	case <-time.After(5 * time.Second):
		t.Fatal("nothing comes")
		return ""
	}
}

func TestEventsTellOfTopics(t *testing.T) {
	y := newYard(t, "", paying)
	lines := listen(t, y, "topic=phone:1&topic=journal")
	for _, want := range []string{"retry: 1000", "event: ready", "data:"} {
		if got := next(t, lines); got != want {
			t.Errorf("it begins with %q; want %q", got, want)
		}
	}
	y.hub.Publish("phone:2")
	y.hub.Publish("phone:1")
	if got := next(t, lines); got != "data: phone:1" {
		t.Errorf("then comes %q", got)
	}
	lifecycletest.Stop(t, y.hub)
	if line, more := <-lines; more {
		t.Errorf("after the end comes %q", line)
	}
}

func TestManyEventsOfATopicAreFew(t *testing.T) {
	y := newYard(t, "", paying)
	lines := listen(t, y, "topic=journal")
	for range 3 {
		next(t, lines)
	}
	start := time.Now()
	for time.Since(start) < 300*time.Millisecond {
		y.hub.Publish("journal")
	}
	took := time.Since(start)
	lifecycletest.Stop(t, y.hub)
	var got []string
	for line := range lines {
		got = append(got, line)
	}
	if most := int(took/(125*time.Millisecond)) + 2; len(got) < 1 || len(got) > most || slices.ContainsFunc(got, func(s string) bool { return s != "data: journal" }) {
		t.Errorf("%d come in %s, %q; want at most %d", len(got), took, got, most)
	}
}

func TestTopicsAreBounded(t *testing.T) {
	y := newYard(t, "", paying)
	for _, query := range []string{"", "?topic=" + strings.Repeat("&topic=a", 256)} {
		has(t, ask(y, "GET", "/events"+query, ""), http.StatusBadRequest, "name 1 to 256 topics")
	}
}

// A stream ends with the session that it was opened in, even when there is no news: what is opened in its place is refused, and the page
// is led to the sign-in.
func TestAStreamEndsWithItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newYard(t, "bahari", paying)
		defer lifecycletest.Stop(t, y.hub)
		cookie := ask(y, "POST", "/sign-in", "password=bahari").Result().Cookies()[0].String()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			ask(y, "GET", "/events?topic=journal", "", "Cookie", cookie)
		}()
		time.Sleep(time.Minute)
		select {
		case <-ended:
			t.Fatal("it ended before that")
		default:
		}
		ask(y, "POST", "/sign-out", "", "Cookie", cookie)
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Error("it goes on after the sign-out")
		}
	})
}

// After a sign-out not even the next news is told.
func TestNewsIsNotToldAfterTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := newYard(t, "bahari", paying)
		defer lifecycletest.Stop(t, y.hub)
		cookie := ask(y, "POST", "/sign-in", "password=bahari").Result().Cookies()[0].String()
		told := make(chan string, 1)
		go func() { told <- ask(y, "GET", "/events?topic=journal", "", "Cookie", cookie).Body.String() }()
		synctest.Wait()
		ask(y, "POST", "/sign-out", "", "Cookie", cookie)
		y.hub.Publish("journal")
		select {
		case text := <-told:
			if strings.Contains(text, "data: journal") {
				t.Errorf("it was told: %q", text)
			}
		case <-time.After(time.Second):
			t.Error("the stream goes on with news after the sign-out")
		}
	})
}
