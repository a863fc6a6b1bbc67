package app

import (
	"context"
	"fmt"
	"net"
	"slices"

	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/seedworld"
	"github.com/kivuko/kivuko/internal/store"
)

// Tryout is what a first payment can be made with: what the database holds now, whatever it began with. What it has none of is "".
type Tryout struct {
	Key     string // of an app that may ask for M-Pesa Express
	Secret  string // of the same; "" unless it is published or was made in this start: the control API shows it
	PayBill string // that has a passkey
	Passkey string // of the same; "" as with Secret
	Phone   string // of a customer who can pay a shilling, and does when asked

	PIN       string // of the customers; "" unless it is published or was made in this start
	AnyPhone  bool   // other numbers become customers when they are first used
	Outcomes  bool   // customers are there who bring results about: 254700 and a result code
	CallBacks string // a URL that the profile's rules take
}

// Tryout looks for what a first payment can be made with.
func (k *App) Tryout(ctx context.Context) (t Tryout, err error) {
	sample, err := seedworld.Read()
	if err != nil {
		return t, err
	}
	t.AnyPhone, t.CallBacks = k.config.Profile == Sandbox, "http://127.0.0.1:8080/callback"
	if k.config.Profile == Strict {
		t.CallBacks = "https://example.com/callback"
	}
	shown := map[string]bool{sample.Passkey: true}
	for _, a := range sample.Apps {
		shown[a.Secret] = true
	}
	for _, s := range k.began.made {
		shown[s.Value] = true
		if s.Kind == "PIN" {
			t.PIN = s.Value
		}
	}
	if k.began.kind == seedworld.Sample {
		t.PIN = seedworld.PIN
	}
	if err := k.tryoutApp(ctx, &t); err != nil {
		return t, err
	}
	if err := k.tryoutPayBill(ctx, &t, sample.Test.Express); err != nil {
		return t, err
	}
	if !shown[t.Secret] {
		t.Secret = ""
	}
	if !shown[t.Passkey] {
		t.Passkey = ""
	}
	return t, k.tryoutPhone(ctx, &t, sample.Test.Phone)
}

const tryoutPage = 1000 // rows that are looked through

func (k *App) tryoutApp(ctx context.Context, t *Tryout) error {
	apps, err := store.List(ctx, k.store, mpesa.Apps, "", tryoutPage)
	for _, a := range apps {
		if !a.Production && slices.Contains(a.Products, apis.ProductExpress) {
			t.Key, t.Secret = a.Key, a.Secret
			break
		}
	}
	return err
}

// tryoutPayBill prefers the sample's.
func (k *App) tryoutPayBill(ctx context.Context, t *Tryout, preferred mpesa.Shortcode) error {
	list, err := store.List(ctx, k.store, mpesa.Registry, 0, tryoutPage)
	if err != nil {
		return err
	}
	first, err := store.Get(ctx, k.store, mpesa.Registry, preferred)
	if err != nil {
		return err
	}
	if first != nil {
		list = slices.Insert(list, 0, *first)
	}
	for i := range list {
		if o := &list[i]; o.Kind == mpesa.PayBill && o.Passkey != "" && o.Standing == mpesa.Active && o.MaxBalance == 0 && !o.Validates && o.Has(mpesa.ProductC2B) {
			t.PayBill, t.Passkey = o.Shortcode.String(), o.Passkey
			break
		}
	}
	return nil
}

// tryoutPhone prefers the sample's test number.
func (k *App) tryoutPhone(ctx context.Context, t *Tryout, preferred msisdn.Number) error {
	outcome, err := store.Get(ctx, k.store, mpesa.Subscribers, outcomeCustomer)
	if err != nil {
		return err
	}
	t.Outcomes = outcome != nil && outcome.Answers == mpesa.Cancel
	list, err := store.List(ctx, k.store, mpesa.Subscribers, 0, tryoutPage)
	if err != nil {
		return err
	}
	first, err := store.Get(ctx, k.store, mpesa.Subscribers, preferred)
	if err != nil {
		return err
	}
	if first != nil {
		list = slices.Insert(list, 0, *first)
	}
	for i := range list {
		if pays, err := k.pays(ctx, &list[i]); err != nil || pays {
			t.Phone = list[i].MSISDN.String()
			return err
		}
	}
	return nil
}

// outcomeCustomer is the customer who presses cancel, whose number has the result code.
const outcomeCustomer = msisdn.Number(254_700_001_032)

// pays reports whether a customer pays a shilling when asked.
func (k *App) pays(ctx context.Context, s *mpesa.Subscriber) (bool, error) {
	if s.Standing != mpesa.GoodStanding || s.Limits != "" || s.WrongPINs > 0 || s.Answers != mpesa.AnswersByDefault && s.Answers != mpesa.Approve {
		return false, nil
	}
	a, err := store.Get(ctx, k.store, mpesa.Accounts, s.Party().Account(mpesa.Wallet))
	return a != nil && a.Balance >= money.Shilling, err
}

// Addresses lists where else the M-PESA answers when it listens on every address of the machine: those that other machines reach.
func (k *App) Addresses() (urls []string) {
	at := k.listener.Addr().(*net.TCPAddr)
	if !at.IP.IsUnspecified() {
		return nil
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil // they are for people, who know another way
	}
	for _, a := range addresses {
		network, ok := a.(*net.IPNet)
		if !ok || network.IP.IsLoopback() || network.IP.IsLinkLocalUnicast() {
			continue
		}
		urls = append(urls, "http://"+net.JoinHostPort(network.IP.String(), fmt.Sprint(at.Port)))
	}
	return urls
}
