package news

import (
	"strconv"

	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
)

// The topics.
const (
	Payments  = "payments"  // any payment has changed
	Callbacks = "callbacks" // any callback has changed
	Journal   = "journal"   // a request has come to the gateway
)

// Phone is the topic of a phone: its owner, their wallet, or a payment that they have a part in.
func Phone(n msisdn.Number) string { return "phone:" + n.String() }

// Payment is the topic of a payment, by its number, and of its callbacks.
func Payment(id int64) string { return "payment:" + strconv.FormatInt(id, 10) }

// Organisation is the topic of an organisation: itself, its accounts, its operators, or a payment that it has a part in.
func Organisation(s mpesa.Shortcode) string { return "organisation:" + s.String() }

// JournalOf is the topic of the requests of an app, by its consumer key.
func JournalOf(app string) string { return Journal + ":" + app }

// Collected is the topic of what comes to one of Kivuko's own URLs for callbacks, by its box.
func Collected(box string) string { return "collected:" + box }

// Requested tells of a request that the journal has noted.
func (h *Hub) Requested(e journal.Entry) {
	if !h.Watched() {
		return
	}
	h.Publish(Journal)
	if e.App != "" {
		var room [64]byte
		h.publish(append(append(room[:0], Journal+":"...), e.App...))
	}
}

// Committed tells of what a unit of work has changed. It is an engine's listener.
func (h *Hub) Committed(v *mpesa.View) {
	if !h.Watched() {
		return
	}
	any := false
	for p := range mpesa.Changed(v) {
		any = true
		h.payment(p)
	}
	for t := range portal.Tasks.In(v).Changed {
		any = true
		h.payment(&t.Header)
	}
	if any {
		h.Publish(Payments)
	}
	h.callbacks(v)
	for s := range mpesa.Subscribers.In(v).Changed {
		h.number("phone:", int64(s.MSISDN))
	}
	for id := range mpesa.Accounts.In(v).ChangedKeys {
		h.party(id.Party())
	}
	for id := range mpesa.Operators.In(v).ChangedKeys {
		h.number("organisation:", int64(id.Shortcode))
	}
	for s := range mpesa.Registry.In(v).ChangedKeys {
		h.number("organisation:", int64(s))
	}
}

func (h *Hub) payment(p *mpesa.Header) {
	h.number("payment:", p.ID)
	h.party(p.Payer)
	h.party(p.Payee)
	if business := mpesa.Party(p.Business); business != p.Payer && business != p.Payee {
		h.party(business)
	}
}

func (h *Hub) callbacks(v *mpesa.View) {
	any := false
	for d := range mpesa.Deliveries.In(v).Changed {
		any = true
		h.number("payment:", d.Payment())
	}
	if any {
		h.Publish(Callbacks)
	}
}

// party tells those who watch a phone or an organisation.
func (h *Hub) party(p mpesa.Party) {
	if n, ok := p.Phone(); ok {
		h.number("phone:", int64(n))
	} else if s, ok := p.Shortcode(); ok {
		h.number("organisation:", int64(s))
	}
}

func (h *Hub) number(kind string, n int64) {
	var room [48]byte
	h.publish(strconv.AppendInt(append(room[:0], kind...), n, 10))
}
