package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/unit"
)

// Directory looks up what changes seldom and is asked for with every request: organisations, operators, apps and tokens. It remembers
// what it found. On a database that other nodes share it looks again after a second, and at once when a unit of work finds that another
// node has changed something.
type Directory struct {
	generation atomic.Int64 // of the changes, as far as this node knows of them
	refreshing sync.Mutex

	read          store.Reader
	organisations memory[mpesa.Shortcode, mpesa.Organisation]
	operators     memory[mpesa.OperatorID, mpesa.Operator]
	apps          memory[string, mpesa.App]
	tokens        memory[mpesa.TokenDigest, mpesa.Token]
	owned         memory[msisdn.Number, []mpesa.Shortcode]
}

const (
	directorySize   = 16_384
	sharedFreshness = time.Second
)

func newDirectory(s store.Store) *Directory {
	freshness := time.Duration(0)
	if s.Shared() {
		freshness = sharedFreshness
	}
	return &Directory{
		read:          s,
		organisations: memory[mpesa.Shortcode, mpesa.Organisation]{freshness: freshness},
		operators:     memory[mpesa.OperatorID, mpesa.Operator]{freshness: freshness},
		apps:          memory[string, mpesa.App]{freshness: freshness},
		tokens:        memory[mpesa.TokenDigest, mpesa.Token]{freshness: freshness},
		owned:         memory[msisdn.Number, []mpesa.Shortcode]{freshness: freshness},
	}
}

// Organisation gives the organisation, or nil when there is none. The caller must not change it.
func (d *Directory) Organisation(ctx context.Context, s mpesa.Shortcode) (*mpesa.Organisation, error) {
	return d.organisations.get(ctx, s, from(d, mpesa.Registry))
}

// Operator gives an organisation's operator, or nil. The caller must not change it. Wrong passwords are counted by the rules, on
// the row itself: what is remembered here is for the password.
func (d *Directory) Operator(ctx context.Context, id mpesa.OperatorID) (*mpesa.Operator, error) {
	return d.operators.get(ctx, id, from(d, mpesa.Operators))
}

// App gives the app with a consumer key, or nil. The caller must not change it.
func (d *Directory) App(ctx context.Context, key string) (*mpesa.App, error) {
	return d.apps.get(ctx, key, from(d, mpesa.Apps))
}

// from reads rows of a table.
func from[K comparable, T any](d *Directory, table *unit.Table[K, T]) func(context.Context, K) (*T, error) {
	return func(ctx context.Context, key K) (*T, error) { return store.Get(ctx, d.read, table, key) }
}

// Token gives the access token with a digest, or nil. Whether it still holds is for the caller to see.
func (d *Directory) Token(ctx context.Context, digest mpesa.TokenDigest) (*mpesa.Token, error) {
	return d.tokens.get(ctx, digest, d.read.Token)
}

// Owned lists the organisations that a customer owns, in order. The caller must not change the list.
func (d *Directory) Owned(ctx context.Context, owner msisdn.Number) ([]mpesa.Shortcode, error) {
	owned, err := d.owned.get(ctx, owner, d.readOwned)
	if err != nil {
		return nil, err
	}
	return *owned, nil
}

func (d *Directory) readOwned(ctx context.Context, owner msisdn.Number) (*[]mpesa.Shortcode, error) {
	list, err := d.read.Owned(ctx, owner)
	owned := make([]mpesa.Shortcode, len(list))
	for i := range list {
		owned[i] = list[i].Shortcode
	}
	return &owned, err
}

// forget forgets everything.
func (d *Directory) forget() {
	d.organisations.forgetAll()
	d.operators.forgetAll()
	d.apps.forgetAll()
	d.tokens.forgetAll()
	d.owned.forgetAll()
}

// refresh forgets everything that is older than a generation of changes.
func (d *Directory) refresh(generation int64) {
	d.refreshing.Lock()
	defer d.refreshing.Unlock()
	if generation > d.generation.Load() {
		d.forget() // before the generation is known: a unit that sees it finds nothing older
		d.generation.Store(generation)
	}
}

// learn forgets what a committed view has changed.
func (d *Directory) learn(v *mpesa.View) {
	for o := range mpesa.Registry.In(v).Changed {
		d.organisations.forget(o.Shortcode)
		d.owned.forgetAll()
	}
	for o := range mpesa.Operators.In(v).Changed {
		d.operators.forget(o.ID())
	}
	for id := range mpesa.Operators.In(v).Deleted {
		d.operators.forget(id)
	}
	for a := range mpesa.Apps.In(v).Changed {
		d.apps.forget(a.Key)
	}
	for key := range mpesa.Apps.In(v).Deleted {
		d.apps.forget(key)
		d.tokens.forgetAll()
	}
	for i := range mpesa.Tokens.Added(v) {
		if mpesa.Tokens.Added(v)[i].Sole {
			d.tokens.forgetAll()
		}
	}
}

// memory is a read-through cache of rows that exist. What doesn't exist is asked for again each time.
type memory[K comparable, T any] struct {
	freshness time.Duration // 0: for good

	mu         sync.RWMutex
	found      map[K]remembered[T]
	generation int
}

type remembered[T any] struct {
	value *T
	since time.Time
}

func (m *memory[K, T]) get(ctx context.Context, k K, read func(context.Context, K) (*T, error)) (*T, error) {
	m.mu.RLock()
	r, ok := m.found[k]
	generation := m.generation
	m.mu.RUnlock()
	if ok && (m.freshness == 0 || time.Since(r.since) < m.freshness) {
		return r.value, nil
	}
	since := time.Now()
	value, err := read(ctx, k)
	if err != nil || value == nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.generation == generation { // nothing was forgotten while we read
		if m.found == nil || len(m.found) >= directorySize {
			m.found = map[K]remembered[T]{}
		}
		m.found[k] = remembered[T]{value, since}
	}
	return value, nil
}

func (m *memory[K, T]) forget(k K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.found, k)
	m.generation++
}

func (m *memory[K, T]) forgetAll() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.found = nil
	m.generation++
}
