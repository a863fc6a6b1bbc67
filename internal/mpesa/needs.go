package mpesa

import "github.com/kivuko/kivuko/internal/msisdn"

// needCustomer names a customer, their wallet and their open prompt.
func (v *View) needCustomer(phone msisdn.Number) {
	v.NeedRecipient(phone)
	OpenPrompts.Need(v, CustomerParty(phone))
}

// NeedRecipient names a customer and their wallet. One who is new has the opening balance from the trust account.
func (v *View) NeedRecipient(phone msisdn.Number) {
	if !Subscribers.Loaded(v, phone) {
		Subscribers.Lead(v, phone)
	} else if _, known := Subscribers.Get(v, phone); !known {
		Accounts.Need(v, Provider.Account(Trust))
	}
	Accounts.Need(v, CustomerParty(phone).Account(Wallet))
}

// needPrompt names what the prompt is of that is open on a customer's phone, and gives its number; 0: none is, as far as the view tells.
func (v *View) needPrompt(phone msisdn.Number) int64 {
	payer := CustomerParty(phone)
	if !OpenPrompts.Loaded(v, payer) {
		OpenPrompts.Lead(v, payer)
		return 0
	}
	open := OpenPrompts.Get(v, payer)
	if open != 0 {
		Payments.Need(v, open)
		Orders.Need(v, open)
	}
	return open
}
