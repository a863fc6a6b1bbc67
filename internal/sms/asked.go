package sms

import (
	"fmt"
	"slices"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

// Messages of what a phone was asked for and paid nothing out of the wallet. Their words are ours: nobody has recorded real ones.

// orders is the chain of the messages of standing orders, of the latest that the customer was asked to agree to.
func (w *writer) orders(phone msisdn.Number) (*chain, error) {
	list, err := w.read.Activity(w.ctx, store.PaymentFilter{Payer: mpesa.CustomerParty(phone), Kind: mpesa.StandingOrder}, store.Page{Limit: lookedThrough})
	if err != nil {
		return nil, err
	}
	c := &chain{}
	for _, x := range list {
		o, ok := x.(*mpesa.Order)
		if !ok || o.ReceiptAt() == 0 {
			continue
		}
		text, err := w.ofOrder(o)
		if err != nil {
			return nil, err
		}
		if text != "" {
			c.waiting = append(c.waiting, Message{At: time.UnixMilli(o.ReceiptAt()).In(clock.EAT), Text: text, Payment: o.ID})
		}
	}
	slices.SortStableFunc(c.waiting, func(a, b Message) int { return b.At.Compare(a.At) })
	return c, nil
}

// ofOrder is the SMS to a customer who has agreed to a standing order, or why there is none; "" where they are told nothing.
func (w *writer) ofOrder(o *mpesa.Order) (string, error) {
	if o.Agreed == 0 {
		return w.failure(&o.Header, o.Type, "")
	}
	payee, err := w.name(o.Payee, "")
	day := func(ms int64) string { return time.UnixMilli(ms).In(clock.EAT).Format("2/1/06") }
	return fmt.Sprintf("%s Confirmed. Your standing order %s of Ksh%s to %s, %s from %s to %s, has been created.",
		w.mint.Receipt(o.ID, time.UnixMilli(o.ReceiptAt()).In(clock.EAT)), o.Name, o.Amount.Grouped(), payee, o.Frequency, day(o.First), day(o.Last)), err
}

// checkedOut is the SMS to the owner who had their organisation pay another.
func (w *writer) checkedOut(e event) (string, error) {
	payee, err := w.name(e.Payee, e.Details.Payee)
	working := e.balance(e.Details.From.Party().Account(mpesa.Working))
	return fmt.Sprintf("%s Confirmed. Ksh%s sent to %s for account %s on %s. New Working Account balance of %s is Ksh%s.",
		e.receipt, e.Amount.Grouped(), payee, e.Details.Reference, e.on, e.Details.From, working), err
}
