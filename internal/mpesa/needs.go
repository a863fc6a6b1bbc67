package mpesa

import (
	"github.com/kivuko/kivuko/internal/msisdn"
)

// Needs are the keys of rows to load.
type Needs struct {
	Subscribers   []msisdn.Number
	Organisations []Shortcode
	Accounts      []AccountID
	Payments      []int64
	Open          []Party // the open payments of these payers
	Deliveries    []int64
	Operators     []OperatorID
	Idempotency   []IdempotencyKey
	Registry      []Shortcode // organisations that are to be changed
	Apps          []string    // consumer keys
	BulkRows      []BulkRowID

	// Look has those of the keys that lead to more: the command cannot name the rest before it has seen their rows. Where rows are
	// locked, these are first read without a lock, so that all rows can be locked together. May be nil.
	Look *Needs
}

// Len counts the keys.
func (n *Needs) Len() int {
	return len(n.Subscribers) + len(n.Organisations) + len(n.Accounts) + len(n.Payments) + len(n.Open) + len(n.Deliveries) +
		len(n.Operators) + len(n.Idempotency) + len(n.Registry) + len(n.Apps) + len(n.BulkRows)
}

// Reset forgets the keys and keeps the memory.
func (n *Needs) Reset() {
	n.Subscribers, n.Organisations, n.Accounts = n.Subscribers[:0], n.Organisations[:0], n.Accounts[:0]
	n.Payments, n.Open, n.Deliveries = n.Payments[:0], n.Open[:0], n.Deliveries[:0]
	n.Operators, n.Idempotency, n.Registry = n.Operators[:0], n.Idempotency[:0], n.Registry[:0]
	n.Apps, n.BulkRows = n.Apps[:0], n.BulkRows[:0]
	if n.Look != nil {
		n.Look.Reset()
	}
}

// Add adds the keys of others, but for what they have in Look.
func (n *Needs) Add(others *Needs) {
	n.Subscribers = append(n.Subscribers, others.Subscribers...)
	n.Organisations = append(n.Organisations, others.Organisations...)
	n.Accounts = append(n.Accounts, others.Accounts...)
	n.Payments = append(n.Payments, others.Payments...)
	n.Open = append(n.Open, others.Open...)
	n.Deliveries = append(n.Deliveries, others.Deliveries...)
	n.Operators = append(n.Operators, others.Operators...)
	n.Idempotency = append(n.Idempotency, others.Idempotency...)
	n.Registry = append(n.Registry, others.Registry...)
	n.Apps = append(n.Apps, others.Apps...)
	n.BulkRows = append(n.BulkRows, others.BulkRows...)
}

func (n *Needs) look() *Needs {
	if n.Look == nil {
		n.Look = &Needs{}
	}
	return n.Look
}

// Assume has the view answer for rows that were not loaded, so that commands can be asked what else they would need: customers are
// known, and nothing else is there. Nothing is to be decided on such a view.
func (v *View) Assume(n *Needs) {
	for _, k := range n.Subscribers {
		if !v.Subscribers.Loaded(k) {
			v.Subscribers.Load(k, Subscriber{MSISDN: k})
		}
	}
	for _, k := range n.Open {
		if _, ok := v.Open[k]; !ok {
			v.Open[k] = 0
		}
	}
	v.Accounts.missing(n.Accounts)
	v.Payments.missing(n.Payments)
	v.Deliveries.missing(n.Deliveries)
	v.Operators.missing(n.Operators)
	v.Idempotency.missing(n.Idempotency)
	v.Registry.missing(n.Registry)
	v.Apps.missing(n.Apps)
	v.BulkRows.missing(n.BulkRows)
}

// needCustomer names a customer, their wallet and their open prompt.
func (v *View) needCustomer(n *Needs, phone msisdn.Number) {
	v.needRecipient(n, phone)
	if _, ok := v.Open[CustomerParty(phone)]; !ok {
		n.Open = append(n.Open, CustomerParty(phone))
	}
}

// needRecipient names a customer and their wallet. One who is new has the opening balance from the trust account.
func (v *View) needRecipient(n *Needs, phone msisdn.Number) {
	if !v.Subscribers.Loaded(phone) {
		n.Subscribers = append(n.Subscribers, phone)
		n.look().Subscribers = append(n.look().Subscribers, phone)
	} else if _, known := v.Subscribers.Get(phone); !known {
		v.needAccount(n, Provider.Account(Trust))
	}
	v.needAccount(n, CustomerParty(phone).Account(Wallet))
}

// needPrompt names the payment whose prompt is open on a customer's phone, and gives its number; 0: none is, as far as the view tells.
func (v *View) needPrompt(n *Needs, phone msisdn.Number) int64 {
	payer := CustomerParty(phone)
	open, known := v.Open[payer]
	switch {
	case !known:
		n.look().Open = append(n.look().Open, payer)
	case open != 0 && !v.Payments.Loaded(open):
		n.Payments = append(n.Payments, open)
	}
	return open
}

func (v *View) needAccount(n *Needs, id AccountID) {
	if !v.Accounts.Loaded(id) {
		n.Accounts = append(n.Accounts, id)
	}
}

func (v *View) needIdempotency(n *Needs, k IdempotencyKey) {
	if !v.Idempotency.Loaded(k) {
		n.Idempotency = append(n.Idempotency, k)
	}
}

func (v *View) needOperator(n *Needs, id OperatorID) {
	if !v.Operators.Loaded(id) {
		n.Operators = append(n.Operators, id)
	}
}

func (v *View) needOrganisation(n *Needs, s Shortcode) {
	if _, ok := v.Organisations[s]; !ok {
		n.Organisations = append(n.Organisations, s)
	}
}

// needLeading names an organisation that leads to more.
func (v *View) needLeading(n *Needs, s Shortcode) {
	if _, ok := v.Organisations[s]; !ok {
		n.Organisations = append(n.Organisations, s)
		n.look().Organisations = append(n.look().Organisations, s)
	}
}
