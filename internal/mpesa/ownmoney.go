package mpesa

import (
	"fmt"
	"slices"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/money"
)

// The TransactionTypes of such payments, as statements call them.
const (
	BankDeposit       = "Deposit of Funds to Organization Account"
	BankWithdrawal    = "Withdrawal of Funds to Bank Account"
	FundsMove         = "Move Funds between Organization Accounts"
	RevenueSettlement = "Organization Settlement"
)

// OwnRoute is a way that money may take between an organisation's own accounts.
type OwnRoute struct {
	From AccountKind `json:"from"`
	To   AccountKind `json:"to"`
}

// OwnRoutes lists the ways: those that CommandIDs of B2B take too (DarajaTutorial, B2B API), and the one out of an agency's float.
func OwnRoutes() []OwnRoute {
	list := []OwnRoute{{Float, Working}}
	for _, op := range operations {
		if op.Own {
			list = append(list, OwnRoute{op.From, op.To})
		}
	}
	return list
}

// Title is what the portal and statements call a move along the route: the same as the B2B command's that takes it (BusinessToPochi, FAQ 8:
// "Move Funds from MMF Account to Utility Account").
func (r OwnRoute) Title() string {
	for i := range operations {
		if op := &operations[i]; op.Own && op.From == r.From && op.To == r.To {
			return op.Title()
		}
	}
	return "Move Funds from " + r.From.String() + " to MMF Account" // the only way that no command takes: out of an agency's float
}

// PortalRoutes lists the ways that can be initiated on the portal: all but Utility to Working, which "is no longer available", since revenue
// settlement takes care of it (BusinessToPochi, account types).
func PortalRoutes() []OwnRoute {
	return slices.DeleteFunc(OwnRoutes(), func(r OwnRoute) bool { return r == OwnRoute{Utility, Working} })
}

// DepositAccounts lists the accounts of an organisation that money from outside can be paid into.
func DepositAccounts() []AccountKind { return []AccountKind{Working, Utility, Merchant} }

// SettlementTask is the settlement of an organisation's revenue, to be initiated.
func SettlementTask(business Shortcode) Payment {
	own := business.Party()
	return Payment{Header: Header{Kind: RevenueSettled, Business: business, Payer: own, Payee: own}, Details: Details{TransactionType: RevenueSettlement}}
}

// settleRevenue settles what was held for it, or else all that is there.
func (v *View) settleRevenue(p *Payment, revenue []ledger.Reservation, now time.Time) (codes.Result, string) {
	if revenue == nil {
		var result codes.Result
		var reason string
		if revenue, result, reason = v.revenue(p); result != codes.Success {
			return result, reason
		}
	}
	charges, working := v.Account(p.Payer.Account(ChargesPaid)), v.Account(p.Payer.Account(Working))
	settlement := p.Payer.Account(Settlement)
	p.Amount = total(revenue)
	owed := min(max(-charges.Balance, 0), p.Amount)
	rest := p.Amount - owed
	if result, reason := v.roomFor(working, rest, 0, now); result != codes.Success {
		return result, reason
	}
	var moves []ledger.Move
	for _, r := range revenue {
		moves = append(moves, Principal.Move(r.Account, settlement, r.Amount))
	}
	v.post(p, now, append(moves, Principal.Move(settlement, charges.ID, owed), Principal.Move(settlement, working.ID, rest))...)
	if rest > 0 {
		v.chainPayee(p, working.ID)
	}
	return codes.Success, ""
}

// revenue lists what customers have paid and nothing has reserved.
func (v *View) revenue(p *Payment) ([]ledger.Reservation, codes.Result, string) {
	var list []ledger.Reservation
	for _, kind := range []AccountKind{Utility, Merchant} {
		if a := v.Account(p.Payer.Account(kind)); a.Available() > 0 {
			list = append(list, ledger.Reservation{Account: a.ID, Amount: a.Available()})
		}
	}
	if len(list) == 0 {
		return nil, codes.InsufficientFunds, fmt.Sprintf("%s and %s hold no revenue", p.Payer.Account(Utility), p.Payer.Account(Merchant))
	}
	return list, codes.Success, ""
}

// MoveTask is a move between an organisation's own accounts, to be initiated.
func MoveTask(business Shortcode, route OwnRoute, amount money.Amount) Payment {
	own := business.Party()
	return Payment{Header: Header{Kind: OwnMove, Business: business, Payer: own, Payee: own, Amount: amount}, Details: Details{TransactionType: FundsMove, Route: route}}
}

func (v *View) moveFunds(p *Payment, now time.Time) (codes.Result, string) {
	route := p.Details.Route
	if !slices.Contains(OwnRoutes(), route) {
		return codes.NotPermitted, fmt.Sprintf("no money moves from an organisation's %s to its %s", route.From, route.To)
	}
	from, to := v.Account(p.Payer.Account(route.From)), v.Account(p.Payer.Account(route.To))
	if result, reason := affordable(from, p.Amount); result != codes.Success {
		return result, reason
	}
	if result, reason := v.roomFor(to, p.Amount, 0, now); result != codes.Success {
		return result, reason
	}
	v.post(p, now, Principal.Move(from.ID, to.ID, p.Amount))
	v.chainPayee(p, to.ID)
	return codes.Success, ""
}

// WithdrawalTask is a withdrawal to an organisation's bank, to be initiated.
func WithdrawalTask(business Shortcode, amount money.Amount) Payment {
	return Payment{Header: Header{Kind: Withdrawal, Business: business, Payer: business.Party(), Payee: Provider, Amount: amount}, Details: Details{TransactionType: BankWithdrawal}}
}

func (v *View) withdraw(p *Payment, held []ledger.Reservation, now time.Time) (codes.Result, string) {
	working, charges := v.Account(p.Payer.Account(Working)), v.Account(p.Payer.Account(ChargesPaid))
	if requested := held == nil; requested && charges.Balance < 0 { // later charges don't undo a request
		return codes.AccountNotAllowed, fmt.Sprintf("%s owes %s, which a revenue settlement has to clear before a withdrawal", charges.ID, -charges.Balance)
	}
	if result, reason := affordable(working, p.Amount); result != codes.Success {
		return result, reason
	}
	v.post(p, now, Principal.Move(working.ID, Provider.Account(Trust), p.Amount))
	return codes.Success, ""
}

// deposit pays money from outside into an organisation's account, one of DepositAccounts; into any other the result is 2028.
func (v *View) deposit(p *Payment, now time.Time) (codes.Result, string) {
	into := p.Details.Route.To
	if !slices.Contains(DepositAccounts(), into) {
		return codes.NotPermitted, fmt.Sprintf("nothing is deposited into a %s", into)
	}
	to, own := v.Account(p.Payee.Account(into)), Organisations.Get(v, p.Business).MaxBalance
	if into == Working {
		own = 0 // it is a limit of the accounts that customers pay into
	}
	if result, reason := v.roomFor(to, p.Amount, own, now); result != codes.Success {
		return result, reason
	}
	v.post(p, now, Principal.Move(Provider.Account(Trust), to.ID, p.Amount))
	v.chainPayee(p, to.ID)
	return codes.Success, ""
}

// NeedOwn names an organisation and accounts of it.
func (v *View) NeedOwn(business Shortcode, kinds ...AccountKind) {
	Organisations.Need(v, business)
	for _, kind := range kinds {
		Accounts.Need(v, business.Party().Account(kind))
	}
}

// Barred reports whether the organisation's standing forbids that its money moves (BusinessToPochi, result codes 11 and 2006).
func (o *Organisation) Barred() (codes.Result, string) {
	switch o.Standing {
	case Suspended:
		return codes.DebitPartyInvalid, fmt.Sprintf("%s is suspended", o.Shortcode)
	case Frozen:
		return codes.AccountNotAllowed, fmt.Sprintf("the accounts of %s are frozen", o.Shortcode)
	}
	return codes.Success, ""
}

// affordable reports whether an organisation's account can bear a payment.
func affordable(from Account, amount money.Amount) (codes.Result, string) {
	if amount > from.Available() {
		return codes.InsufficientFunds, fmt.Sprintf("%s is more than the %s in %s", amount, from.Available(), from.ID)
	}
	return codes.Success, ""
}

// roomFor applies the standard limit of what an organisation's account may hold, or a smaller one of its own (0: none).
func (v *View) roomFor(a Account, amount, own money.Amount, now time.Time) (codes.Result, string) {
	return v.Policy.Rules.Limits("", now).room(a, amount, own)
}

// room applies the limit of what an organisation's account may hold, or a smaller one of its own (0: none).
func (l Limits) room(a Account, amount, own money.Amount) (codes.Result, string) {
	most := l.ReceiverBalance
	if own > 0 {
		most = min(most, own)
	}
	if a.Balance+amount > most {
		return codes.AboveBalanceLimit, fmt.Sprintf("%s would hold %s, more than its limit of %s", a.ID, a.Balance+amount, most)
	}
	return codes.Success, ""
}
