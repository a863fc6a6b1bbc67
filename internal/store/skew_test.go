package store

import (
	"testing"
	"time"
)

func TestAClockIsOffByWhatNoDelayExplains(t *testing.T) {
	asked := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	told := asked.Add(300 * time.Millisecond) // the answer may have waited for a lock
	for database, want := range map[time.Time]time.Duration{
		asked:                        0,
		told:                         0,
		asked.Add(100 * time.Second): -100*time.Second + 300*time.Millisecond,
		asked.Add(-2 * time.Second):  2 * time.Second,
	} {
		if got := SkewOf(asked, database, told); got != want {
			t.Errorf("with %s at the database, the clock is %s ahead; want %s", database, got, want)
		}
	}
}
