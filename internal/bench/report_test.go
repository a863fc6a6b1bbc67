package bench

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
)

func TestThousands(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}

// good is what a run without a fault leaves.
func good() (*Report, *generator) {
	f := &flow{api: express(), counts: newCounts()}
	f.sent, f.acks, f.whole, f.wholeFrom, f.wholeTo = 1_200_000, 1_200_000, 1_200_000, 200_000, 800_000
	f.moved[174379] = 12_345
	t := &generator{flows: []*flow{f}}
	t.from = mark{at: 10 * time.Second, whole: 200_000, server: 20 * time.Second, known: true, generator: 3 * time.Second}
	t.to = mark{at: 60 * time.Second, whole: 800_000, server: 80 * time.Second, known: true, generator: 15 * time.Second}
	t.peak = 123_456_789
	for i := range 100 {
		f.ack.record(time.Duration(i+1) * time.Millisecond)
		f.end.record(time.Duration(i+101) * time.Millisecond)
	}
	return &Report{API: STK, Database: "kivuko.db", Preloaded: 1_000_000, Customers: 50_000, InFlight: 2000, Concurrency: 64, AnswerAfter: 0.1,
		Books: Books{Payments: 2_250_000}}, t
}

func TestReportOfAGoodRun(t *testing.T) {
	r, g := good()
	r.measured(g)
	r.judge()
	if r.PaymentsPerSecond != 12_000 || *r.ServerCPU != 100 || r.GeneratorCPU != 20 || *r.PeakMemory != 123.5 || len(r.Failures) != 0 {
		t.Errorf("%+v", r)
	}
	if r.Acknowledgement.P50 < 50 || r.Acknowledgement.P50 > 51 || r.Acknowledgement.Max != 100 || r.EndToEnd.Max != 200 {
		t.Errorf("%+v %+v", r.Acknowledgement, r.EndToEnd)
	}
	var text bytes.Buffer
	if err := r.writeText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"kivuko.db, 1,000,000 payments stored before", "50,000 customers, 64 connections, at most 2,000 payments in flight, requests for stk as fast as they are acknowledged",
		"12,000 a second, from 10.0 s to 60.0 s", "100.0 µs a payment", "20.0 µs a payment", "123.5 MB", "not known", "KES 12,345 moved", "0 lost", "all passed",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, &text)
		}
	}
}

func TestReportOfSeveralAPIs(t *testing.T) {
	r, g := good()
	f := &flow{api: payIn(), counts: newCounts()}
	f.sent, f.acks, f.whole, f.validations, f.wholeTo = 100_000, 100_000, 100_000, 100_000, 50_000
	g.flows = append(g.flows, f)
	r.measured(g)
	if r.Acknowledged != 1_300_000 || r.Whole != 1_300_000 || r.Validations != 100_000 || len(r.APIs) != 2 {
		t.Errorf("%+v", r)
	}
	if first, second := r.APIs[0], r.APIs[1]; first.PaymentsPerSecond != 12_000 || second.PaymentsPerSecond != 1000 || second.Whole != 100_000 {
		t.Errorf("%+v\n%+v", first, second)
	}
	var text bytes.Buffer
	if err := r.writeText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1,000 a second; 100,000 whole", "c2b acknowledgement", "stk end to end", "c2b validations"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, &text)
		}
	}
}

func TestReportSaysWhatIsWrong(t *testing.T) {
	for want, spoil := range map[string]func(*Report, *counts){
		"1 payments were acknowledged and never called back": func(_ *Report, t *counts) { t.whole-- },
		"9 callbacks came more than once":                    func(_ *Report, t *counts) { t.duplicates = 9 },
		"10 payments were confirmed to businesses":           func(_ *Report, t *counts) { t.unasked = 10 },
		"the Utility Account of 600000":                      func(r *Report, _ *counts) { r.Unmoved = []string{"the Utility Account of 600000"} },
		"2 callbacks were of payments that nobody asked for": func(_ *Report, t *counts) { t.unknown = 2 },
		"3 callbacks came to another merchant's URL":         func(_ *Report, t *counts) { t.misdirected = 3 },
		"4 requests were refused":                            func(_ *Report, t *counts) { t.refusals["500"] = 4 },
		"5 requests were not answered":                       func(_ *Report, t *counts) { t.broken["EOF"] = 5 },
		"6 payments failed":                                  func(_ *Report, t *counts) { t.results["1037"] = 6 },
		"--first-customer":                                   func(_ *Report, t *counts) { t.results["17"] = 1 },
		"no payment was made":                                func(_ *Report, t *counts) { t.acks, t.whole = 0, 0 },
		"all accounts together hold -1.00":                   func(r *Report, _ *counts) { r.Books.Sum = -100 },
		"7 times: the balance differs (254708374149)": func(r *Report, _ *counts) {
			r.Books.Wrong = []control.Discrepancy{{Check: "the balance differs", Count: 7, Rows: []string{"254708374149"}}}
		},
		"at least 2200000 were acknowledged": func(r *Report, _ *counts) { r.Books.Payments = 2_199_999 },
	} {
		t.Run(want, func(t *testing.T) {
			r, g := good()
			spoil(r, &g.flows[0].counts)
			r.measured(g)
			r.judge()
			var text bytes.Buffer
			if err := r.writeText(&text); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(strings.Join(r.Failures, "\n"), want) || !strings.Contains(text.String(), want) {
				t.Errorf("no %q in\n%s", want, &text)
			}
		})
	}
}
