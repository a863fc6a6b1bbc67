package gateway

import (
	"sync"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// faults are the errors that the faults of apps give.
var faults = map[mpesa.AppFault]codes.Error{mpesa.FaultBusy: codes.SystemBusy, mpesa.FaultInternal: codes.InternalError}

// limit applies the fault that is ordered for the app, and its spike arrest and quota (MpesaExpressSimulate, common error codes, 500.003.02 and 500.003.03). Each node counts for
// itself, as each of the gateway's message processors does.
func (g *Gateway) limit(c *call) error {
	app := c.App
	if fault, ordered := faults[app.Fault]; ordered {
		return apis.Refuse(fault, "the fault %q is ordered for the app %q", app.Fault, app.Name)
	}
	perSecond, perDay := own(app.SpikeArrest, c.Rules.SpikeArrest), own(app.Quota, c.Rules.Quota)
	if perSecond == 0 && perDay == 0 {
		return nil
	}
	now := g.Clock.Now()
	if perSecond > 0 && !g.limits.spike(app.Key, perSecond, now) {
		return apis.Refuse(codes.SpikeArrest, "the app %q sends more than %d requests a second", app.Name, perSecond)
	}
	if perDay > 0 && !g.limits.quota(app.Key, perDay, now) {
		return apis.Refuse(codes.QuotaExceeded, "the app %q has used up its %d requests of the day", app.Name, perDay)
	}
	return nil
}

// own is an app's own number, or the profile's where it has none; negative means none at all.
func own(app, profile int64) int64 {
	if app == 0 {
		return profile
	}
	return max(app, 0)
}

type limiter struct {
	mu   sync.Mutex
	apps map[string]*usage
}

type usage struct {
	arrival time.Time // when the next request would be on time, if they came evenly
	day     int64
	used    int64
}

func newLimiter() *limiter { return &limiter{apps: map[string]*usage{}} }

func (l *limiter) of(app string) *usage {
	u := l.apps[app]
	if u == nil {
		u = &usage{}
		l.apps[app] = u
	}
	return u
}

// spike smooths requests to so many a second (the generic cell rate algorithm): a request may come early by a tenth of a
// second's worth, and by one request at least.
func (l *limiter) spike(app string, perSecond int64, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.of(app)
	interval := time.Second / time.Duration(perSecond)
	tolerance := max(time.Second/10, interval)
	if u.arrival.Sub(now) >= tolerance {
		return false
	}
	if u.arrival.Before(now) {
		u.arrival = now
	}
	u.arrival = u.arrival.Add(interval)
	return true
}

// quota counts the requests of a day in East Africa Time.
func (l *limiter) quota(app string, perDay int64, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.of(app)
	if day := clock.Day(now); u.day != day {
		u.day, u.used = day, 0
	}
	if u.used >= perDay {
		return false
	}
	u.used++
	return true
}
