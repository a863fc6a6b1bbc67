package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
)

// plan is what a payment by a customer to a business will move.
type plan struct {
	credit         AccountID
	customerCharge money.Amount
	businessCharge money.Amount
}

// approve goes on with a payment that its payer wants made: the money moves, or is held while the business is asked whether it
// takes it, or the payment fails by the first rule that forbids it.
func (v *View) approve(p *Payment, s Subscriber, now time.Time) {
	if p.Kind == B2BExpress {
		v.checkOut(p, now)
		return
	}
	plan, result, reason := v.check(*p, s, now)
	switch receiver := Organisations.Get(v, Shortcode(p.Payee)); {
	case result != codes.Success:
		v.Fail(p, result, now, reason)
	case receiver.Validates && receiver.URLs.Validation != "":
		v.hold(p, receiver, s, p.Amount+plan.customerCharge, now)
	default:
		v.complete(p, plan, s, now)
	}
}

// check looks for a rule that forbids the payment.
func (v *View) check(p Payment, s Subscriber, now time.Time) (plan, codes.Result, string) {
	credit, result, reason := v.receivingAccount(p, s)
	if result != codes.Success {
		return plan{}, result, reason
	}
	receiver := Organisations.Get(v, Shortcode(p.Payee))
	customerCharge, businessCharge, err := v.Policy.Rules.Charges(receiver.tariff(), p.Amount, now)
	if err != nil {
		return plan{}, codes.NotPermitted, fmt.Sprintf("%s: %v", receiver.Shortcode, err)
	}
	if p.ordered() {
		_, fee, err := v.Policy.Rules.Charges(standingOrderTariff, p.Amount, now)
		if err != nil {
			return plan{}, codes.NotPermitted, err.Error()
		}
		businessCharge += fee
	}
	result, reason = v.limited(p, s, customerCharge, credit, now)
	return plan{credit, customerCharge, businessCharge}, result, reason
}

// complete moves the money of a payment that no rule forbids.
func (v *View) complete(p *Payment, plan plan, s Subscriber, now time.Time) {
	wallet := p.Payer.Account(Wallet)
	v.post(p, now,
		Principal.Move(wallet, plan.credit, p.Amount),
		CustomerCharge.Move(wallet, Provider.Account(Fees), plan.customerCharge),
		BusinessCharge.Move(p.Payee.Account(ChargesPaid), Provider.Account(Fees), plan.businessCharge))
	v.spend(wallet, p.Amount, now)
	v.chainPayee(p, plan.credit)
	if receiver := Organisations.Get(v, Shortcode(p.Payee)); receiver.URLs.Confirmation != "" {
		v.introduce(p, receiver, s)
		p.Details.Settled = true
		p.Details.Funds = v.funds(p.Payee, plan.credit.Kind())
	}
	v.Finish(p, Completed, codes.Success, now)
}

// introduce notes what a business is told of the customer who pays.
func (v *View) introduce(p *Payment, receiver *Organisation, s Subscriber) {
	p.Details.Payer, p.Details.Masked = s.Name, receiver.URLs.Version
}

// spend counts what a customer paid towards the limits.
func (v *View) spend(wallet AccountID, amount money.Amount, now time.Time) {
	a := v.Account(wallet).On(clock.Day(now))
	a.Spent += amount
	a.Recent = append(recent(a, now), Recent{Amount: amount, At: a.EntryAt}) // the payment that it counts has been posted
	Accounts.Put(v, wallet, a)
}

// funds is what an owner's accounts hold.
func (v *View) funds(owner Party, kinds ...AccountKind) []Funds {
	list := make([]Funds, len(kinds))
	for i, k := range kinds {
		a := v.Account(owner.Account(k))
		list[i] = Funds{k, a.Balance, a.Held}
	}
	return list
}

// receivingAccount finds the account to credit by PartyB and TransactionType, as the explanations of results 2028 and
// SFC_IC0003 have it (MpesaExpressSimulate, result codes): a pay bill is its own business, a till belongs to the business.
// A customer who pays from the menu names the pay bill or the till itself.
func (v *View) receivingAccount(p Payment, s Subscriber) (AccountID, codes.Result, string) {
	if s.Standing == NoProducts {
		return 0, codes.NotPermitted, fmt.Sprintf("the product of %s doesn't include paying businesses", s.MSISDN)
	}
	if result, reason := s.barred(); result != codes.Success {
		return 0, result, reason
	}
	receiver := Organisations.Get(v, Shortcode(p.Payee))
	if receiver == nil {
		return 0, codes.OperatorNotFound, fmt.Sprintf("PartyB %s is nobody's shortcode", p.Payee)
	}
	kind := p.Details.TransactionType
	asked := p.Business
	if p.Kind == C2B && receiver.Kind == Till {
		asked = receiver.Store // a customer at a till doesn't name its store
	}
	switch {
	case receiver.Standing == Frozen:
		return 0, codes.AccountNotAllowed, fmt.Sprintf("the accounts of %s are frozen", receiver.Shortcode)
	case p.Kind == C2B && !receiver.Has(ProductC2B):
		return 0, codes.NotPermitted, fmt.Sprintf("%s is not assigned the product %s", receiver.Shortcode, ProductC2B)
	case kind == CustomerPayBillOnline && receiver.Kind == PayBill && receiver.Shortcode == asked,
		kind == CustomerBuyGoodsOnline && receiver.Kind == Till && receiver.Store == asked:
		return p.Payee.Account(receives(kind)), codes.Success, ""
	}
	return 0, codes.NotPermitted, fmt.Sprintf("PartyB %s is a %s and not for a %s asked for by %s", receiver.Shortcode, receiver.Kind, kind, p.Business)
}

// receives is the kind of account that a payment of the transaction type is credited to (wire.md §18).
func receives(transactionType string) AccountKind {
	if transactionType == CustomerBuyGoodsOnline {
		return Merchant
	}
	return Utility
}

// limited applies the limits of the customer, and then those of the receiving account.
func (v *View) limited(p Payment, s Subscriber, charge money.Amount, credit AccountID, now time.Time) (codes.Result, string) {
	limits := v.Policy.Rules.Limits(s.Limits, now)
	if result, reason := v.spendable(p, s, limits.Minimum, charge, now); result != codes.Success {
		return result, reason
	}
	return limits.room(v.Account(credit), p.Amount, Organisations.Get(v, Shortcode(p.Payee)).MaxBalance)
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
