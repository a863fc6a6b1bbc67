package sqlite

import (
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/unit"
)

// cache remembers rows as they are in the database. Only what has been committed or read goes in.
type cache struct {
	subscribers bounded[msisdn.Number, mpesa.Subscriber]
	accounts    bounded[mpesa.AccountID, mpesa.Account]
	payments    bounded[int64, mpesa.Payment]  // not final
	deliveries  bounded[int64, mpesa.Delivery] // pending
	open        bounded[mpesa.Party, int64]    // 0: none
	operators   bounded[mpesa.OperatorID, mpesa.Operator]
	idempotency bounded[mpesa.IdempotencyKey, int64]
	registry    bounded[mpesa.Shortcode, mpesa.Organisation]
	apps        bounded[string, mpesa.App]
	bulkRows    bounded[mpesa.BulkRowID, mpesa.BulkRow]
}

// How many rows each table may have in memory: about 40 MB in all.
const (
	cachedSubscribers = 65_536
	cachedAccounts    = 65_536
	cachedPayments    = 16_384
	cachedDeliveries  = 16_384
	cachedOpen        = 65_536
	cachedOperators   = 4096
	cachedIdempotency = 1024 // few are asked for again
	cachedRegistry    = 256
	cachedApps        = 256
	cachedBulkRows    = 1024 // each is read and written once
)

func newCache() *cache {
	c := &cache{}
	c.subscribers.limit = cachedSubscribers
	c.accounts.limit = cachedAccounts
	c.payments.limit = cachedPayments
	c.deliveries.limit = cachedDeliveries
	c.open.limit = cachedOpen
	c.operators.limit = cachedOperators
	c.idempotency.limit = cachedIdempotency
	c.registry.limit = cachedRegistry
	c.apps.limit = cachedApps
	c.bulkRows.limit = cachedBulkRows
	return c
}

// learn remembers what a committed view has changed.
func (c *cache) learn(v *unit.View) {
	for s := range mpesa.Subscribers.In(v).Changed {
		c.subscribers.put(s.MSISDN, *s)
	}
	for a := range mpesa.Accounts.In(v).Changed {
		c.accounts.put(a.ID, *a)
	}
	for p := range mpesa.Payments.In(v).Changed {
		if p.State.Final() {
			delete(c.payments.rows, p.ID)
			if c.open.rows[p.Payer] == p.ID { // and not another one, beside which money was moved
				c.open.put(p.Payer, 0)
			}
		} else {
			c.payments.put(p.ID, *p)
			if p.State == mpesa.Prompting {
				c.open.put(p.Payer, p.ID)
			} else if c.open.rows[p.Payer] == p.ID {
				c.open.put(p.Payer, 0)
			}
		}
	}
	for o := range mpesa.Operators.In(v).Changed {
		c.operators.put(o.ID(), *o)
	}
	for id := range mpesa.Operators.In(v).Deleted {
		delete(c.operators.rows, id)
	}
	for k, payment := range mpesa.Idempotency.In(v).ChangedKeys {
		c.idempotency.put(k, *payment)
	}
	for o := range mpesa.Registry.In(v).Changed {
		c.registry.put(o.Shortcode, *o)
	}
	for a := range mpesa.Apps.In(v).Changed {
		c.apps.put(a.Key, *a)
	}
	for key := range mpesa.Apps.In(v).Deleted {
		delete(c.apps.rows, key)
	}
	for r := range mpesa.BulkRows.In(v).Changed {
		c.bulkRows.put(r.ID, *r)
	}
	for d := range mpesa.Deliveries.In(v).Changed {
		if d.State == mpesa.Pending {
			c.deliveries.put(d.ID, *d)
		} else {
			delete(c.deliveries.rows, d.ID)
		}
	}
}

// bounded is a map that forgets some row or other when it is full.
type bounded[K comparable, T any] struct {
	rows  map[K]T
	limit int
}

func (b *bounded[K, T]) get(k K) (T, bool) {
	v, ok := b.rows[k]
	return v, ok
}

func (b *bounded[K, T]) put(k K, v T) {
	if b.rows == nil {
		b.rows = map[K]T{}
	}
	if _, there := b.rows[k]; !there && len(b.rows) >= b.limit {
		for some := range b.rows {
			delete(b.rows, some)
			break
		}
	}
	b.rows[k] = v
}
