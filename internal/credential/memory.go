package credential

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"
)

// digest is what something is remembered by.
type digest [sha256.Size]byte

// memory remembers the latest things that were found out, for ten minutes, and lets each be found out by one at a time.
type memory[V any] struct {
	now func() time.Time

	mu      sync.Mutex
	known   map[digest]memo[V]
	order   []digest // of known, oldest first
	flights map[digest]*flight[V]
}

type memo[V any] struct {
	value V
	until time.Time
}

// flight is a finding out that is under way. What it found may be read once done is closed.
type flight[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// errAbandoned is what those who wait for a flight see when its own caller has given up, or has panicked.
var errAbandoned = errors.New("abandoned")

// recall gives what is remembered.
func (m *memory[V]) recall(key digest) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.recallLocked(key)
}

func (m *memory[V]) recallLocked(key digest) (value V, ok bool) {
	memo, ok := m.known[key]
	if !ok || !m.now().Before(memo.until) {
		return value, false
	}
	return memo.value, true
}

// find gives what is remembered, or else what search finds out. Of those who ask for the same at the same time one searches, and
// the others wait for it as long as their contexts let them; an error is for all of them, and is not remembered. When the one
// gives up because its context has ended, another takes over.
func (m *memory[V]) find(ctx context.Context, key digest, search func() (V, error)) (value V, err error) {
	for {
		m.mu.Lock()
		if value, ok := m.recallLocked(key); ok {
			m.mu.Unlock()
			return value, nil
		}
		f, flying := m.flights[key]
		if !flying {
			f = &flight[V]{done: make(chan struct{}), err: errAbandoned}
			if m.flights == nil {
				m.flights = map[digest]*flight[V]{}
			}
			m.flights[key] = f
			m.mu.Unlock()
			return m.fly(ctx, key, f, search)
		}
		m.mu.Unlock()
		select {
		case <-f.done:
		case <-ctx.Done():
			return value, ctx.Err()
		}
		if !errors.Is(f.err, errAbandoned) {
			return f.value, f.err
		}
	}
}

// fly searches for all who wait.
func (m *memory[V]) fly(ctx context.Context, key digest, f *flight[V], search func() (V, error)) (V, error) {
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.flights, key)
		if f.err == nil {
			m.remember(key, f.value)
		}
		close(f.done)
	}()
	value, err := search()
	if err == nil || ctx.Err() == nil {
		f.value, f.err = value, err
	}
	return value, err
}

// remember keeps a value, and forgets those whose time is over and the oldest of too many.
func (m *memory[V]) remember(key digest, value V) {
	now := m.now()
	for len(m.order) > 0 && (len(m.order) >= remembered || !now.Before(m.known[m.order[0]].until)) {
		delete(m.known, m.order[0])
		m.order = m.order[1:]
	}
	if m.known == nil {
		m.known = map[digest]memo[V]{}
	}
	m.known[key] = memo[V]{value, now.Add(rememberedFor)}
	m.order = append(m.order, key)
}
