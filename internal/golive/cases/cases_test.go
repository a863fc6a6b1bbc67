package cases_test

import (
	"slices"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/golive/cases"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// Every product has test cases, and each case is of an API that belongs to its product or that only the sandbox has.
func TestCasesAreOfTheTables(t *testing.T) {
	names, products := map[string]bool{}, map[string]bool{}
	for _, c := range cases.Cases() {
		if names[c.Name] || c.Title == "" || c.How == "" || c.Expected == "" || len(c.APIs) == 0 {
			t.Errorf("%+v", c)
		}
		names[c.Name], products[c.Product] = true, true
		for _, name := range c.APIs {
			i := slices.IndexFunc(apis.Paths(), func(a *apis.Path) bool { return a.Name == name })
			if i < 0 || apis.Paths()[i].Live() != c.Product && apis.Paths()[i].Live() != "" {
				t.Errorf("%s is a case of %s", c.Name, name)
			}
			if c.Result != "" && apis.Newest(name).Ends(c.Result) == nil {
				t.Errorf("%s: %s never ends with %s", c.Name, name, c.Result)
			}
		}
	}
	for _, p := range apis.LiveProducts() {
		if !products[p.Name] {
			t.Errorf("%s has no test case", p.Name)
		}
	}
	for _, a := range apis.Paths() {
		if a.Live() != "" && !products[a.Live()] {
			t.Errorf("%s needs %q, which is no product", a.Path, a.Live())
		}
	}
}

func TestWhatASandboxAppCanTestIsOffered(t *testing.T) {
	if got, want := cases.Offered([]string{apis.ProductExpress, "B2Pochi Sandbox"}), []string{apis.LiveExpress, apis.LiveB2C}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := cases.Offered(nil); got != nil {
		t.Errorf("got %q", got)
	}
}

// look has a world with requests of an app in its journal.
type look struct {
	*controltest.World
	t *testing.T
}

// requested notes a request of an app.
func (l look) requested(app, api string, change func(*journal.Entry)) {
	e := journal.Entry{At: l.Clock.Now(), App: app, API: api, Status: 200}
	change(&e)
	l.Journal.Add(e)
}

// refused notes a request that was refused.
func (l look) refused(app, api string, wire codes.Error) {
	l.requested(app, api, func(e *journal.Entry) { e.Status, e.Code, e.Cause = wire.Status, wire.Code, apis.Refused(wire).State })
}

// paid pushes, has the customer enter a PIN, and has the app's server answer the callback with a status.
func (l look) paid(pin string, status int) mpesa.Payment {
	l.t.Helper()
	l.Clock.Advance(3 * 60e9) // the same amount again
	p := l.Pay(l.t, controltest.John, 10, pin)
	l.Attempt(l.t, p, mpesa.Attempt{At: l.Clock.Now().UnixMilli(), Status: status})
	l.requested("mine", codes.APIExpress, func(e *journal.Entry) { e.Payment = p.ID })
	return p
}

// sees wants some test cases of an app to be seen, each as "name" or, where it failed, "!name".
func (l look) sees(want ...string) map[string]mpesa.TestSeen {
	l.t.Helper()
	seen, err := cases.Look(l.t.Context(), l.Journal, l.Store, "mine", func(name string) bool { return name == "qr-made" })
	if err != nil {
		l.t.Fatal(err)
	}
	var got []string
	found := map[string]mpesa.TestSeen{}
	for _, t := range seen {
		name := t.Case
		if found[t.Case] = t; !t.OK {
			name = "!" + name
		}
		got = append(got, name)
	}
	if !slices.Equal(got, want) {
		l.t.Errorf("got %q, want %q", got, want)
	}
	return found
}

func TestTestCasesAreSeenInTheLog(t *testing.T) {
	l := look{controltest.New(t), t}
	l.sees()
	l.refused("others", codes.APIExpress, codes.WrongCredentials)
	l.refused("mine", codes.APIExpress, codes.MerchantUnknown) // the code of WrongCredentials
	l.requested("mine", apis.QR, func(*journal.Entry) {})      // was seen before
	l.sees()
	p := l.paid("1234", 200)
	l.paid("9999", 500)
	l.refused("mine", codes.APIExpress, codes.WrongCredentials)
	l.refused("mine", codes.APIExpress, codes.InvalidField("Amount"))
	l.requested("mine", codes.APIQuery, func(e *journal.Entry) { e.Payment = p.ID })
	found := l.sees("express-paid", "!express-pin", "express-password", "express-invalid", "express-query")
	if got := found["express-paid"]; got.Payment != p.ID || got.Note != "ResultCode 0, and the callback was taken" || got.Entry == 0 {
		t.Errorf("got %+v", got)
	}
	if got := found["express-pin"].Note; got != "ResultCode 2001, but the callback was not taken: it was answered with HTTP 500" {
		t.Errorf("got %q", got)
	}
	l.paid("9999", 204)
	l.paid("9999", 500) // a success stays one
	l.sees("express-paid", "express-pin", "express-password", "express-invalid", "express-query")
}

func TestWhatHasNotEndedIsNotSeen(t *testing.T) {
	l := look{controltest.New(t), t}
	p := l.Push(t, controltest.John, 10)
	l.requested("mine", codes.APIExpress, func(e *journal.Entry) { e.Payment = p.ID })
	l.sees()
	l.Do(t, &mpesa.AnswerPrompt{Phone: controltest.John, Entered: mpesa.PressedCancel})
	l.sees() // the callback is still to be sent
	l.Attempt(t, p, mpesa.Attempt{Status: 200})
	l.sees("express-cancelled")
}
