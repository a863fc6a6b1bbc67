package engine

import (
	"sync"
	"time"
)

// underway knows since when units are under way.
type underway struct {
	mu    sync.Mutex
	last  int
	since map[int]time.Time
}

func (u *underway) begin() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.since == nil {
		u.since = map[int]time.Time{}
	}
	u.last++
	u.since[u.last] = time.Now()
	return u.last
}

func (u *underway) end(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.since, n)
}

// oldest is for how long the oldest has been under way; 0 when none is.
func (u *underway) oldest() time.Duration {
	u.mu.Lock()
	defer u.mu.Unlock()
	oldest := time.Duration(0)
	for _, since := range u.since {
		oldest = max(oldest, time.Since(since))
	}
	return oldest
}
