package controlapi

import (
	"net/http"
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// What an organisation does with its own money, on the portal. A payment that a rule forbids is no refusal here: it has failed, and
// its result and reason say why.

// accountWords are what an organisation's accounts are called.
var accountWords = map[mpesa.AccountKind]control.AccountWord{mpesa.Working: control.WorkingAccount, mpesa.Utility: control.UtilityAccount,
	mpesa.Merchant: control.MerchantAccount, mpesa.Float: control.FloatAccount, mpesa.ChargesPaid: control.ChargesAccount, mpesa.Settlement: control.SettlementAccount}

// settle has an organisation settle its revenue.
func (s *server) settle(r *request[inOrganisation, none]) (*control.Payment, error) {
	c := &portal.SettleRevenue{Business: r.Query.Shortcode}
	by, acts, err := operatorOf(r.Request, c.Business)
	if acts || err != nil {
		return s.initiated(r.Request, by, mpesa.SettlementTask(c.Business), err)
	}
	c.From = by.From
	return s.moved(r.Request, c, &c.Payment, &c.Unknown, unknownOrganisation(c.Business))
}

// moveFunds moves money between an organisation's own accounts.
func (s *server) moveFunds(r *request[inOrganisation, control.Move]) (*control.Payment, error) {
	b := &r.Body
	c := &portal.MoveFunds{Business: r.Query.Shortcode, Route: mpesa.OwnRoute{From: kindOf(b.From), To: kindOf(b.To)}, Amount: money.Amount(b.Amount)}
	if !slices.Contains(mpesa.PortalRoutes(), c.Route) {
		return nil, badField.of("to", "no money moves from %s to %s; the ways are %s", b.From, b.To, routes())
	}
	by, acts, err := operatorOf(r.Request, c.Business)
	if acts || err != nil {
		return s.initiated(r.Request, by, mpesa.MoveTask(c.Business, c.Route, c.Amount), err)
	}
	c.From = by.From
	return s.moved(r.Request, c, &c.Payment, &c.Unknown, unknownOrganisation(c.Business))
}

// kindOf is the account that a word names; none for what is no word.
func kindOf(word control.AccountWord) mpesa.AccountKind {
	for kind, known := range accountWords {
		if known == word {
			return kind
		}
	}
	return 0
}

// routes names the ways that money may take between an organisation's own accounts.
func routes() (list []string) {
	for _, route := range mpesa.PortalRoutes() {
		list = append(list, string(accountWords[route.From]+" to "+accountWords[route.To]))
	}
	return list
}

// withdrawToBank takes money out of an organisation's Working account.
func (s *server) withdrawToBank(r *request[inOrganisation, control.BankWithdrawal]) (*control.Payment, error) {
	c := &portal.WithdrawToBank{Business: r.Query.Shortcode, Amount: money.Amount(r.Body.Amount)}
	by, acts, err := operatorOf(r.Request, c.Business)
	if acts || err != nil {
		return s.initiated(r.Request, by, mpesa.WithdrawalTask(c.Business, c.Amount), err)
	}
	c.From = by.From
	return s.moved(r.Request, c, &c.Payment, &c.Unknown, unknownOrganisation(c.Business))
}

// depositFromBank pays money from outside into an organisation's account.
func (s *server) depositFromBank(r *request[inOrganisation, control.BankDeposit]) (*control.Payment, error) {
	c := &portal.DepositFromBank{Business: r.Query.Shortcode, To: mpesa.Working, Amount: money.Amount(r.Body.Amount), From: fromOf(r.Request)}
	if r.Body.Account != "" {
		c.To = kindOf(r.Body.Account)
	}
	return s.moved(r.Request, c, &c.Payment, &c.Unknown, unknownOrganisation(c.Business))
}

// operatorOf tells whether an operator asks. What he asks for he initiates: it may wait for an approval. Kivuko's administrator has it done.
func operatorOf(r *http.Request, business mpesa.Shortcode) (by mpesa.Actor, acts bool, err error) {
	by, err = actorOf(r, business)
	return by, err == nil && !by.Provider(), err
}

// initiated shows the payment of a task that an operator initiates.
func (s *server) initiated(r *http.Request, by mpesa.Actor, task mpesa.Payment, err error) (*control.Payment, error) {
	if err != nil {
		return nil, err
	}
	p, err := s.submit(r, by, task)
	if err != nil {
		return nil, err
	}
	return s.shownPayment(r, p), nil
}

// moved runs the command of a payment and shows what came of it. p and unknown are the command's; nobody is the answer to the latter.
func (s *server) moved(r *http.Request, c mpesa.Command, p *mpesa.Payment, unknown *bool, nobody *control.Problem) (*control.Payment, error) {
	if err := s.spend(r, c, p, nil); err != nil {
		return nil, err
	}
	if *unknown {
		return nil, nobody
	}
	return s.shownPayment(r, *p), nil
}
