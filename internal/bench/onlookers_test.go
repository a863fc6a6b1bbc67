package bench_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/internal/bench"
	"github.com/kivuko/kivuko/kivukotest"
)

// lookedOn runs a little load against a whole Kivuko while people look at the console.
func lookedOn(t *testing.T, o bench.Options) (r bench.Report, failed error) {
	t.Helper()
	o.URL = kivukotest.Start(t, kivuko.Config{AnswerAfter: time.Millisecond}).URL()
	o.Duration, o.Rate, o.Concurrency, o.Customers, o.JSON = time.Second, 100, 8, 2000, true
	var stdout, stderr bytes.Buffer
	failed = bench.Run(t.Context(), o, &stdout, &stderr)
	if failed != nil && !errors.Is(failed, bench.ErrFailed) {
		t.Fatalf("%v\n%s", failed, &stderr)
	}
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatalf("%v in %s", err, &stdout)
	}
	return r, failed
}

func TestOpenPagesHearOfPayments(t *testing.T) {
	r, err := lookedOn(t, bench.Options{WatchPhones: 2, WatchLogs: 1})
	if err != nil {
		t.Fatal(err, r.Failures)
	}
	if w := r.Watched; w == nil || w.Phones != 2 || w.Logs != 1 || w.Events == 0 || w.Parts == 0 {
		t.Errorf("%+v", w)
	}
}

func TestPagesAreAskedFor(t *testing.T) {
	r, _ := lookedOn(t, bench.Options{Pages: true}) // too short to tell how long they take
	for _, p := range r.Pages {
		if p.Status != http.StatusOK && p.Times > 0 {
			t.Errorf("%s: HTTP %d", p.Path, p.Status)
		}
	}
	if len(r.Pages) < 10 {
		t.Errorf("%d pages", len(r.Pages))
	}
}
