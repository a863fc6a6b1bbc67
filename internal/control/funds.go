package control

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// What an organisation does with its own money, on the portal. A payment that a rule forbids is no refusal here: it has failed, and
// its result and reason say why.

// accountWords are what an organisation's accounts are called.
var accountWords = map[mpesa.AccountKind]api.AccountWord{mpesa.Working: api.WorkingAccount, mpesa.Utility: api.UtilityAccount,
	mpesa.Merchant: api.MerchantAccount, mpesa.Float: api.FloatAccount, mpesa.ChargesPaid: api.ChargesAccount, mpesa.Settlement: api.SettlementAccount}

// settle has an organisation settle its revenue.
func (s *server) settle(r *http.Request) (answer, error) {
	c := new(mpesa.SettleRevenue)
	if err := readPath(r, "shortcode", shortcode(&c.Business)); err != nil {
		return answer{}, err
	}
	by, acts, err := operatorOf(r, c.Business)
	if acts || err != nil {
		return s.initiated(r, by, mpesa.SettlementTask(c.Business), err)
	}
	c.From = by.From
	return s.moved(r, c, &c.Payment, &c.Unknown, unknownOrganisation(c.Business))
}

// moveFunds moves money between an organisation's own accounts.
func (s *server) moveFunds(r *http.Request) (answer, error) {
	c := new(mpesa.MoveFunds)
	if err := readPath(r, "shortcode", shortcode(&c.Business)); err != nil {
		return answer{}, err
	}
	var from, to []mpesa.AccountKind
	for _, route := range mpesa.PortalRoutes() {
		from, to = append(from, route.From), append(to, route.To)
	}
	err := readFields(r, fields{"from": accountKind(&c.Route.From, from), "to": accountKind(&c.Route.To, to), "amount": shillings(&c.Amount)}, "from", "to", "amount")
	if err != nil {
		return answer{}, err
	}
	if !slices.Contains(mpesa.PortalRoutes(), c.Route) {
		return answer{}, badField.of("to", "no money moves from %s to %s; the ways are %s", accountWords[c.Route.From], accountWords[c.Route.To], routes())
	}
	by, acts, err := operatorOf(r, c.Business)
	if acts || err != nil {
		return s.initiated(r, by, mpesa.MoveTask(c.Business, c.Route, c.Amount), err)
	}
	c.From = by.From
	return s.moved(r, c, &c.Payment, &c.Unknown, unknownOrganisation(c.Business))
}

// routes names the ways that money may take between an organisation's own accounts.
func routes() (list []string) {
	for _, route := range mpesa.PortalRoutes() {
		list = append(list, string(accountWords[route.From]+" to "+accountWords[route.To]))
	}
	return list
}

// withdrawToBank takes money out of an organisation's Working account.
func (s *server) withdrawToBank(r *http.Request) (answer, error) {
	c := new(mpesa.WithdrawToBank)
	if err := readPath(r, "shortcode", shortcode(&c.Business)); err != nil {
		return answer{}, err
	}
	if err := readFields(r, fields{"amount": shillings(&c.Amount)}, "amount"); err != nil {
		return answer{}, err
	}
	by, acts, err := operatorOf(r, c.Business)
	if acts || err != nil {
		return s.initiated(r, by, mpesa.WithdrawalTask(c.Business, c.Amount), err)
	}
	c.From = by.From
	return s.moved(r, c, &c.Payment, &c.Unknown, unknownOrganisation(c.Business))
}

// depositFromBank pays money from outside into an organisation's account.
func (s *server) depositFromBank(r *http.Request) (answer, error) {
	c := &mpesa.DepositFromBank{To: mpesa.Working}
	if err := readPath(r, "shortcode", shortcode(&c.Business)); err != nil {
		return answer{}, err
	}
	if err := readFields(r, fields{"amount": shillings(&c.Amount), "account": accountKind(&c.To, mpesa.DepositAccounts())}, "amount"); err != nil {
		return answer{}, err
	}
	c.From = fromOf(r)
	return s.moved(r, c, &c.Payment, &c.Unknown, unknownOrganisation(c.Business))
}

// operatorOf tells whether an operator asks. What he asks for he initiates: it may wait for an approval. Whoever runs Kivuko has it done.
func operatorOf(r *http.Request, business mpesa.Shortcode) (by mpesa.Actor, acts bool, err error) {
	by, err = actorOf(r, business)
	return by, err == nil && !by.Provider(), err
}

// initiated shows the payment of a task that an operator initiates.
func (s *server) initiated(r *http.Request, by mpesa.Actor, task mpesa.Payment, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	p, err := s.submit(r, by, task)
	if err != nil {
		return answer{}, err
	}
	return showPayment(s, r, p), nil
}

// moved runs the command of a payment and shows what came of it. p and unknown are the command's; nobody is the answer to the latter.
func (s *server) moved(r *http.Request, c mpesa.Command, p *mpesa.Payment, unknown *bool, nobody *api.Problem) (answer, error) {
	if err := s.spend(r, c, p, nil); err != nil {
		return answer{}, err
	}
	if *unknown {
		return answer{}, nobody
	}
	return showPayment(s, r, *p), nil
}

// accountKind takes the word for one of some accounts.
func accountKind(into *mpesa.AccountKind, allowed []mpesa.AccountKind) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		var words []api.AccountWord
		for _, kind := range allowed {
			if word := accountWords[kind]; !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
		word, err := oneOf(raw, words)
		if err != nil {
			return err
		}
		for kind, known := range accountWords {
			if known == *word {
				*into = kind
			}
		}
		return nil
	}
}

// shillings takes an amount to be moved.
func shillings(into *money.Amount) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		amount, err := balance(raw)
		if err != nil || *amount == 0 {
			return fmt.Errorf(`it has to be shillings, more than 0 and at most %s, as text with at most two decimals, such as "100.50", or as a whole number`, maxBalance)
		}
		*into = *amount
		return nil
	}
}
