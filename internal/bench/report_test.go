package bench

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestThousands(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}

// good is what a run without a fault leaves.
func good() (*Report, tally) {
	t := newTally()
	t.sent, t.acks, t.whole = 1_200_000, 1_200_000, 1_200_000
	t.from = mark{at: 10 * time.Second, whole: 200_000, server: 20 * time.Second, known: true, generator: 3 * time.Second}
	t.to = mark{at: 60 * time.Second, whole: 800_000, server: 80 * time.Second, known: true, generator: 15 * time.Second}
	t.peak = 123_456_789
	for i := range 100 {
		t.ack.record(time.Duration(i+1) * time.Millisecond)
		t.end.record(time.Duration(i+101) * time.Millisecond)
	}
	return &Report{Database: "kivuko.db", Preloaded: 1_000_000, Customers: 50_000, InFlight: 2000, Concurrency: 64, AnswerAfter: 0.1,
		Books: Books{Payments: 2_250_000, Sum: "0.00"}}, t
}

func TestReportOfAGoodRun(t *testing.T) {
	r, counted := good()
	r.measured(&counted)
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
		"kivuko.db, 1,000,000 payments stored before", "50,000 customers, 64 connections, at most 2,000 payments in flight, pushes as fast as they are acknowledged",
		"12,000 a second, from 10.0 s to 60.0 s", "100.0 µs a payment", "20.0 µs a payment", "123.5 MB", "not known", "0 lost", "all passed",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, &text)
		}
	}
}

func TestReportSaysWhatIsWrong(t *testing.T) {
	for want, spoil := range map[string]func(*Report, *tally){
		"1 payments were acknowledged and never called back": func(_ *Report, t *tally) { t.whole-- },
		"2 callbacks were of payments that nobody asked for": func(_ *Report, t *tally) { t.unknown = 2 },
		"3 callbacks came to another merchant's URL":         func(_ *Report, t *tally) { t.misdirected = 3 },
		"4 pushes were refused":                              func(_ *Report, t *tally) { t.refusals["500"] = 4 },
		"5 pushes were not answered":                         func(_ *Report, t *tally) { t.broken["EOF"] = 5 },
		"6 payments failed":                                  func(_ *Report, t *tally) { t.results["1037"] = 6 },
		"--first-customer":                                   func(_ *Report, t *tally) { t.results["17"] = 1 },
		"no payment was made":                                func(_ *Report, t *tally) { t.acks, t.whole = 0, 0 },
		"all accounts together hold -1.00":                   func(r *Report, _ *tally) { r.Books.Sum = "-1.00" },
		"7 balances are not what":                            func(r *Report, _ *tally) { r.Books.Mismatches = 7 },
		"8 accounts are overdrawn":                           func(r *Report, _ *tally) { r.Books.Overdrawn = 8 },
		"9 transfers belong to no payment":                   func(r *Report, _ *tally) { r.Books.Orphans = 9 },
		"at least 2200000 were acknowledged":                 func(r *Report, _ *tally) { r.Books.Payments = 2_199_999 },
	} {
		t.Run(want, func(t *testing.T) {
			r, counted := good()
			spoil(r, &counted)
			r.measured(&counted)
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
