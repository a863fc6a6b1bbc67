package control

import (
	"fmt"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
)

// Time is a moment, written in RFC 3339 in East Africa Time with milliseconds. The zero value is no moment.
type Time struct{ time.Time }

const timeLayout = "2006-01-02T15:04:05.000-07:00"

// At is a moment in milliseconds since 1970; 0 is none.
func At(ms int64) Time {
	if ms == 0 {
		return Time{}
	}
	return Time{time.UnixMilli(ms).In(clock.EAT)}
}

// String is the moment as it is written.
func (t Time) String() string { return t.In(clock.EAT).Format(timeLayout) }

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) { return []byte(`"` + t.String() + `"`), nil }

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(b []byte) error {
	if err := t.Time.UnmarshalJSON(b); err != nil {
		return err
	}
	t.Time = t.In(clock.EAT)
	return nil
}

// Delay is a number of milliseconds; a negative one is the service's default and written as null.
type Delay int64

// DefaultDelay is the service's.
const DefaultDelay Delay = -1

// MaxHold is the longest that a phone can be held at a time.
const MaxHold = 10 * time.Minute

// MaxDelay is the longest that a phone can be told to take.
const MaxDelay Delay = 600_000

// Duration is the delay as a duration; that of DefaultDelay means nothing.
func (d Delay) Duration() time.Duration { return time.Duration(d) * time.Millisecond }

// MarshalJSON implements json.Marshaler.
func (d Delay) MarshalJSON() ([]byte, error) {
	if d < 0 {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, int64(d), 10), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *Delay) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*d = DefaultDelay
		return nil
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || n < 0 || n > int64(MaxDelay) {
		return fmt.Errorf("it has to be a whole number of milliseconds from 0 to %d, or null", MaxDelay)
	}
	*d = Delay(n)
	return nil
}
