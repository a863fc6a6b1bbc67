// Package sms writes the SMS that customers and owners get, from their payments.
package sms

import (
	"context"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

// Message is an SMS that a phone got.
type Message struct {
	At      time.Time
	Text    string
	Payment int64
}

// Inbox writes the messages that phones received. Those of payments are not stored: the payments say all that was in them, and the
// accounts remember their payments. Others, such as a one-time PIN, are.
type Inbox struct {
	Store store.Reader
	Mint  *ids.Mint
	Owned func(context.Context, msisdn.Number) ([]mpesa.Shortcode, error) // lists the organisations that a customer owns
}

// Messages writes a phone's messages, newest first and at most limit: the customer's own, and those of the organisations whose owner
// they are (DarajaTutorial, C2B API, process, 8).
func (i Inbox) Messages(ctx context.Context, phone msisdn.Number, limit int) ([]Message, error) {
	w := &writer{ctx: ctx, read: i.Store, mint: i.Mint}
	owned, err := i.Owned(ctx, phone)
	if err != nil {
		return nil, err
	}
	chains, err := w.chains(phone, owned)
	if err != nil {
		return nil, err
	}
	stored, err := w.stored(phone, limit)
	if err != nil {
		return nil, err
	}
	orders, err := w.orders(phone)
	if err != nil {
		return nil, err
	}
	chains = append(chains, stored, orders)
	var list []Message
	for len(list) < limit {
		newest, err := w.newest(chains)
		if err != nil || newest == nil {
			return list, err
		}
		list = append(list, newest.waiting[0])
		newest.waiting = newest.waiting[1:]
	}
	return list, nil
}

// chain goes through the payments of an account from the one that ended last, and holds the messages that it gave rise to.
type chain struct {
	account mpesa.AccountID
	next    int64 // payment; 0: there is none before
	silent  int   // payments in a row that gave rise to none
	waiting []Message
}

// lookedThrough is how many payments in a row without a message are read before a chain is taken to have no more.
const lookedThrough = 500

// stored is the chain of the messages that no payment tells of: as many of the newest as can be wanted.
func (w *writer) stored(phone msisdn.Number, limit int) (*chain, error) {
	list, err := w.read.Messages(w.ctx, phone, store.Page{Limit: limit})
	c := &chain{}
	for _, m := range list {
		c.waiting = append(c.waiting, Message{At: time.UnixMilli(m.At).In(clock.EAT), Text: m.Text})
	}
	return c, err
}

// chains lists those of the customer's wallet, and of the accounts of the organisations that they own.
func (w *writer) chains(phone msisdn.Number, owned []mpesa.Shortcode) ([]*chain, error) {
	var list []*chain
	wallet, err := store.Get(w.ctx, w.read, mpesa.Accounts, mpesa.CustomerParty(phone).Account(mpesa.Wallet))
	if err != nil {
		return nil, err
	}
	if wallet != nil {
		list = append(list, &chain{account: wallet.ID, next: wallet.LastPayment})
	}
	for _, s := range owned {
		accounts, err := w.read.Accounts(w.ctx, s.Party())
		if err != nil {
			return nil, err
		}
		for _, a := range accounts {
			list = append(list, &chain{account: a.ID, next: a.LastPayment})
		}
	}
	return list, nil
}

// newest is the chain whose next message is the newest of all; nil when there are no more. The chains that have come to an end stay
// where they are.
func (w *writer) newest(chains []*chain) (newest *chain, err error) {
	for _, c := range chains {
		for len(c.waiting) == 0 && c.next != 0 {
			if err := w.follow(c); err != nil {
				return nil, err
			}
		}
		if len(c.waiting) > 0 && (newest == nil || c.waiting[0].after(newest.waiting[0])) {
			newest = c
		}
	}
	return newest, nil
}

// after reports whether a message came after another one.
func (m Message) after(other Message) bool {
	if !m.At.Equal(other.At) {
		return m.At.After(other.At)
	}
	return m.Payment > other.Payment
}

// follow reads the next payment of a chain and writes its messages.
func (w *writer) follow(c *chain) error {
	p, err := store.Get(w.ctx, w.read, mpesa.Payments, c.next)
	if err != nil || p == nil {
		c.next = 0
		return err
	}
	owner := c.account.Party()
	c.next = p.PreviousOf(owner)
	c.waiting, err = w.messages(p, owner)
	if c.silent++; len(c.waiting) > 0 {
		c.silent = 0
	} else if c.silent == lookedThrough {
		c.next = 0
	}
	return err
}
