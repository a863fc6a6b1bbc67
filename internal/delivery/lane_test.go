package delivery

import (
	"testing"
	"testing/synctest"
)

// A job that finds as many couriers as jobs wait gets one of these: another courier is sent for at once only where more wait.
func TestCouriersAreSentForWhenMoreJobsWait(t *testing.T) {
	for _, c := range []struct {
		workers, jobs int
		sentFor       bool
	}{{0, 1, true}, {1, 1, false}, {1, 2, true}, {2, 2, false}, {2, 3, true}} {
		synctest.Test(t, func(t *testing.T) { // so that nobody's patience ends
			l := &lane{couriers: &Couriers{Options: Options{PerLane: 10}}, workers: c.workers}
			for range c.jobs {
				l.add(job{})
			}
			if sentFor := l.share.waits; sentFor != c.sentFor { // there are no connections: it can but wait for one
				t.Errorf("with %d couriers and %d jobs, another courier is sent for: %t", c.workers, c.jobs, sentFor)
			}
			l.close()
		})
	}
}
