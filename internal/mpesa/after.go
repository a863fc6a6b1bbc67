package mpesa

import (
	"slices"
	"time"
)

// Hook is something that a completed payment by a customer sets off, where the business has registered a URL that is told of it.
type Hook struct {
	Tells  DeliveryKind
	Name   string // of that kind
	Number int64  // of its delivery, among those of the payment

	Need func(v *View, p *Payment)                // names the rows that Run reads; nil: none
	Run  func(v *View, p *Payment, now time.Time) // before the URL is told; nil: nothing else happens
}

// AfterPayment lists what completed payments by customers set off, in the order in which it happens.
func AfterPayment() []Hook {
	return []Hook{{Tells: Confirmation, Name: "confirmation", Number: 1}}
}

// Registration is a URL of an organisation's that is told of its payments.
type Registration struct {
	Kind DeliveryKind `json:"kind"`
	URL  string       `json:"url"`
}

// Registered returns the URL that the organisation has registered for a kind of callback about completed payments; "": none.
func (o *Organisation) Registered(kind DeliveryKind) string {
	if kind == Confirmation {
		return o.URLs.Confirmation
	}
	for _, r := range o.Registrations {
		if r.Kind == kind {
			return r.URL
		}
	}
	return ""
}

// Register has a URL told of completed payments, in the place of the one that was.
func (o *Organisation) Register(kind DeliveryKind, url string) {
	others := slices.DeleteFunc(slices.Clone(o.Registrations), func(r Registration) bool { return r.Kind == kind })
	o.Registrations = append(others, Registration{kind, url})
}

// registered reports whether anything may be told of completed payments. Most organisations end here: what follows costs them nothing.
func (o *Organisation) registered() bool { return o.URLs.Confirmation != "" || o.Registrations != nil }

// needAfterPayment names what completing a payment reads besides, once the view has the payee.
func (v *View) needAfterPayment(p *Payment) {
	payee, ok := p.Payee.Shortcode()
	if !ok || !Organisations.Loaded(v, payee) {
		return
	}
	o := Organisations.Get(v, payee)
	if o == nil || o.Registrations == nil {
		return
	}
	for _, h := range AfterPayment() {
		if h.Need != nil && o.Registered(h.Tells) != "" {
			paid := *p // the hook's own: else every payment would be on the heap
			h.Need(v, &paid)
		}
	}
}

// afterPayment does what a completed payment sets off.
func (v *View) afterPayment(p *Payment, now time.Time) {
	o := Organisations.Get(v, Shortcode(p.Payee))
	if !o.registered() {
		return
	}
	for _, h := range AfterPayment() {
		url := o.Registered(h.Tells)
		if url == "" {
			continue
		}
		if h.Run != nil {
			paid := *p
			h.Run(v, &paid, now)
		}
		v.deliver(&p.Header, h.Tells, url, now)
	}
}
