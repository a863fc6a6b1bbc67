package mpesa

import (
	"time"

	"github.com/kivuko/kivuko/internal/clock"
)

// Tariffs gives every tariff by its name, each version with the day from which it holds, the oldest first. The caller must not
// change them.
func (r *Rulebook) Tariffs() map[string][]Tariff { return r.tariffs }

// AllLimits gives every set of limits by its name, in the same way.
func (r *Rulebook) AllLimits() map[string][]Limits { return r.limits }

// String is the day, 2023-07-01.
func (d date) String() string { return time.UnixMilli(int64(d)).In(clock.EAT).Format(time.DateOnly) }
