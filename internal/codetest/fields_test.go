package codetest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/testworld"
)

// TestFieldsAreAsTheCatalogueSays sends each API what the catalogue says of its fields: in their order, left out, too long, of another
// form.
func TestFieldsAreAsTheCatalogueSays(t *testing.T) {
	s := open(t, kivuko.Config{})
	m := testworld.NewMerchant(s.base, s.URL)
	m.Token(t)
	catalogue, err := s.api.Catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range catalogue.APIs {
		if a.Method != http.MethodPost {
			continue
		}
		t.Run(strings.ReplaceAll(strings.Trim(a.Path, "/"), "/", "-"), func(t *testing.T) {
			t.Parallel()
			p := probe{t: t, shop: s, merchant: m, api: a}
			p.order()
			for _, f := range a.Fields {
				p.field(f)
			}
		})
	}
}

// dependent are the choices that other fields have to fit.
var dependent = map[string]bool{"RecieverIdentifierType": true, "CommandID": true, "TransactionType": true, "TrxCode": true}

// probe asks one API.
type probe struct {
	t        *testing.T
	shop     *shop
	merchant *testworld.Merchant
	api      control.CatalogueAPI
}

// body is what the API takes, without the fields that may be left out.
func (p *probe) body() map[string]string {
	body := map[string]string{}
	for _, f := range p.api.Fields {
		if !f.Optional {
			body[f.Name] = p.sample(f)
		}
	}
	return body
}

// sample is a value that a field takes.
func (p *probe) sample(f control.CatalogueField) string {
	password, timestamp := daraja.Password(testworld.PayBill, testworld.Passkey, time.Now())
	n := p.shop.count.Add(1)
	switch f.Form {
	case "choice":
		return f.Values[0]
	case "shortcode":
		if f.Name == "receiverShortCode" {
			return "600002"
		}
		if p.api.Name == codes.APIExpress || p.api.Name == codes.APIQuery {
			return testworld.PayBill
		}
		return "600001"
	case "phone":
		return fmt.Sprint(254_714_000_000 + n)
	case "amount", "shillings":
		return "10"
	case "url":
		return p.shop.URL + "/fields"
	case "timestamp":
		return timestamp
	case "password":
		return password
	case "credential":
		return p.shop.credential
	case "day":
		return time.Now().In(clock.EAT).Format("20060102")
	case "datetime":
		return time.Now().In(clock.EAT).Format(time.DateTime)
	case "number":
		return "300"
	default:
		return fmt.Sprintf("INV-%d", n)
	}
}

// post gives the field that the gateway names as wrong; "" is none.
func (p *probe) post(body map[string]string) (wrong string) {
	p.t.Helper()
	var members []apis.Member
	for _, f := range p.api.Fields {
		if text, there := body[f.Name]; there {
			members = append(members, apis.Member{Name: f.Name, Text: text})
		}
	}
	data := apis.Body(members)
	a := p.merchant.Post(p.t, p.api.Path, data)
	code, message := said(a)
	switch name, wrong := strings.CutPrefix(message, codes.InvalidField("").Message); {
	case wrong:
		return strings.ReplaceAll(name, "[0]", "[]")
	case message == codes.WrongCredentials.Message:
		return "Password"
	case code == codes.BadPayload.Code:
		p.t.Errorf("%s was not read: %s", data, a.Body)
	}
	return ""
}

// order adds one field after the other to an empty body: the next is always the one that is missed. The password is looked at once all
// fields are there.
func (p *probe) order() {
	body := map[string]string{}
	for _, f := range p.api.Fields {
		if f.Optional || f.Form == "password" {
			continue
		}
		if got := p.post(body); got != f.Name {
			p.t.Errorf("with %d fields %q is missed; want %s", len(body), got, f.Name)
		}
		body[f.Name] = p.sample(f)
	}
	if got := p.post(p.body()); got != "" {
		p.t.Errorf("with all fields %s is wrong", got)
	}
}

// field leaves one field out, and gives it values that it takes and others.
func (p *probe) field(f control.CatalogueField) {
	body := p.body()
	delete(body, f.Name)
	if got := p.post(body); (got == "") != f.Optional || got != "" && got != f.Name {
		p.t.Errorf("without %s %q is wrong; the catalogue says %+v", f.Name, got, f)
	}
	for _, value := range append(f.Values, p.sample(f)) {
		if dependent[f.Name] && value != f.Values[0] {
			continue // fits some values of other fields only
		}
		if got := p.with(f, value); got != "" {
			p.t.Errorf("%s %q: %s is wrong", f.Name, value, got)
		}
	}
	for _, value := range liberties[f.Form] {
		if got := p.with(f, value); got != "" {
			p.t.Errorf("%s %q: %s is wrong", f.Name, value, got)
		}
	}
	for _, value := range p.mistakes(f) {
		if got := p.with(f, value); got != f.Name {
			p.t.Errorf("%s %q: %q is wrong", f.Name, value, got)
		}
	}
	if f.Most > 0 {
		if got := p.with(f, strings.Repeat("ä", f.Most)); got != "" {
			p.t.Errorf("%s of %d characters: %s is wrong", f.Name, f.Most, got)
		}
	}
}

// liberties are values that a field takes beside its sample.
var liberties = map[string][]string{"amount": {"100", "100.5", "100.50", "100.500", "0.01", "999999999"}, "shillings": {"100", "100.0", "999999999"}}

func (p *probe) with(f control.CatalogueField, value string) (wrong string) {
	p.t.Helper()
	body := p.body()
	if list, _, inList := strings.Cut(f.Name, "[]."); inList { // whose object has to be whole
		for _, other := range p.api.Fields {
			if strings.HasPrefix(other.Name, list+"[].") {
				body[other.Name] = p.sample(other)
			}
		}
	}
	body[f.Name] = value
	return p.post(body)
}

// mistakes are values that a field doesn't take.
func (p *probe) mistakes(f control.CatalogueField) (list []string) {
	list = map[string][]string{
		"choice": {"nonsense"}, "shortcode": {"1234", "12345678", "abcde"}, "phone": {"12", "25470837414"}, "amount": {"0", "0.00", "1.505", "0.001", "-1", "-100.50", "+1", "1e2", "1.", ".5", "1,5", "ten", "1000000000", "999999999.01"},
		"shillings": {"0", "1.5", "-1", "ten", "1000000000"},
		"url":       {"nowhere", "ftp://merchant.example/x", "http://Merchant.example/x"}, "timestamp": {"today", "20261301000000"}, "password": {"d3Jvbmc="},
		"day": {"today", "20261301"}, "datetime": {"today", "2026-13-01 00:00:00"}, "number": {"many", "-1"},
	}[f.Form]
	if f.Most > 0 {
		list = append(list, strings.Repeat("ä", f.Most+1))
	}
	if f.Least > 1 {
		list = append(list, strings.Repeat("ä", f.Least-1))
	}
	return list
}
