package bench

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// History is the command that adds payments of the past to an installation that is to be measured: completed, delivered and in
// the books, as they would be had they happened. They are pushes, payments by customers, payments to customers and payments
// between businesses by turns, of 10 to 100 shillings, which no tariff charges for.
type History struct {
	Number    int           // of the first payment in the history
	Count     int           // of payments
	Customers int           // who pay and are paid in turn
	First     msisdn.Number // the first of them
	Every     time.Duration // between two payments
	End       int           // how many payments the whole history has: the last is now
}

// The organisations of the history: those that the load is for.
const (
	pushing       = mpesa.Shortcode(600_000) // and the following
	pushers       = 8
	receiving     = mpesa.Shortcode(600_900)
	receivers     = 9
	payingOut     = mpesa.Shortcode(600_010)
	transferring  = mpesa.Shortcode(600_450)
	payers        = 440
	transferredTo = mpesa.Shortcode(600_910)

	historyURL  = "http://127.0.0.1:9/history"
	historyKind = 4 // kinds of payments, by turns
)

var trust = mpesa.Provider.Account(mpesa.Trust)

// past is a payment of the history.
type past struct {
	mpesa.Payment
	debit, credit mpesa.AccountID
	told          []mpesa.DeliveryKind
}

// payment is the payment with a number, but for what depends on the books.
func (c *History) payment(number int) past {
	turn := number / historyKind
	customer := mpesa.CustomerParty(c.First + msisdn.Number(turn%c.Customers))
	x := past{Payment: mpesa.Payment{Header: mpesa.Header{Amount: money.Shillings(int64(10 + turn/c.Customers%91))}}}
	x.Details.Reference = "history"
	switch number % historyKind {
	case 0:
		x.by(mpesa.Express, mpesa.CustomerPayBillOnline, customer, mpesa.Wallet, of(pushing, turn, pushers).Party(), mpesa.Utility)
		x.Details.CallBackURL, x.told = historyURL, []mpesa.DeliveryKind{mpesa.ExpressResult}
	case 1:
		x.by(mpesa.C2B, mpesa.CustomerPayBillOnline, customer, mpesa.Wallet, of(receiving, turn, receivers).Party(), mpesa.Utility)
		x.Details.Masked, x.told = 2, []mpesa.DeliveryKind{mpesa.Validation, mpesa.Confirmation}
	case 2:
		x.by(mpesa.B2C, "BusinessPayment", of(payingOut, turn, payers).Party(), mpesa.Utility, customer, mpesa.Wallet)
		x.initiated()
		x.Details.Reference = ""
	case 3:
		x.by(mpesa.B2B, mpesa.BusinessPayBill, of(transferring, turn, payers).Party(), mpesa.Working, of(transferredTo, turn, receivers).Party(), mpesa.Utility)
		x.initiated()
	}
	return x
}

// of is one of so many organisations, by turns.
func of(first mpesa.Shortcode, turn, count int) mpesa.Shortcode {
	return first + mpesa.Shortcode(turn%count)
}

// by sets the payment's kind and parties. The business is the party that is one, the payer first.
func (x *past) by(kind mpesa.Kind, command string, payer mpesa.Party, from mpesa.AccountKind, payee mpesa.Party, to mpesa.AccountKind) {
	x.Kind, x.Payer, x.Payee, x.debit, x.credit = kind, payer, payee, payer.Account(from), payee.Account(to)
	x.Details.TransactionType = command
	business, ok := payer.Shortcode()
	if !ok {
		business, _ = payee.Shortcode()
	}
	x.Business = business
}

// initiated sets what an operator's request has besides.
func (x *past) initiated() {
	x.Details.Initiator, x.Details.Description = "testapi", "history"
	x.Details.CallBackURL, x.Details.TimeoutURL, x.told = historyURL, historyURL, []mpesa.DeliveryKind{mpesa.Result}
}

// customer is the customer who takes part; ok is false when none does.
func (x *past) customer() (phone msisdn.Number, ok bool) {
	if phone, ok = x.Payer.Phone(); !ok {
		phone, ok = x.Payee.Phone()
	}
	return phone, ok
}

// Need names the customers and the accounts.
func (c *History) Need(v *mpesa.View) {
	if mpesa.Accounts.Loaded(v, trust) {
		return
	}
	mpesa.Accounts.Need(v, trust)
	accounts, phones := map[mpesa.AccountID]bool{}, map[msisdn.Number]bool{}
	for i := range c.Count {
		x := c.payment(c.Number + i)
		for _, id := range x.touched() {
			if !accounts[id] {
				accounts[id] = true
				mpesa.Accounts.Need(v, id)
			}
		}
		phone, ok := x.customer()
		switch {
		case !ok:
			mpesa.Organisations.Need(v, mpesa.Shortcode(x.Payer))
			mpesa.Organisations.Need(v, mpesa.Shortcode(x.Payee))
		case !phones[phone]:
			phones[phone] = true
			mpesa.Subscribers.Need(v, phone)
		}
	}
}

// touched are the accounts that the payment moves, or that its result tells of.
func (x *past) touched() []mpesa.AccountID {
	ids := []mpesa.AccountID{x.debit, x.credit}
	for _, kind := range x.tells() {
		ids = append(ids, x.Business.Party().Account(kind))
	}
	return ids
}

// tells are the kinds of the business's accounts that the result tells of.
func (x *past) tells() []mpesa.AccountKind {
	switch x.Kind {
	case mpesa.C2B:
		return []mpesa.AccountKind{mpesa.Utility}
	case mpesa.B2C:
		return []mpesa.AccountKind{mpesa.Utility, mpesa.Working, mpesa.ChargesPaid}
	case mpesa.B2B:
		return []mpesa.AccountKind{mpesa.Working}
	}
	return nil
}

// Decide adds the payments.
func (c *History) Decide(v *mpesa.View, now time.Time) {
	for i := range c.Count {
		c.add(v, c.payment(c.Number+i), now.Add(-time.Duration(c.End-c.Number-i)*c.Every))
	}
}

func (c *History) add(v *mpesa.View, x past, at time.Time) {
	if phone, ok := x.customer(); ok && !v.Known(phone) {
		v.Register(phone, at)
	}
	p := v.Transfer(x.Kind, x.Payer, x.Payee, x.Details.Description, []mpesa.Posting{{Debit: x.debit, Credit: x.credit, Amount: x.Amount}}, at)
	p.Business, p.Details = x.Business, x.Details
	chain(v, &p, x)
	if x.Kind != mpesa.Express {
		settled(v, &p, x)
	}
	if x.Kind == mpesa.B2C {
		p.Details.Originator = fmt.Sprintf("history-%d", p.ID)
		k := mpesa.IdempotencyKey{Owner: p.Payer, Name: p.Details.Originator}
		mpesa.Idempotency.Create(v, k, mpesa.KeyHolder{IdempotencyKey: k, Payment: p.ID})
	}
	mpesa.Payments.Put(v, p.ID, p)
	for _, kind := range x.told {
		id := p.DeliveryID(kind)
		mpesa.Deliveries.Create(v, id, mpesa.Delivery{ID: id, Kind: kind, State: mpesa.Delivered, Owner: p.Business, URL: historyURL,
			Attempts: []mpesa.Attempt{{At: at.UnixMilli(), Status: 200, Micros: 1000}}})
	}
}

// chain puts the payment at the heads of its payer's and its payee's chains.
func chain(v *mpesa.View, p *mpesa.Payment, x past) {
	if _, ok := p.Payer.Phone(); ok {
		wallet, _ := mpesa.Accounts.Get(v, x.debit)
		p.Previous, wallet.LastPayment = wallet.LastPayment, p.ID
		if p.Kind == mpesa.Express {
			wallet.LastAccepted = p.AcceptedAt
		}
		mpesa.Accounts.Put(v, x.debit, wallet)
	}
	credited, _ := mpesa.Accounts.Get(v, x.credit)
	p.PayeePrevious, credited.LastPayment = credited.LastPayment, p.ID
	mpesa.Accounts.Put(v, x.credit, credited)
}

// settled notes what results tell of: names, and what the business's accounts then held.
func settled(v *mpesa.View, p *mpesa.Payment, x past) {
	p.Details.Settled = true
	phone, _ := x.customer()
	switch p.Kind {
	case mpesa.C2B:
		s, _ := mpesa.Subscribers.Get(v, phone)
		p.Details.Payer, p.Details.ValidatedAt = s.Name, p.AcceptedAt
	case mpesa.B2C:
		s, _ := mpesa.Subscribers.Get(v, phone)
		p.Details.Payee = s.Name
	case mpesa.B2B:
		p.Details.Payer, p.Details.Payee = mpesa.Organisations.Get(v, mpesa.Shortcode(p.Payer)).Name, mpesa.Organisations.Get(v, mpesa.Shortcode(p.Payee)).Name
	}
	for _, kind := range x.tells() {
		a, _ := mpesa.Accounts.Get(v, p.Business.Party().Account(kind))
		p.Details.Funds = append(p.Details.Funds, mpesa.Funds{Kind: kind, Balance: a.Balance, Held: a.Held})
	}
}
