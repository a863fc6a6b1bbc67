package delivery

import (
	"testing"
	"testing/synctest"
)

// A callback that finds as many workers as callbacks wait gets one of these: another worker is started at once only where more wait.
func TestWorkersAreStartedWhenMoreWait(t *testing.T) {
	for _, c := range []struct {
		workers, callbacks int
		sentFor            bool
	}{{0, 1, true}, {1, 1, false}, {1, 2, true}, {2, 2, false}, {2, 3, true}} {
		synctest.Test(t, func(t *testing.T) { // so that nobody's patience ends
			q := &queue{sender: &Sender{Options: Options{PerHost: 10}}, workers: c.workers}
			for range c.callbacks {
				q.add(callback{})
			}
			if sentFor := q.share.waits; sentFor != c.sentFor { // there are no connections: it can but wait for one
				t.Errorf("with %d workers and %d callbacks, another worker is started: %t", c.workers, c.callbacks, sentFor)
			}
			q.close()
		})
	}
}
