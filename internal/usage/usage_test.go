package usage

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/journal"
)

var noon = time.Date(2026, time.November, 20, 12, 0, 30, 0, time.UTC)

func TestRequestsAreCountedByAppAndAPI(t *testing.T) {
	u := New()
	for range 3 {
		u.Note(journal.Entry{At: noon, App: "shop", API: codes.APIExpress, Status: 200, Took: time.Millisecond})
	}
	u.Note(journal.Entry{At: noon.Add(-time.Minute), App: "shop", API: codes.APIB2C, Status: 500, Code: "500.002.1001", Took: 100 * time.Millisecond})
	u.Note(journal.Entry{At: noon, App: "another", API: codes.APIExpress, Status: 200})
	u.Note(journal.Entry{At: noon.Add(-time.Hour), App: "shop", API: codes.APIExpress, Status: 200})
	r := u.Of("shop", noon, 60, 1)
	if r.Total.Requests != 4 || r.Total.Refused != 1 || len(r.APIs) != 2 || r.APIs[0].API != codes.APIB2C || r.APIs[0].Errors["500.002.1001"] != 1 || r.APIs[1].Requests != 3 {
		t.Errorf("the report is %+v", r)
	}
	if len(r.Points) != 60 || r.Points[59].Requests != 3 || r.Points[58].Refused != 1 || !r.From.Equal(noon.Truncate(time.Minute).Add(-59*time.Minute)) {
		t.Errorf("the points are %+v from %v", r.Points, r.From)
	}
	if got := u.Of("shop", noon, 120, 2); got.Total.Requests != 5 || len(got.Points) != 60 {
		t.Errorf("two hours have %+v in %d points", got.Total, len(got.Points))
	}
}

func TestResultsAreCountedForWhoeverBroughtThePayment(t *testing.T) {
	u := New()
	at := minuteOf(noon.UnixMilli())
	u.Note(journal.Entry{At: noon, App: "shop", API: codes.APIExpress, Status: 200, Payment: 7})
	u.Note(journal.Entry{At: noon, App: "nosy", API: codes.APIQuery, Status: 200, Payment: 7})
	u.end(7, "1032", at)
	u.end(7, "1032", at) // a payment ends once
	u.end(8, "0", at)    // before its request is counted
	u.Note(journal.Entry{At: noon, App: "shop", API: codes.APIExpress, Status: 200, Payment: 8})
	u.end(9, "0", at) // nobody's
	if diff := cmp.Diff(map[string]int64{"1032": 1, "0": 1}, u.Of("shop", noon, 60, 1).Total.Results); diff != "" {
		t.Error(diff)
	}
	if got := u.Of("nosy", noon, 60, 1).Total; len(got.Results) != 0 || got.Requests != 1 {
		t.Errorf("the app that asked has %+v", got)
	}
}

func TestMinutesAreForgotten(t *testing.T) {
	u := New()
	u.Note(journal.Entry{At: noon, App: "shop", Status: 200})
	u.Note(journal.Entry{At: noon.Add(Kept * time.Minute), App: "shop", Status: 200})
	if got := u.Of("shop", noon.Add(Kept*time.Minute), Kept, 6); got.Total.Requests != 1 || got.Points[59].Requests != 1 {
		t.Errorf("the report is %+v", got)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	u := New()
	for n := range 2 * mostSeries {
		u.Note(journal.Entry{At: noon, App: "app" + strconv.Itoa(n), Status: 200})
	}
	for n := range 2 * mostCodes {
		u.Note(journal.Entry{At: noon, App: "app0", Status: 500, Code: strconv.Itoa(n)})
	}
	if got := u.Of("app0", noon, 60, 1); len(u.series) != mostSeries || len(got.Total.Errors) != mostCodes || !got.Full {
		t.Errorf("%d series, %d codes, full %v", len(u.series), len(got.Total.Errors), got.Full)
	}
}

func TestQuantilesAreWithinAStep(t *testing.T) {
	for _, d := range []time.Duration{10 * time.Microsecond, 500 * time.Microsecond, 3 * time.Millisecond, 250 * time.Millisecond, 9 * time.Second} {
		t.Run(fmt.Sprint(d), func(t *testing.T) {
			var h histogram
			for range 100 {
				h.add(d)
			}
			h.add(20 * time.Second)
			for _, share := range []float64{0.5, 0.95} {
				if got := h.quantile(share); got > max(d*3/2, 24*time.Microsecond) || got < d/2 && d > 16*time.Microsecond {
					t.Errorf("%v of %v is %v", share, d, got)
				}
			}
		})
	}
	var none histogram
	if got := none.quantile(0.5); got != 0 {
		t.Errorf("of nothing it is %v", got)
	}
}

func BenchmarkNote(b *testing.B) {
	u := New()
	e := journal.Entry{At: noon, App: "kivuko-key", API: codes.APIExpress, Status: 200, Took: time.Millisecond}
	b.ReportAllocs()
	for b.Loop() {
		e.Payment++
		u.Note(e)
	}
}

func BenchmarkNoteParallel(b *testing.B) {
	u := New()
	b.RunParallel(func(pb *testing.PB) {
		e := journal.Entry{At: noon, App: "kivuko-key", API: codes.APIExpress, Status: 200, Took: time.Millisecond}
		for pb.Next() {
			e.Payment++
			u.Note(e)
		}
	})
}
