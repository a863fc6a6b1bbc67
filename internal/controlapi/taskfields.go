package controlapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// The bounds of what a task says, in characters. Remarks and account numbers are those of the APIs (BusinessPayBill, request parameters).
const (
	maxAccountNumber = 13
	leastRemarks     = 2
	mostRemarks      = 100
)

// readTask reads what an operator initiates. Which fields there are depends on one of them, so that each was kept as it came until all were there.
func (s *server) readTask(r *request[inOrganisation, control.NewTask]) (mpesa.Payment, error) {
	o, raw := r.Organisation, r.task
	kinds := portal.TaskKinds()
	kind := kinds[slices.IndexFunc(kinds, func(k portal.TaskKind) bool { return k.Name == r.Body.Task })]
	t := &taskReader{server: s, r: &r.asked, kind: &kind}
	t.task = mpesa.Payment{Header: mpesa.Header{Kind: kind.Kind, Business: o.Shortcode, Payer: o.Shortcode.Party(), Payee: o.Shortcode.Party()}, Details: mpesa.Details{TransactionType: kind.Command}}
	switch kind.Kind {
	case mpesa.Withdrawal:
		t.task.Payee = mpesa.Provider
	case mpesa.Tax:
		t.task.Payee = mpesa.KRA.Party()
	case mpesa.Reversal:
		t.task.Payee = 0 // the party that is found by the receipt
	}
	for _, f := range kind.Fields {
		value, given := raw[f]
		delete(raw, f)
		if !given && kind.Needs(f) {
			return mpesa.Payment{}, badField.of(string(f), "it is missing; %s needs %s", kind.Name, neededOf(&kind))
		}
		if given {
			if err := t.take(f, value); err != nil {
				return mpesa.Payment{}, err
			}
		}
	}
	for f := range raw {
		return mpesa.Payment{}, badField.of(string(f), "%s has no such field; it has %s", kind.Name, fieldsOf(&kind))
	}
	return t.task, t.checkRoute()
}

// taskReader reads the fields of a task.
type taskReader struct {
	*server
	r    *asked
	kind *portal.TaskKind
	task mpesa.Payment
}

// take takes a field.
func (t *taskReader) take(f portal.TaskField, g given) (err error) {
	switch f {
	case portal.FieldFrom:
		t.task.Details.Route.From, err = t.account("from account", g)
	case portal.FieldTo:
		err = t.takePayee(g)
	case portal.FieldAmount:
		var amount any
		if amount, err = shillings(nil, g); err == nil {
			t.task.Amount = money.Amount(amount.(control.Amount))
		}
	case portal.FieldAccount:
		t.task.Details.Reference, err = printed(g, 1, maxAccountNumber)
	case portal.FieldReceipt:
		err = t.takeReceipt(g)
	case portal.FieldRemarks:
		t.task.Details.Description, err = printed(g, leastRemarks, mostRemarks)
	}
	if err != nil {
		return badField.of(string(f), "%v", err)
	}
	return nil
}

// takePayee takes a customer's number, a business's or an account of one's own.
func (t *taskReader) takePayee(g given) (err error) {
	if t.kind.Kind == mpesa.OwnMove {
		t.task.Details.Route.To, err = t.account("to account", g)
		return err
	}
	given, err := g.mustText()
	if err != nil {
		return err
	}
	given = strings.ReplaceAll(given, " ", "") // 0708 374 149
	if t.kind.Kind == mpesa.B2B {
		business, err := shortcode(given)
		t.task.Payee = business.Party()
		return err
	}
	customer, err := phone(given)
	t.task.Payee = mpesa.CustomerParty(customer)
	return err
}

// account reads the word for an account by one of the formats.
func (t *taskReader) account(format string, g given) (mpesa.AccountKind, error) {
	word, err := formats[format](nil, g)
	if err != nil {
		return 0, err
	}
	return kindOf(word.(control.AccountWord)), nil
}

// takeReceipt takes the receipt of a payment.
func (t *taskReader) takeReceipt(g given) error {
	given, err := g.mustText()
	if err != nil {
		return err
	}
	given = strings.ToUpper(strings.TrimSpace(given))
	t.task.Details.OriginalID = given
	original, err := t.findPayment(t.r.Context(), given)
	if err != nil {
		return err
	}
	if original == nil {
		return fmt.Errorf("no payment has the receipt %q", given)
	}
	t.task.Details.Original = original.Head().ID
	return nil
}

// checkRoute refuses a move on a way that there is not.
func (t *taskReader) checkRoute() error {
	route := t.task.Details.Route
	if t.kind.Kind == mpesa.OwnMove && !slices.Contains(mpesa.PortalRoutes(), route) {
		return badField.of(string(portal.FieldTo), "no money moves from %s to %s; the ways are %s", accountWords[route.From], accountWords[route.To], strings.Join(routes(), ", "))
	}
	return nil
}

// routeEnds lists the accounts at one end of the ways between own accounts.
func routeEnds(end func(mpesa.OwnRoute) mpesa.AccountKind) (list []mpesa.AccountKind) {
	for _, route := range mpesa.PortalRoutes() {
		list = append(list, end(route))
	}
	return list
}

// getTaskKinds tells what can be initiated, and what a settlement would do.
func (s *server) getTaskKinds(r *request[inOrganisation, none]) (*control.TaskKinds, error) {
	_, o, err := s.seeing(r.Request, portal.ViewMoney, "view tasks", "")
	if err != nil {
		return nil, err
	}
	accounts, err := s.Store.Accounts(r.Context(), o.Shortcode.Party())
	shown := &control.TaskKinds{Kinds: []control.TaskKind{}, Routes: []control.Route{}, Revenue: revenue(accounts)}
	for _, k := range portal.TaskKinds() {
		if k.Product == "" || o.Has(k.Product) {
			shown.Kinds = append(shown.Kinds, control.TaskKind{Name: k.Name, Title: k.Title, Fields: fieldsOf(&k), Needed: neededOf(&k), Payee: payeeOf(&k), Right: control.Right(k.Right)})
		}
	}
	for _, route := range mpesa.PortalRoutes() {
		shown.Routes = append(shown.Routes, control.Route{From: accountWords[route.From], To: accountWords[route.To], Title: route.Title()})
	}
	return shown, err
}

func fieldsOf(k *portal.TaskKind) []string {
	list := []string{}
	for _, f := range k.Fields {
		list = append(list, string(f))
	}
	return list
}

func neededOf(k *portal.TaskKind) []string {
	return slices.DeleteFunc(fieldsOf(k), func(f string) bool { return !k.Needs(portal.TaskField(f)) })
}

// payeeOf says what a task's "to" is.
func payeeOf(k *portal.TaskKind) string {
	switch k.Kind {
	case mpesa.B2C, mpesa.B2Pochi:
		return "customer"
	case mpesa.B2B:
		return "business"
	case mpesa.OwnMove:
		return "account"
	}
	return ""
}

// revenue is what a settlement of what is in an organisation's accounts would do.
func revenue(accounts []mpesa.Account) (r control.Revenue) {
	for _, a := range accounts {
		switch a.ID.Kind() {
		case mpesa.Utility, mpesa.Merchant:
			r.Amount += control.Amount(a.Available())
		case mpesa.ChargesPaid:
			r.Clears = control.Amount(max(-a.Balance, 0))
		}
	}
	r.Clears = min(r.Clears, r.Amount)
	r.Working = r.Amount - r.Clears
	return r
}

// blamed is the field of a task by which a rule forbids it; "" when it is the organisation itself.
func blamed(o *mpesa.Organisation, task *mpesa.Payment, d *portal.Declined) portal.TaskField {
	k, _ := portal.FindTaskKind(task)
	field := portal.FieldTo
	switch d.Result {
	case codes.InsufficientFunds, codes.BelowMinimum, codes.AboveMaximum, codes.AboveDailyLimit, codes.AboveBalanceLimit:
		field = portal.FieldAmount
	case codes.NotPermitted, codes.AccountNotAllowed, codes.DebitPartyInvalid:
		if o == nil || o.Standing != mpesa.Active || k.Product != "" && !o.Has(k.Product) {
			return ""
		}
	}
	if k.Takes(portal.FieldReceipt) {
		field = portal.FieldReceipt
	}
	if !k.Takes(field) {
		return ""
	}
	return field
}
