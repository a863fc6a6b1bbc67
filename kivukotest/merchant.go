package kivukotest

import (
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
)

// Merchant is an organisation's client of the Daraja API, with its credentials: an app, and, where the organisation has them, the passkey
// of M-Pesa Express and an initiator with all roles of the API.
type Merchant struct {
	*daraja.Client
	Shortcode string // of a till its store's, which the API is called with
	payee     string
	goods     bool
	t         testing.TB
}

// The initiator that Merchant gives to an organisation.
const (
	initiator = "kivukotest"
	password  = "Kivukotest999!*!"
)

// Merchant returns the client of an organisation.
func (w *World) Merchant(shortcode string) *Merchant {
	w.t.Helper()
	ctx, c := w.t.Context(), w.Control()
	o, err := c.OrganisationSecret(ctx, shortcode)
	if err != nil {
		w.t.Fatalf("organisation %s: %v", shortcode, err)
	}
	m := &Merchant{Shortcode: shortcode, payee: shortcode, t: w.t}
	if m.goods = o.Kind == control.Till; m.goods && o.Store != "" {
		if m.Shortcode = o.Store; m.Shortcode != shortcode {
			if o, err = c.OrganisationSecret(ctx, o.Store); err != nil {
				w.t.Fatalf("store %s: %v", m.Shortcode, err)
			}
		}
	}
	options := []daraja.Option{daraja.WithPasskey(o.Passkey)}
	if !m.goods {
		options = append(options, w.initiator(shortcode))
	}
	key, secret := w.app(shortcode)
	m.Client = daraja.New(w.URL(), key, secret, options...)
	return m
}

// initiator gives an organisation an operator who may ask for everything.
func (w *World) initiator(shortcode string) daraja.Option {
	w.t.Helper()
	ctx, c := w.t.Context(), w.Control()
	certificate, err := c.Certificate(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	known, err := c.Roles(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	roles := make([]string, len(known.API))
	for i, r := range known.API {
		roles[i] = r.Role
	}
	if _, _, err := c.PutOperator(ctx, shortcode, initiator, control.OperatorChange{Roles: &roles, Password: new(password)}); err != nil {
		w.t.Fatalf("an initiator of %s: %v", shortcode, err)
	}
	return daraja.WithInitiator(initiator, password, certificate)
}

// app returns the credentials of an app that may ask for an organisation: its own one of production, or else any of the sandbox.
func (w *World) app(shortcode string) (key, secret string) {
	w.t.Helper()
	ctx, c := w.t.Context(), w.Control()
	for a, err := range c.AllApps(ctx, control.ListQuery{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		if key == "" && !a.Production || a.Shortcode == shortcode {
			key = a.Key
		}
	}
	if key == "" {
		w.t.Fatalf("no app may ask for %s", shortcode)
	}
	a, err := c.AppSecret(ctx, key)
	if err != nil {
		w.t.Fatal(err)
	}
	return key, a.Secret
}

// Push asks a phone for an amount in shillings by M-Pesa Express. What comes of it is posted to callback.
func (m *Merchant) Push(phone, shillings, callback string) *daraja.STKPushResponse {
	m.t.Helper()
	kind := daraja.CustomerPayBillOnline
	if m.goods {
		kind = daraja.CustomerBuyGoodsOnline
	}
	push, err := m.STKPush(m.t.Context(), daraja.STKPushRequest{
		BusinessShortCode: m.Shortcode, TransactionType: kind, Amount: shillings, PartyA: phone, PartyB: m.payee, PhoneNumber: phone,
		CallBackURL: callback, AccountReference: "kivukotest", TransactionDesc: "Test",
	})
	if err != nil {
		m.t.Fatalf("asking %s for %s: %v", phone, shillings, err)
	}
	return push
}
