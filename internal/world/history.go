package world

import (
	"time"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// History is the command that adds payments of the past to an installation that is to be measured: completed, delivered and in
// the books, as they would be had they happened. They are of 1 to 100 shillings, which no tariff charges for.
type History struct {
	Number    int           // of the first payment in the history
	Count     int           // of payments
	Customers int           // who pay in turn
	First     msisdn.Number // the first of them
	Every     time.Duration // between two payments
	End       int           // how many payments the whole history has: the last is now
}

// historyPaybills are paid in turn.
const (
	historyPaybill  = mpesa.Shortcode(600_000)
	historyPaybills = 8
)

func (c *History) payer(i int) mpesa.Party {
	return mpesa.CustomerParty(c.First + msisdn.Number((c.Number+i)%c.Customers))
}

func (c *History) payee(i int) mpesa.Shortcode {
	return historyPaybill + mpesa.Shortcode((c.Number+i)%historyPaybills)
}

// Need names the customers and the accounts.
func (c *History) Need(v *mpesa.View, n *mpesa.Needs) {
	if v.Accounts.Loaded(trust) {
		return
	}
	n.Accounts = append(n.Accounts, trust)
	for i := range historyPaybills {
		n.Accounts = append(n.Accounts, (historyPaybill + mpesa.Shortcode(i)).Party().Account(mpesa.Utility))
	}
	for i := range min(c.Count, c.Customers) {
		phone, _ := c.payer(i).Phone()
		n.Subscribers = append(n.Subscribers, phone)
		n.Accounts = append(n.Accounts, c.payer(i).Account(mpesa.Wallet))
	}
}

// Decide adds the payments.
func (c *History) Decide(v *mpesa.View, now time.Time) {
	for i := range c.Count {
		at := now.Add(-time.Duration(c.End-c.Number-i) * c.Every)
		payer, payee := c.payer(i), c.payee(i)
		if phone, _ := payer.Phone(); !v.Known(phone) {
			v.Register(phone, at)
		}
		wallet := payer.Account(mpesa.Wallet)
		amount := money.Shillings(int64(1 + (c.Number+i)/c.Customers%100))
		p := v.Transfer(mpesa.Express, payer, payee.Party(), "history", []mpesa.Posting{{Debit: wallet, Credit: payee.Party().Account(mpesa.Utility), Amount: amount}}, at)
		account, _ := v.Accounts.Get(wallet)
		p.Business, p.Previous = payee, account.LastPayment
		p.Details = mpesa.Details{TransactionType: mpesa.CustomerPayBillOnline, CallBackURL: "http://127.0.0.1:9/history", Reference: "history"}
		account.LastPayment, account.LastAccepted = p.ID, p.AcceptedAt
		v.Accounts.Put(wallet, account)
		v.Payments.Put(p.ID, p)
		v.Deliveries.Create(p.ID<<4, mpesa.Delivery{ID: p.ID << 4, Kind: mpesa.ExpressResult, State: mpesa.Delivered, Owner: payee, URL: p.Details.CallBackURL,
			Attempts: []mpesa.Attempt{{At: at.UnixMilli(), Status: 200, Micros: 1000}}})
	}
}
