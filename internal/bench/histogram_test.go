package bench

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestHistogramIsAtMostASixtyFourthTooHigh(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var h histogram
	durations := make([]time.Duration, 10_000)
	for i := range durations {
		durations[i] = time.Duration(random.Int64N(1 << random.IntN(longest)))
		h.record(durations[i])
	}
	slices.Sort(durations)
	for _, q := range []float64{0.01, 0.1, 0.5, 0.9, 0.99, 0.999} {
		exact := durations[int(q*float64(len(durations)))-1]
		if got := h.quantile(q); got < exact || got > exact+exact/64 {
			t.Errorf("quantile %v is %d, exactly %d", q, got, exact)
		}
	}
	if got, want := h.quantile(1), durations[len(durations)-1]; got != want || h.most != want {
		t.Errorf("quantile 1 is %d, most is %d, want %d", got, h.most, want)
	}
}

func TestHistogramEdges(t *testing.T) {
	var h histogram
	if h.quantile(0.5) != 0 {
		t.Error("an empty histogram has no quantiles")
	}
	for _, d := range []time.Duration{-1, 0, 127, 128, 1<<longest - 1, 1 << longest, 1<<63 - 1} {
		h.record(d)
	}
	if h.total != 7 || h.quantile(0.01) != 0 || h.most != 1<<63-1 {
		t.Errorf("total %d, lowest %d, most %d", h.total, h.quantile(0.01), h.most)
	}
}

func TestHistogramBucketsFollowEachOther(t *testing.T) {
	last := time.Duration(-1)
	for b := range buckets {
		if bucket(last+1) != b || bucket(top(b)) != b {
			t.Fatalf("bucket %d holds %d to %d, and those are of %d and %d", b, last+1, top(b), bucket(last+1), bucket(top(b)))
		}
		last = top(b)
	}
}
