package mpesa

import (
	"iter"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/unit"
)

// Header is what everything has that is asked for, waits and ends, whether it moves money or not. All their numbers come from one sequence,
// so that a number names one thing, whatever table it is in. Times are milliseconds since 1970.
type Header struct {
	ID         int64
	Kind       Kind
	State      State
	Payer      Party
	Payee      Party     // the receiver that the request names
	Business   Shortcode // which asked, or is told
	Amount     money.Amount
	AcceptedAt int64
	DueAt      int64 // when what waits is looked at again; 0 when it is final
	FinishedAt int64
	Result     codes.Result
	Reason     string // why it failed, for people
}

// Subject is what a number names: a *Payment, or what moves no money.
type Subject interface {
	Head() *Header
	ReceiptAt() int64
}

// Head returns the header.
func (h *Header) Head() *Header { return h }

// ReceiptAt is the time that dates the receipt, and what was asked for on the wire: when it ended.
func (h *Header) ReceiptAt() int64 { return h.FinishedAt }

// end gives the result.
func (h *Header) end(state State, result codes.Result, now time.Time) {
	h.State, h.Result, h.FinishedAt, h.DueAt = state, result, max(now.UnixMilli(), h.AcceptedAt), 0
}

// DeliveryID is the number of the delivery of a kind.
func (h *Header) DeliveryID(kind DeliveryKind) int64 { return h.ID<<4 | kind.number() }

// deliver records a callback for a merchant's URL.
func (v *View) deliver(h *Header, kind DeliveryKind, url string, now time.Time) {
	id := h.DeliveryID(kind)
	Deliveries.Create(v, id, Delivery{ID: id, Kind: kind, State: Pending, Owner: h.Business, URL: url, DueAt: v.Policy.lease(now)})
}

// Changed goes through the headers of all that a view has changed. isNew tells what was accepted from what was there before.
func Changed(v unit.Viewer) iter.Seq2[*Header, bool] {
	return func(yield func(h *Header, isNew bool) bool) {
		_ = changed(v, Payments, yield) && changed(v, Queries, yield) && changed(v, Orders, yield)
	}
}

// changed goes through the headers of what has changed of a table, until it is told to end.
func changed[T any, P interface {
	*T
	Subject
}](v unit.Viewer, table *unit.Table[int64, T], yield func(h *Header, isNew bool) bool) bool {
	if table.Changes(v) == 0 {
		return true
	}
	for row, isNew := range table.In(v).Changed {
		if !yield(P(row).Head(), isNew) {
			return false
		}
	}
	return true
}

// needSubject names what has a number, in whatever table it is.
func (v *View) needSubject(id int64) {
	if id != 0 {
		Payments.Need(v, id)
		Queries.Need(v, id)
		Orders.Need(v, id)
	}
}

// Find returns what has a number, of what a view has loaded; nil: nothing has.
func Find(v *View, id int64) Subject {
	if p, ok := loaded(v, Payments, id); ok {
		return &p
	}
	if q, ok := loaded(v, Queries, id); ok {
		return &q
	}
	if o, ok := loaded(v, Orders, id); ok {
		return &o
	}
	return nil
}

// loaded is a row that may not have been asked for.
func loaded[K comparable, T any](v *View, table *unit.Table[K, T], k K) (row T, ok bool) {
	if !table.Loaded(v, k) {
		return row, false
	}
	return table.Get(v, k)
}
