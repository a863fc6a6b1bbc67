package collector_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/kivuko/kivuko/internal/collector"
)

type noon struct{}

func (noon) Now() time.Time { return time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC) }

func start(heard func(string)) *collector.Collector {
	return collector.New(collector.Options{Clock: noon{}, Heard: heard, Sign: func(text string) []byte {
		sum := sha256.Sum256([]byte("secret" + text))
		return sum[:]
	}})
}

func post(c *collector.Collector, method, box, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, collector.Root+box, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w
}

func TestWhatIsPostedIsShownNewestFirst(t *testing.T) {
	var heard []string
	c := start(func(box string) { heard = append(heard, box) })
	box := c.Box("kivuko-key")
	for _, body := range []string{`{"a":1}`, `{"a":2}`} {
		if w := post(c, http.MethodPost, box, body); w.Code != http.StatusOK || w.Body.String() != `{"ResultCode":0,"ResultDesc":"Accepted"}` {
			t.Errorf("got HTTP %d: %s", w.Code, w.Body)
		}
	}
	list := c.List(box, 0, 10)
	if len(list) != 2 || string(list[0].Body) != `{"a":2}` || string(list[1].Body) != `{"a":1}` || list[0].Type != "application/json" || !list[0].At.Equal(noon{}.Now()) {
		t.Errorf("got %+v", list)
	}
	if newer := c.List(box, list[1].ID, 10); len(newer) != 1 || newer[0].ID != list[0].ID {
		t.Errorf("newer are %+v", newer)
	}
	if first := c.List(box, 0, 1); len(first) != 1 || first[0].ID != list[0].ID {
		t.Errorf("one is %+v", first)
	}
	if other := c.List(c.Box("other"), 0, 10); len(other) != 0 {
		t.Errorf("another box has %+v", other)
	}
	if len(heard) != 2 || heard[0] != box {
		t.Errorf("heard of %q", heard)
	}
}

func TestALongContentTypeIsCut(t *testing.T) {
	c := start(nil)
	r := httptest.NewRequest(http.MethodPost, collector.Root+c.Box("x"), strings.NewReader("{}"))
	r.Header.Set("Content-Type", strings.Repeat("x", 60<<10))
	c.ServeHTTP(httptest.NewRecorder(), r)
	if list := c.List(c.Box("x"), 0, 1); len(list) != 1 || len(list[0].Type) != 100 {
		t.Errorf("%d callbacks", len(list))
	}
}

func TestABoxIsTheSameAfterARestartAndAnotherForEachApp(t *testing.T) {
	a, b := start(nil), start(nil)
	if a.Box("x") != b.Box("x") || a.Box("x") == a.Box("y") || len(a.Box("x")) != 32 {
		t.Errorf("boxes are %q, %q and %q", a.Box("x"), b.Box("x"), a.Box("y"))
	}
}

func TestOnlyBoxesThatWereMadeHereTakeSomething(t *testing.T) {
	c := start(nil)
	box := c.Box("x")
	for _, x := range []struct {
		method, box, body string
		want              int
	}{
		{http.MethodPost, "", "{}", http.StatusNotFound},
		{http.MethodPost, "a", "{}", http.StatusNotFound},
		{http.MethodPost, strings.Repeat("a", 32), "{}", http.StatusNotFound},
		{http.MethodPost, box + "/", "{}", http.StatusNotFound},
		{http.MethodGet, box, "", http.StatusMethodNotAllowed},
		{http.MethodPost, box, strings.Repeat("x", 64<<10+1), http.StatusBadRequest},
	} {
		if w := post(c, x.method, x.box, x.body); w.Code != x.want {
			t.Errorf("%s %q: HTTP %d, want %d", x.method, x.box, w.Code, x.want)
		}
	}
	if list := c.List(box, 0, 10); len(list) != 0 {
		t.Errorf("it has taken %d", len(list))
	}
}

func TestTheOldestAreForgotten(t *testing.T) {
	c := start(nil)
	x, y := c.Box("x"), c.Box("y")
	for i := range 201 {
		post(c, http.MethodPost, x, fmt.Sprint(i))
	}
	if list := c.List(x, 0, 1000); len(list) != 200 || string(list[199].Body) != "1" {
		t.Errorf("%d are remembered, the oldest is %s", len(list), list[len(list)-1].Body)
	}
	body := weak.Make(&c.List(x, 0, 200)[199].Body[0])
	post(c, http.MethodPost, x, "201")
	if runtime.GC(); body.Value() != nil {
		t.Error("what is forgotten stays in memory")
	}
	large := strings.Repeat("x", 64<<10)
	for range 128 {
		post(c, http.MethodPost, y, large)
	}
	if n := len(c.List(x, 0, 1000)); n != 0 {
		t.Errorf("of the older box %d are left", n)
	}
	if n := len(c.List(y, 0, 1000)); n != 128 {
		t.Errorf("of the newer box there are %d", n)
	}
}
