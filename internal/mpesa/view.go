package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// Command is one thing that happens: a push is accepted, a phone answers, a callback was attempted. Decide is a pure function
// of the rows in the view and the time. It leaves in the command whatever its sender wants to know, and may be called again
// with a fresh view when the first one could not be committed.
type Command interface {
	// Need names the rows that Decide will read, as far as the view tells by now. It is called until it adds none.
	Need(v *View, n *Needs)
	Decide(v *View, now time.Time)
}

// View is the part of the world that a unit of work has loaded, and what the unit's commands have changed in it so far.
// Each command sees the effects of those before it.
type View struct {
	Policy Policy

	Subscribers   Rows[msisdn.Number, Subscriber]
	Accounts      Rows[AccountID, Account]
	Payments      Rows[int64, Payment]
	Deliveries    Rows[int64, Delivery]
	Operators     Rows[OperatorID, Operator]
	Idempotency   Rows[IdempotencyKey, int64]   // the payment that has the key
	Registry      Rows[Shortcode, Organisation] // organisations that are to be changed
	Apps          Rows[string, App]             // by consumer key
	BulkRows      Rows[BulkRowID, BulkRow]
	Organisations map[Shortcode]*Organisation // to read; nil where there is none
	Open          map[Party]int64             // the payer's open payment; 0 where there is none
	Transfers     []Transfer                  // new ones
	Tokens        []Token                     // new ones
	Audit         []AuditEntry                // new ones
	Messages      []Message                   // new ones

	newID func() int64
}

// NewView makes an empty view. newID gives numbers for payments, each once.
func NewView(p Policy, newID func() int64) *View {
	v := &View{Policy: p, Organisations: map[Shortcode]*Organisation{}, Open: map[Party]int64{}, newID: newID}
	v.Subscribers.init()
	v.Accounts.init()
	v.Payments.init()
	v.Deliveries.init()
	v.Operators.init()
	v.Idempotency.init()
	v.Registry.init()
	v.Apps.init()
	v.BulkRows.init()
	return v
}

// Reset empties the view and keeps its memory.
func (v *View) Reset() {
	v.Subscribers.reset()
	v.Accounts.reset()
	v.Payments.reset()
	v.Deliveries.reset()
	v.Operators.reset()
	v.Idempotency.reset()
	v.Registry.reset()
	v.Apps.reset()
	v.BulkRows.reset()
	clear(v.Organisations)
	clear(v.Open)
	v.Transfers = v.Transfers[:0]
	v.Tokens = v.Tokens[:0]
	v.Audit = v.Audit[:0]
	v.Messages = v.Messages[:0]
}

// Empty tells whether the commands changed nothing.
func (v *View) Empty() bool {
	return v.Subscribers.Changes()+v.Accounts.Changes()+v.Payments.Changes()+v.Deliveries.Changes()+
		v.Operators.Changes()+v.Idempotency.Changes()+v.Registry.Changes()+v.Apps.Changes()+v.BulkRows.Changes()+
		len(v.Transfers)+len(v.Tokens)+len(v.Audit)+len(v.Messages) == 0
}

// account is the account as it stands; one that nothing was ever posted to is empty.
func (v *View) account(id AccountID) Account {
	a, ok := v.Accounts.Get(id)
	if !ok {
		a.ID = id
	}
	return a
}

// post moves an amount for a payment. That the debited account can bear it is the rules' to check before: a posting that
// would leave it below zero is a defect and panics, which abandons the unit. The entries of an account follow each other in time, whatever
// the clocks of the nodes say: one that comes from behind has the time of the one before.
func (v *View) post(payment int64, n int, debit, credit AccountID, amount money.Amount, kind TransferKind, now time.Time) {
	if amount <= 0 || debit == credit || n > 15 {
		panic(fmt.Sprintf("mpesa: transfer %d of payment %d: %s from %s to %s", n, payment, amount, debit, credit))
	}
	from, to := v.account(debit), v.account(credit)
	from.Balance -= amount
	to.Balance += amount
	from.Entries++
	to.Entries++
	at := max(now.UnixMilli(), from.EntryAt, to.EntryAt)
	from.EntryAt, to.EntryAt = at, at
	if from.Balance < from.Held && !debit.Kind().MayOwe() {
		panic(fmt.Sprintf("mpesa: payment %d would leave %s with %s", payment, debit, from.Available()))
	}
	v.Accounts.Put(debit, from)
	v.Accounts.Put(credit, to)
	v.Transfers = append(v.Transfers, Transfer{
		ID: payment<<4 | int64(n), Debit: debit, Credit: credit, Amount: amount, Kind: kind, At: at,
		DebitAfter: from.Balance, CreditAfter: to.Balance, DebitEntry: from.Entries, CreditEntry: to.Entries,
	})
}

// deliveryNumbers tell the deliveries of a payment apart. Whoever asked is told one way only.
var deliveryNumbers = map[DeliveryKind]int64{ExpressResult: 0, Result: 0, QueueTimeout: 0, CheckoutResult: 0, OrderResult: 0, Confirmation: 1, Validation: 2}

// DeliveryID is the number of the payment's delivery of a kind.
func (p *Payment) DeliveryID(kind DeliveryKind) int64 { return p.ID<<4 | deliveryNumbers[kind] }

// deliver owes a merchant's URL word of a payment.
func (v *View) deliver(p Payment, kind DeliveryKind, url string, now time.Time) {
	id := p.DeliveryID(kind)
	v.Deliveries.Create(id, Delivery{ID: id, Kind: kind, State: Pending, Owner: p.Business, URL: url, DueAt: v.Policy.lease(now)})
}

// copyTo gives another view its own copies of rows that this one has loaded.
func (v *View) copyTo(w *View, n *Needs) {
	for _, s := range n.Organisations {
		w.Organisations[s] = v.Organisations[s]
	}
	v.Subscribers.copyTo(&w.Subscribers, n.Subscribers)
	v.Accounts.copyTo(&w.Accounts, n.Accounts)
	v.Payments.copyTo(&w.Payments, n.Payments)
	v.Idempotency.copyTo(&w.Idempotency, n.Idempotency)
}

// Rows are the rows of one table in a view.
type Rows[K comparable, T any] struct {
	rows  map[K]*row[T]
	order []K // of the changed rows: the order in which they first changed
	free  []*row[T]
}

type row[T any] struct {
	value   T
	exists  bool
	stored  bool // exists in the database
	changed bool
}

func (r *Rows[K, T]) init() { r.rows = map[K]*row[T]{} }

func (r *Rows[K, T]) reset() {
	for _, x := range r.rows {
		*x = row[T]{}
		r.free = append(r.free, x)
	}
	clear(r.rows)
	r.order = r.order[:0]
}

func (r *Rows[K, T]) add(k K) *row[T] {
	var x *row[T]
	if n := len(r.free); n > 0 {
		x, r.free = r.free[n-1], r.free[:n-1]
	} else {
		x = new(row[T])
	}
	r.rows[k] = x
	return x
}

// Load puts a row into the view as the database has it.
func (r *Rows[K, T]) Load(k K, value T) {
	x := r.add(k)
	x.value, x.exists, x.stored = value, true, true
}

// Missing notes that the database has no such row.
func (r *Rows[K, T]) Missing(k K) {
	if _, ok := r.rows[k]; !ok {
		r.add(k)
	}
}

func (r *Rows[K, T]) missing(keys []K) {
	for _, k := range keys {
		r.Missing(k)
	}
}

func (r *Rows[K, T]) copyTo(other *Rows[K, T], keys []K) {
	for _, k := range keys {
		if other.Loaded(k) {
			continue
		}
		if value, ok := r.Get(k); ok {
			other.Load(k, value)
		} else {
			other.Missing(k)
		}
	}
}

// Loaded tells whether the view knows of the row, be it there or not.
func (r *Rows[K, T]) Loaded(k K) bool {
	_, ok := r.rows[k]
	return ok
}

// Stored tells whether the row is in the database.
func (r *Rows[K, T]) Stored(k K) bool {
	x := r.rows[k]
	return x != nil && x.stored
}

// Get gives the row as it stands. To ask for a row that nobody needed is a defect and panics.
func (r *Rows[K, T]) Get(k K) (value T, ok bool) {
	x := r.rows[k]
	if x == nil {
		panic(fmt.Sprintf("mpesa: %T %v was not loaded", value, k))
	}
	return x.value, x.exists
}

// Put changes the row, or creates it.
func (r *Rows[K, T]) Put(k K, value T) {
	x := r.rows[k]
	if x == nil {
		panic(fmt.Sprintf("mpesa: %T %v was not loaded", value, k))
	}
	r.change(k, x, value)
}

// Delete removes the row, if it is there.
func (r *Rows[K, T]) Delete(k K) {
	var none T
	if _, there := r.Get(k); there {
		x := r.rows[k]
		r.change(k, x, none)
		x.exists = false
	}
}

// Create adds a row with a key that is new in the database.
func (r *Rows[K, T]) Create(k K, value T) {
	if _, ok := r.rows[k]; ok {
		panic(fmt.Sprintf("mpesa: %T %v is not new", value, k))
	}
	r.change(k, r.add(k), value)
}

func (r *Rows[K, T]) change(k K, x *row[T], value T) {
	x.value, x.exists = value, true
	if !x.changed {
		x.changed = true
		r.order = append(r.order, k)
	}
}

// Changed goes through the changed rows in the order of their first change; isNew tells the inserts from the updates.
func (r *Rows[K, T]) Changed(yield func(value *T, isNew bool) bool) {
	for _, k := range r.order {
		if x := r.rows[k]; x.exists && !yield(&x.value, !x.stored) {
			return
		}
	}
}

// Deleted goes through the keys of the rows that are to be removed from the database.
func (r *Rows[K, T]) Deleted(yield func(k K) bool) {
	for _, k := range r.order {
		if x := r.rows[k]; !x.exists && x.stored && !yield(k) {
			return
		}
	}
}

// ChangedKeys goes through the changed rows like Changed, with their keys.
func (r *Rows[K, T]) ChangedKeys(yield func(k K, value *T) bool) {
	for _, k := range r.order {
		if x := r.rows[k]; x.exists && !yield(k, &x.value) {
			return
		}
	}
}

// Changes counts the changed rows.
func (r *Rows[K, T]) Changes() int { return len(r.order) }
