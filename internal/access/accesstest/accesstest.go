// Package accesstest has what tests of what package access guards need.
package accesstest

import (
	"context"
	"sync"
	"time"
)

// Ledger is an access.Ledger in memory. The zero Ledger is empty.
type Ledger struct {
	mu    sync.Mutex
	ended map[string]time.Time
}

// EndSession implements access.Ledger.
func (l *Ledger) EndSession(_ context.Context, id string, _, until time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended == nil {
		l.ended = map[string]time.Time{}
	}
	l.ended[id] = until
	return nil
}

// EndedSessions implements access.Ledger.
func (l *Ledger) EndedSessions(_ context.Context, now time.Time) (ids []string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, until := range l.ended {
		if now.Before(until) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
