package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
)

// settle moves the money of a payment that its payer has approved, or fails it by the first rule that forbids it.
func (v *View) settle(p *Payment, s Subscriber, now time.Time) {
	credit, result, reason := v.receivingAccount(*p, s)
	if result != codes.Success {
		v.fail(p, result, now, reason)
		return
	}
	receiver := v.Organisations[Shortcode(p.Payee)]
	customerCharge, businessCharge, err := v.Policy.Rules.Charges(receiver.tariff(), p.Amount, now)
	if err != nil {
		v.fail(p, codes.NotPermitted, now, fmt.Sprintf("%s: %v", receiver.Shortcode, err))
		return
	}
	wallet := v.account(p.Payer.Account(Wallet))
	if result, reason := v.limited(*p, s, wallet, customerCharge, credit, now); result != codes.Success {
		v.fail(p, result, now, reason)
		return
	}

	n := 0
	post := func(debit, credit AccountID, amount money.Amount, kind TransferKind) {
		if amount > 0 {
			v.post(p.ID, n, debit, credit, amount, kind, now)
			n++
		}
	}
	post(wallet.ID, credit, p.Amount, Principal)
	post(wallet.ID, Operator.Account(Fees), customerCharge, CustomerCharge)
	post(p.Payee.Account(ChargesPaid), Operator.Account(Fees), businessCharge, BusinessCharge)

	wallet = v.account(wallet.ID)
	day := clock.Day(now)
	wallet.Spent = wallet.SpentOn(day) + p.Amount
	wallet.Day = day
	wallet.Recent = append(recent(wallet, now), Recent{p.Amount, now.UnixMilli()})
	v.Accounts.Put(wallet.ID, wallet)
	v.finish(p, Completed, codes.Success, now)
}

// receivingAccount finds the account to credit by PartyB and TransactionType, as the explanations of results 2028 and
// SFC_IC0003 have it (MpesaExpressSimulate, result codes): a pay bill is its own business, a till belongs to the business.
func (v *View) receivingAccount(p Payment, s Subscriber) (AccountID, codes.Result, string) {
	switch s.Standing {
	case NoProducts:
		return 0, codes.NotPermitted, fmt.Sprintf("the product of %s doesn't include paying businesses", s.MSISDN)
	case NoOperator:
		return 0, codes.OperatorNotFound, fmt.Sprintf("the record of %s names an operator that doesn't exist", s.MSISDN)
	}
	receiver := v.Organisations[Shortcode(p.Payee)]
	if receiver == nil {
		return 0, codes.OperatorNotFound, fmt.Sprintf("PartyB %s is nobody's shortcode", p.Payee)
	}
	switch {
	case p.Details.TransactionType == CustomerPayBillOnline && receiver.Kind == PayBill && receiver.Shortcode == p.Business:
		return p.Payee.Account(receives(CustomerPayBillOnline)), codes.Success, ""
	case p.Details.TransactionType == CustomerBuyGoodsOnline && receiver.Kind == Till && receiver.Store == p.Business:
		return p.Payee.Account(receives(CustomerBuyGoodsOnline)), codes.Success, ""
	}
	return 0, codes.NotPermitted, fmt.Sprintf("PartyB %s is a %s and not for a %s asked for by %s",
		receiver.Shortcode, receiver.Kind, p.Details.TransactionType, p.Business)
}

// receives is the kind of account that a payment of the transaction type is credited to (wire.md §18).
func receives(transactionType string) AccountKind {
	if transactionType == CustomerBuyGoodsOnline {
		return Merchant
	}
	return Utility
}

// limited applies the limits of the customer and of the receiving account, in the order of their codes but for the balance,
// which is looked at last of the payer's.
func (v *View) limited(p Payment, s Subscriber, wallet Account, charge money.Amount, credit AccountID, now time.Time) (codes.Result, string) {
	limits := v.Policy.Rules.Limits(s.Limits, now)
	total := p.Amount + charge
	most := limits.ReceiverBalance
	if receiver := v.Organisations[Shortcode(p.Payee)]; receiver.MaxBalance > 0 {
		most = min(most, receiver.MaxBalance)
	}
	switch spent, after := wallet.SpentOn(clock.Day(now)), v.account(credit).Balance+p.Amount; {
	case p.Amount < limits.Minimum:
		return codes.BelowMinimum, fmt.Sprintf("%s is less than the minimum of %s", p.Amount, limits.Minimum)
	case p.Amount > limits.Maximum:
		return codes.AboveMaximum, fmt.Sprintf("%s is more than the maximum of %s", p.Amount, limits.Maximum)
	case spent+p.Amount > limits.Daily:
		return codes.AboveDailyLimit, fmt.Sprintf("%s paid today and %s are more than the %s of a day", spent, p.Amount, limits.Daily)
	case repeats(recent(wallet, now), p.Amount) >= limits.SameAmount:
		return codes.RuleLimited, fmt.Sprintf("%s was paid by %s less than %s ago", p.Amount, s.MSISDN, sameAmountWindow)
	case total > wallet.Available():
		return codes.InsufficientFunds, fmt.Sprintf("%s and a charge of %s are more than the %s that %s has", p.Amount, charge, wallet.Available(), s.MSISDN)
	case after > most:
		return codes.AboveBalanceLimit, fmt.Sprintf("%s would hold %s, more than its limit of %s", credit, after, most)
	}
	return codes.Success, ""
}

// recent lists what the wallet paid in the two minutes before now. The result shares no memory with the wallet.
func recent(wallet Account, now time.Time) []Recent {
	since := now.Add(-sameAmountWindow).UnixMilli()
	i := 0
	for i < len(wallet.Recent) && wallet.Recent[i].At <= since {
		i++
	}
	return append(make([]Recent, 0, len(wallet.Recent)-i+1), wallet.Recent[i:]...)
}

func repeats(recent []Recent, amount money.Amount) (n int) {
	for _, r := range recent {
		if r.Amount == amount {
			n++
		}
	}
	return n
}

// tariff is the name of the tariff for payments to the organisation.
func (o *Organisation) tariff() string {
	switch {
	case o.Tariff != "":
		return o.Tariff
	case o.Kind == Till:
		return "buy-goods"
	default:
		return "mgao"
	}
}

// fail ends a payment without moving anything.
func (v *View) fail(p *Payment, result codes.Result, now time.Time, reason string) {
	p.Details.Reason = reason
	v.finish(p, Failed, result, now)
}

// finish gives a payment its result, frees the phone and owes the merchant the callback.
func (v *View) finish(p *Payment, state State, result codes.Result, now time.Time) {
	wallet := v.account(p.Payer.Account(Wallet))
	p.State, p.Result, p.FinishedAt, p.DueAt = state, result, max(now.UnixMilli(), p.AcceptedAt), 0
	p.Previous = wallet.LastPayment
	wallet.LastPayment = p.ID
	wallet.LastAccepted = max(wallet.LastAccepted, p.AcceptedAt)
	v.Accounts.Put(wallet.ID, wallet)
	if v.Payments.Loaded(p.ID) {
		v.Payments.Put(p.ID, *p)
	} else {
		v.Payments.Create(p.ID, *p)
	}
	v.Open[p.Payer] = 0
	v.deliver(*p, ExpressResult, p.Details.CallBackURL, now)
}
