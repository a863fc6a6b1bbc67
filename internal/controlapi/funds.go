package controlapi

import (
	"net/http"
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// What an organisation does with its own money, on the portal: it is initiated, as a task. A rule that forbids it refuses it. A deposit from
// outside is none: when a rule forbids it, it has failed, and its result and reason say why.

// accountWords are what an organisation's accounts are called.
var accountWords = map[mpesa.AccountKind]control.AccountWord{mpesa.Working: control.WorkingAccount, mpesa.Utility: control.UtilityAccount,
	mpesa.Merchant: control.MerchantAccount, mpesa.Float: control.FloatAccount, mpesa.ChargesPaid: control.ChargesAccount, mpesa.Settlement: control.SettlementAccount}

// settle has an organisation settle its revenue.
func (s *server) settle(r *request[inOrganisation, none]) (*control.Payment, error) {
	return s.ownMove(r.Request, mpesa.SettlementTask(r.Query.Shortcode))
}

// moveFunds moves money between an organisation's own accounts.
func (s *server) moveFunds(r *request[inOrganisation, control.Move]) (*control.Payment, error) {
	b := &r.Body
	route := mpesa.OwnRoute{From: kindOf(b.From), To: kindOf(b.To)}
	if !slices.Contains(mpesa.PortalRoutes(), route) {
		return nil, badField.of("to", "no money moves from %s to %s; the ways are %s", b.From, b.To, routes())
	}
	return s.ownMove(r.Request, mpesa.MoveTask(r.Query.Shortcode, route, money.Amount(b.Amount)))
}

// withdrawToBank takes money out of an organisation's Working account.
func (s *server) withdrawToBank(r *request[inOrganisation, control.BankWithdrawal]) (*control.Payment, error) {
	return s.ownMove(r.Request, mpesa.WithdrawalTask(r.Query.Shortcode, money.Amount(r.Body.Amount)))
}

// ownMove initiates a task of an organisation's with its own money, for the actor, and shows the payment.
func (s *server) ownMove(r *http.Request, asked mpesa.Payment) (*control.Payment, error) {
	by, err := actorOf(r, asked.Business)
	if err != nil {
		return nil, err
	}
	c, err := s.submit(r, by, asked)
	if err != nil {
		return nil, err
	}
	return s.shownPayment(r, &c.Payment), nil
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

// depositFromBank pays money from outside into an organisation's account.
func (s *server) depositFromBank(r *request[inOrganisation, control.BankDeposit]) (*control.Payment, error) {
	c := &portal.DepositFromBank{Business: r.Query.Shortcode, To: mpesa.Working, Amount: money.Amount(r.Body.Amount), From: fromOf(r.Request)}
	if r.Body.Account != "" {
		c.To = kindOf(r.Body.Account)
	}
	return s.moved(r.Request, c, &c.Payment, &c.Unknown, unknownOrganisation(c.Business))
}

// moved runs the command of a payment and shows what came of it. p and unknown are the command's; nobody is the answer to the latter.
func (s *server) moved(r *http.Request, c mpesa.Command, p *mpesa.Payment, unknown *bool, nobody *control.Problem) (*control.Payment, error) {
	if err := s.spend(r, c, &p.Header, nil); err != nil {
		return nil, err
	}
	if *unknown {
		return nil, nobody
	}
	return s.shownPayment(r, p), nil
}
