package sms

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// Messages of what a phone was asked for and paid nothing out of the wallet. Their words are ours: nobody has recorded real ones.

// agreed is the SMS to a customer who has agreed to a standing order.
func (w *writer) agreed(p *mpesa.Payment) ([]Message, error) {
	payee, err := w.name(p.Payee, p.Details.Payee)
	if err != nil {
		return nil, err
	}
	order, at := &p.Details.Order, time.UnixMilli(p.ReceiptAt()).In(clock.EAT)
	day := func(ms int64) string { return time.UnixMilli(ms).In(clock.EAT).Format("2/1/06") }
	text := fmt.Sprintf("%s Confirmed. Your standing order %s of Ksh%s to %s, %s from %s to %s, has been created.",
		w.mint.Receipt(p.ID, at), order.Name, p.Amount.Grouped(), payee, order.Frequency, day(order.First), day(order.Last))
	return []Message{{At: at, Text: text, Payment: p.ID}}, nil
}

// checkedOut is the SMS to the owner who had their organisation pay another.
func (w *writer) checkedOut(e event) (string, error) {
	payee, err := w.name(e.Payee, e.Details.Payee)
	working := e.balance(e.Details.From.Party().Account(mpesa.Working))
	return fmt.Sprintf("%s Confirmed. Ksh%s sent to %s for account %s on %s. New Working Account balance of %s is Ksh%s.",
		e.receipt, e.Amount.Grouped(), payee, e.Details.Reference, e.on, e.Details.From, working), err
}
