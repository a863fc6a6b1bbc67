package clock

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestStampsAreAsTimeWritesThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMilli(rapid.Int64Range(0, 9_000_000_000_000).Draw(t, "ms"))
		if got, want := Stamp(at), at.In(EAT).Format("20060102150405"); got != want {
			t.Fatalf("Stamp = %s; want %s", got, want)
		}
		if got, want := string(AppendDayFirst(nil, at)), at.In(EAT).Format("02012006150405"); got != want {
			t.Fatalf("AppendDayFirst = %s; want %s", got, want)
		}
	})
}

func TestADayBeginsAtMidnightInEastAfrica(t *testing.T) {
	midnight := time.Date(2026, 11, 21, 0, 0, 0, 0, EAT)
	if before, after := Day(midnight.Add(-time.Millisecond)), Day(midnight); after != before+1 {
		t.Errorf("the day goes from %d to %d at midnight in EAT", before, after)
	}
}

func TestTheClockOnlyGoesForward(t *testing.T) {
	var c Shifted
	c.SetOffset(time.Hour)
	c.SetOffset(time.Minute)
	if c.Offset() != time.Hour {
		t.Errorf("the offset went back to %s", c.Offset())
	}
	if ahead := time.Until(c.Now()); ahead < 59*time.Minute || ahead > 61*time.Minute {
		t.Errorf("the clock is %s ahead; want an hour", ahead)
	}
}
