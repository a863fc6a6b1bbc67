// Package clock tells the time to everything that keeps time in Kivuko. Nothing else asks the system.
package clock

import (
	"sync/atomic"
	"time"
)

// EAT is East Africa Time, UTC+3 without summer time: the zone of every timestamp on the wire (wire.md §1).
var EAT = time.FixedZone("EAT", 3*60*60)

// Clock tells the time, in East Africa Time.
type Clock interface {
	Now() time.Time
}

// Shifted is the system's clock moved forward by an offset, so that whatever waits can be made due.
// The zero value shows the system's time.
type Shifted struct {
	offset atomic.Int64
}

// Now is the system's time plus the offset, in EAT, without a monotonic reading.
func (c *Shifted) Now() time.Time {
	return time.Now().Add(time.Duration(c.offset.Load())).Round(0).In(EAT)
}

// Offset is how far the clock runs ahead of the system's.
func (c *Shifted) Offset() time.Duration { return time.Duration(c.offset.Load()) }

// SetOffset moves the clock to offset ahead of the system's; it never moves back.
func (c *Shifted) SetOffset(offset time.Duration) {
	for {
		old := c.offset.Load()
		if int64(offset) <= old || c.offset.CompareAndSwap(old, int64(offset)) {
			return
		}
	}
}

// Day numbers the days of East Africa Time from 1970-01-01; limits that hold for a day count within one number.
func Day(t time.Time) int64 { return (t.Unix() + 3*60*60) / (24 * 60 * 60) }

// Stamp is the wire's timestamp, YYYYMMDDHHmmss in EAT.
func Stamp(t time.Time) string { return string(AppendStamp(nil, t)) }

// AppendStamp appends Stamp to b. It is written with every payment, and four times as fast as time's own formatting.
func AppendStamp(b []byte, t time.Time) []byte {
	t = t.In(EAT)
	year, month, day := t.Date()
	b = append2(append2(b, year/100), year%100)
	b = append2(append2(b, int(month)), day)
	return appendTime(b, t)
}

// AppendDayFirst appends the wire's other form, DDMMYYYYHHmmss in EAT (wire.md §16, CheckoutRequestID).
func AppendDayFirst(b []byte, t time.Time) []byte {
	t = t.In(EAT)
	year, month, day := t.Date()
	b = append2(append2(b, day), int(month))
	b = append2(append2(b, year/100), year%100)
	return appendTime(b, t)
}

func appendTime(b []byte, t time.Time) []byte {
	hour, minute, second := t.Clock()
	return append2(append2(append2(b, hour), minute), second)
}

func append2(b []byte, n int) []byte { return append(b, byte('0'+n/10%10), byte('0'+n%10)) }
