package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// The bounds of what a task says, in characters. Remarks and account numbers are those of the APIs (BusinessPayBill, request parameters).
const (
	maxAccountNumber = 13
	leastRemarks     = 2
	mostRemarks      = 100
)

// readTask reads what an operator initiates. Which fields there are depends on one of them, so that each is kept as it came until all
// are there.
func (s *server) readTask(r *http.Request, o *mpesa.Organisation) (mpesa.Payment, error) {
	var kind mpesa.TaskKind
	raw := map[mpesa.TaskField]json.RawMessage{}
	takers := fields{"task": taskKind(&kind, o)}
	for _, f := range []mpesa.TaskField{mpesa.FieldFrom, mpesa.FieldTo, mpesa.FieldAmount, mpesa.FieldAccount, mpesa.FieldReceipt, mpesa.FieldRemarks} {
		takers[string(f)] = func(value json.RawMessage) error {
			raw[f] = value
			return nil
		}
	}
	if err := readFields(r, takers, "task"); err != nil {
		return mpesa.Payment{}, err
	}
	t := &taskReader{server: s, r: r, kind: &kind}
	t.task = mpesa.Payment{Kind: kind.Kind, Business: o.Shortcode, Payer: o.Shortcode.Party(), Payee: o.Shortcode.Party(), Details: mpesa.Details{TransactionType: kind.Command}}
	switch kind.Kind {
	case mpesa.Withdrawal:
		t.task.Payee = mpesa.Provider
	case mpesa.Tax:
		t.task.Payee = mpesa.KRA.Party()
	case mpesa.Reversal:
		t.task.Payee = 0 // whoever is found by the receipt
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
	r    *http.Request
	kind *mpesa.TaskKind
	task mpesa.Payment
}

// take takes a field.
func (t *taskReader) take(f mpesa.TaskField, raw json.RawMessage) (err error) {
	switch f {
	case mpesa.FieldFrom:
		err = accountKind(&t.task.Details.Route.From, routeEnds(func(r mpesa.OwnRoute) mpesa.AccountKind { return r.From }))(raw)
	case mpesa.FieldTo:
		err = t.takePayee(raw)
	case mpesa.FieldAmount:
		err = shillings(&t.task.Amount)(raw)
	case mpesa.FieldAccount:
		err = printed(&t.task.Details.Reference, 1, maxAccountNumber)(raw)
	case mpesa.FieldReceipt:
		err = t.takeReceipt(raw)
	case mpesa.FieldRemarks:
		err = describing(&t.task.Details.Description)(raw)
	}
	if err != nil {
		return badField.of(string(f), "%v", err)
	}
	return nil
}

// takePayee takes a customer's number, a business's or an account of one's own.
func (t *taskReader) takePayee(raw json.RawMessage) error {
	if t.kind.Kind == mpesa.OwnMove {
		return accountKind(&t.task.Details.Route.To, routeEnds(func(r mpesa.OwnRoute) mpesa.AccountKind { return r.To }))(raw)
	}
	given, err := text(raw)
	if err != nil {
		return err
	}
	given = strings.ReplaceAll(given, " ", "") // 0708 374 149
	if t.kind.Kind == mpesa.B2B {
		var business mpesa.Shortcode
		err = shortcode(&business)(given)
		t.task.Payee = business.Party()
		return err
	}
	var customer msisdn.Number
	err = phone(&customer)(given)
	t.task.Payee = mpesa.CustomerParty(customer)
	return err
}

// takeReceipt takes the receipt of a payment.
func (t *taskReader) takeReceipt(raw json.RawMessage) error {
	given, err := text(raw)
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
	t.task.Details.Original = original.ID
	return nil
}

// checkRoute refuses a move on a way that there is not.
func (t *taskReader) checkRoute() error {
	route := t.task.Details.Route
	if t.kind.Kind == mpesa.OwnMove && !slices.Contains(mpesa.PortalRoutes(), route) {
		return badField.of(string(mpesa.FieldTo), "no money moves from %s to %s; the ways are %s", accountWords[route.From], accountWords[route.To], strings.Join(routes(), ", "))
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

// taskKind takes the name of something that can be initiated.
func taskKind(into *mpesa.TaskKind, o *mpesa.Organisation) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		var known []string
		name, err := text(raw)
		for _, k := range mpesa.TaskKinds() {
			if k.Product != "" && !o.Has(k.Product) {
				continue
			}
			if known = append(known, k.Name); err == nil && k.Name == name {
				*into = k
				return nil
			}
		}
		return fmt.Errorf("it has to be one of %q", known)
	}
}

// getTaskKinds tells what can be initiated, and what a settlement would do.
func (s *server) getTaskKinds(r *http.Request) (answer, error) {
	_, o, err := s.seeing(r, mpesa.ViewMoney, "view tasks", "")
	if err != nil {
		return answer{}, err
	}
	accounts, err := s.Store.Accounts(r.Context(), o.Shortcode.Party())
	shown := api.TaskKinds{Kinds: []api.TaskKind{}, Routes: []api.Route{}, Revenue: revenue(accounts)}
	for _, k := range mpesa.TaskKinds() {
		if k.Product == "" || o.Has(k.Product) {
			shown.Kinds = append(shown.Kinds, api.TaskKind{Name: k.Name, Title: k.Title, Fields: fieldsOf(&k), Needed: neededOf(&k), Payee: payeeOf(&k), Right: api.Right(k.Right)})
		}
	}
	for _, route := range mpesa.PortalRoutes() {
		shown.Routes = append(shown.Routes, api.Route{From: accountWords[route.From], To: accountWords[route.To], Title: route.Title()})
	}
	return ok(shown), err
}

func fieldsOf(k *mpesa.TaskKind) []string {
	list := []string{}
	for _, f := range k.Fields {
		list = append(list, string(f))
	}
	return list
}

func neededOf(k *mpesa.TaskKind) []string {
	return slices.DeleteFunc(fieldsOf(k), func(f string) bool { return !k.Needs(mpesa.TaskField(f)) })
}

// payeeOf says what a task's "to" is.
func payeeOf(k *mpesa.TaskKind) string {
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
func revenue(accounts []mpesa.Account) (r api.Revenue) {
	for _, a := range accounts {
		switch a.ID.Kind() {
		case mpesa.Utility, mpesa.Merchant:
			r.Amount += api.Amount(a.Available())
		case mpesa.ChargesPaid:
			r.Clears = api.Amount(max(-a.Balance, 0))
		}
	}
	r.Clears = min(r.Clears, r.Amount)
	r.Working = r.Amount - r.Clears
	return r
}

// blamed is the field of a task by which a rule forbids it; "" when it is the organisation itself.
func blamed(o *mpesa.Organisation, task *mpesa.Payment, d *mpesa.Declined) mpesa.TaskField {
	k, _ := mpesa.FindTaskKind(task)
	field := mpesa.FieldTo
	switch d.Result {
	case codes.InsufficientFunds, codes.BelowMinimum, codes.AboveMaximum, codes.AboveDailyLimit, codes.AboveBalanceLimit:
		field = mpesa.FieldAmount
	case codes.NotPermitted, codes.AccountNotAllowed, codes.DebitPartyInvalid:
		if o == nil || o.Standing != mpesa.Active || k.Product != "" && !o.Has(k.Product) {
			return ""
		}
	}
	if k.Takes(mpesa.FieldReceipt) {
		field = mpesa.FieldReceipt
	}
	if !k.Takes(field) {
		return ""
	}
	return field
}

// describing takes remarks, or a reason.
func describing(into *string) func(json.RawMessage) error {
	return printed(into, leastRemarks, mostRemarks)
}

// printed takes a text of so many characters that can be printed, without the spaces around it.
func printed(into *string, least, most int) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		given, err := text(raw)
		if err != nil {
			return err
		}
		given = strings.TrimSpace(given)
		control := strings.ContainsFunc(given, func(c rune) bool { return c < ' ' || c == 0x7f || c == utf8.RuneError })
		if n := utf8.RuneCountInString(given); n < least || n > most || control {
			return fmt.Errorf("it has to be %d to %d characters on one line", least, most)
		}
		*into = given
		return nil
	}
}

// threshold takes an amount, or 0 for none.
func threshold(into **money.Amount) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		amount, err := balance(raw)
		if err != nil {
			return fmt.Errorf("it has to be shillings, at most %s, as text or as a whole number; 0 is none", maxBalance)
		}
		*into = amount
		return nil
	}
}

// choice takes one of some words.
func choice(into *string, allowed ...string) func(string) error {
	return func(word string) error {
		if !slices.Contains(allowed, word) {
			return errors.New("it has to be " + strings.Join(allowed, " or "))
		}
		*into = word
		return nil
	}
}
