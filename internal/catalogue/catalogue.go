// Package catalogue gathers what stands in tables: codes, fields, limits, tariffs, roles, products and the world's numbers. The control
// API shows it, and docs/codes.md is written from it.
package catalogue

import (
	"fmt"
	"maps"
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
	"github.com/kivuko/kivuko/internal/source"
)

// New gathers the tables. It returns an error only when data that is part of the program can't be read.
func New() (*control.Catalogue, error) {
	rules, err := mpesa.NewRulebook()
	if err != nil {
		return nil, err
	}
	w, err := seedworld.Read()
	if err != nil {
		return nil, err
	}
	c := &control.Catalogue{
		APIs: shownAPIs(), Errors: refusals(), Rejections: rejections(), Operations: operations(), Callbacks: callbacks(), Answers: answers(),
		Roles: texts(mpesa.AllRoles()), Products: texts(mpesa.AllProducts()), AppProducts: w.AppProducts(), Kinds: kinds(),
		Limits: limits(rules), Tariffs: tariffs(rules), Customers: customers(w), Organisations: organisations(w), Operators: operators(w), Portal: portal(w),
	}
	c.Results = results(c)
	return c, nil
}

// Narrowed is the catalogue of a database that has only some of the sample's customers, organisations and operators: what it says of the
// others is left out.
func Narrowed(c *control.Catalogue, held func(n *control.CatalogueNumber) bool) *control.Catalogue {
	narrow := func(list []control.CatalogueNumber) []control.CatalogueNumber {
		return slices.DeleteFunc(slices.Clone(list), func(n control.CatalogueNumber) bool { return !held(&n) })
	}
	shown := *c
	shown.Customers, shown.Organisations, shown.Operators = narrow(c.Customers), narrow(c.Organisations), narrow(c.Operators)
	shown.Results = results(&shown)
	return &shown
}

func refusals() (list []control.CatalogueError) {
	met := map[codes.Error]bool{} // some families share theirs
	for _, e := range append(codes.Errors(), codes.OtherErrors()...) {
		if met[e] {
			continue
		}
		met[e] = true
		shown := control.CatalogueError{Status: e.Status, Code: e.Code, Message: e.Message, Fix: e.Fix, Source: source.Title(e.Source)}
		if o := apis.Refused(e); o != nil {
			shown.Cause, shown.How, shown.Try = o.State, o.How, request(o.Try, "")
		}
		list = append(list, shown)
	}
	return list
}

// results has the texts of every API that gives a code, and the numbers that are in a state for it.
func results(c *control.Catalogue) (list []control.CatalogueResult) {
	numbers := slices.Concat(c.Customers, c.Organisations, c.Operators)
	for _, e := range append(codes.Results(), codes.OtherResults()...) {
		r := control.CatalogueResult{Code: string(e.Code), Texts: map[string]string{}, Fix: e.Fix, Source: source.Title(e.Source)}
		for _, x := range apis.Causes(e.Code) {
			cause := control.CatalogueCause{State: x.State, Tries: tries(e.Code, x.APIs, numbers)}
			for _, api := range x.APIs {
				cause.APIs = append(cause.APIs, api.Name)
				if api.Kind != 0 {
					r.Texts[api.Name] = e.Code.Desc(api.Name)
				}
			}
			if slices.Contains(cause.APIs, codes.APIExpress) || slices.Contains(cause.APIs, codes.APIQuery) {
				r.Texts[codes.APIQuery] = e.Code.Query()
			}
			for _, n := range numbers {
				if n.Gives == r.Code && serves(n, cause.APIs) {
					cause.Numbers = append(cause.Numbers, n.Number)
				}
			}
			if len(cause.Tries) == 0 {
				cause.How = x.How
			}
			r.Causes = append(r.Causes, cause)
		}
		list = append(list, r)
	}
	return list
}

// serves reports whether a number is in a state for one of the APIs.
func serves(n control.CatalogueNumber, apis []string) bool {
	for _, list := range n.In {
		if slices.ContainsFunc(list, func(api string) bool { return slices.Contains(apis, api) }) {
			return true
		}
	}
	return false
}

// rejections are the codes of a validation's answer (wire.md §6.3).
func rejections() []control.CatalogueRejection {
	return []control.CatalogueRejection{
		{Code: string(daraja.C2BInvalidMSISDN), Meaning: "Invalid MSISDN"},
		{Code: string(daraja.C2BInvalidAccountNumber), Meaning: "Invalid Account Number"},
		{Code: string(daraja.C2BInvalidAmount), Meaning: "Invalid Amount"},
		{Code: string(daraja.C2BInvalidKYCDetails), Meaning: "Invalid KYC Details"},
		{Code: string(daraja.C2BInvalidShortcode), Meaning: "Invalid Shortcode"},
		{Code: string(daraja.C2BOtherError), Meaning: "Other Error"},
	}
}

func operations() (list []control.CatalogueOperation) {
	for _, o := range mpesa.Operations() {
		list = append(list, control.CatalogueOperation{CommandID: o.Command, API: o.Kind.String(), Role: string(o.Role), Product: string(o.Product),
			From: o.From.String(), To: o.To.String(), Own: o.Own, Till: o.Till, Tariff: o.Tariff, Reason: o.Reason})
	}
	return list
}

func callbacks() (list []control.CatalogueCallback) {
	for _, k := range mpesa.DeliveryKinds() {
		told := apis.FindCallback(k, 0)
		list = append(list, control.CatalogueCallback{Kind: k.String(), About: told.About, Retried: told.Answer == nil})
	}
	return list
}

func answers() (list []control.CatalogueAnswer) {
	for _, a := range mpesa.AllAnswers() {
		list = append(list, control.CatalogueAnswer{Name: string(a), About: a.About()})
	}
	return list
}

func kinds() (list []string) {
	for k := mpesa.Kind(1); k.String() != ""; k++ {
		list = append(list, k.String())
	}
	return list
}

func limits(rules *mpesa.Rulebook) (list []control.CatalogueLimits) {
	all := rules.AllLimits()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, l := range all[name] {
			list = append(list, control.CatalogueLimits{Name: name, From: l.From.String(), Minimum: control.Amount(l.Minimum), Maximum: control.Amount(l.Maximum),
				PayoutMinimum: control.Amount(l.PayoutMinimum), WithdrawalMinimum: control.Amount(l.WithdrawalMinimum), Daily: control.Amount(l.Daily), MaxBalance: control.Amount(l.MaxBalance), ReceiverBalance: control.Amount(l.ReceiverBalance),
				SameAmount: l.SameAmount, PINTries: l.PINTries, Unfinished: l.Unfinished, PromptChars: l.PromptChars})
		}
	}
	return list
}

func tariffs(rules *mpesa.Rulebook) (list []control.CatalogueTariff) {
	all := rules.Tariffs()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, t := range all[name] {
			shown := control.CatalogueTariff{Name: name, From: t.From.String(), About: t.About}
			for _, b := range t.Bands {
				shown.Bands = append(shown.Bands, control.CatalogueBand{UpTo: control.Amount(b.UpTo), Customer: control.Amount(b.Customer), Business: control.Amount(b.Business),
					BasisPoints: b.BusinessBasisPoints, Cap: control.Amount(b.BusinessCap)})
			}
			list = append(list, shown)
		}
	}
	return list
}

func customers(w *seedworld.World) (list []control.CatalogueNumber) {
	for _, x := range w.Customers {
		list = append(list, number(x.MSISDN.String(), x.Name, x.State))
	}
	return list
}

func organisations(w *seedworld.World) (list []control.CatalogueNumber) {
	for _, x := range w.Organisations {
		n := number(x.Shortcode.String(), x.Name, x.State)
		n.About = fmt.Sprintf("%s: %s", x.Kind, x.About)
		if x.To != 0 {
			n.To = x.To.String()
		}
		list = append(list, n)
	}
	return list
}

func operators(w *seedworld.World) (list []control.CatalogueNumber) {
	for _, x := range w.Operators {
		list = append(list, number(x.Username, "", x.State))
	}
	return list
}

func portal(w *seedworld.World) control.CataloguePortal {
	p := control.CataloguePortal{Password: w.Portal.Password, Questions: []string{w.Portal.Question1, w.Portal.Question2}, Answer: w.Portal.Answer}
	for _, s := range w.Portal.Organisations {
		p.Organisations = append(p.Organisations, s.String())
	}
	for _, o := range w.Portal.Operators {
		p.Operators = append(p.Operators, control.PortalOperator{Username: o.Username, Roles: texts(o.Roles), Name: o.Name, Phone: o.Phone.String()})
	}
	return p
}

func number(number, name string, s seedworld.State) control.CatalogueNumber {
	n := control.CatalogueNumber{Number: number, Name: name, Gives: string(s.Gives), About: s.About}
	if len(s.In) > 0 {
		n.In = map[string][]string{}
	}
	for part, apis := range s.In {
		n.In[string(part)] = apis
	}
	return n
}

func texts[T ~string](values []T) (list []string) {
	for _, v := range values {
		list = append(list, string(v))
	}
	return list
}
