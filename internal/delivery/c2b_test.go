package delivery_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// TestNotificationsAreAsPrinted compares validation and confirmation requests with the documents' bodies.
func TestNotificationsAreAsPrinted(t *testing.T) {
	b := newBench(t, settings{})
	for i, test := range []struct {
		file    string
		kind    mpesa.DeliveryKind
		payment mpesa.Payment
		differ  *strings.Replacer // what is not as printed: docs/divergences.md
	}{
		{"confirmation-wire", mpesa.Confirmation, mpesa.Payment{Header: mpesa.Header{Payer: 254_700_000_126, Payee: 600_966, Amount: 5_00, FinishedAt: at(t, "20231121121325")},
			Details: mpesa.Details{Reference: "Sample Transaction", Payer: "NICHOLAS JOHN SONGOK", Masked: 2, Funds: []mpesa.Funds{funds(mpesa.Utility, 25_00)}}}, nil},
		{"validation-tutorial", mpesa.Validation, mpesa.Payment{Header: mpesa.Header{Payer: johnDoe, Payee: 600_000, Amount: 200_00},
			Details: mpesa.Details{Reference: "account", Payer: "John Doe", Masked: 1, ValidatedAt: at(t, "20170816190243")}},
			strings.NewReplacer(`"TransactionType": ""`, `"TransactionType": "Pay Bill"`, "254708374149", daraja.HashMSISDN("254708374149"))},
	} {
		text, err := os.ReadFile("testdata/" + test.file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if test.differ != nil {
			text = []byte(test.differ.Replace(string(text)))
		}
		p := test.payment
		p.ID, p.Kind, p.State, p.AcceptedAt, p.Details.TransactionType = firstPlaced+int64(i), mpesa.C2B, mpesa.Completed, p.FinishedAt, mpesa.CustomerPayBillOnline
		b.Do(t, &place{payments: []mpesa.Payment{p}})
		body, err := b.sender.Body(t.Context(), mpesa.Delivery{ID: p.DeliveryID(test.kind), Kind: test.kind})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(form(t, text), form(t, body)); diff != "" {
			t.Errorf("%s differs (- printed, + ours):\n%s", body, diff)
		}
	}
}

// What businesses learn of customers, wire.md §6.3: the hash is of the documents' own customer.
func TestNotificationHidesTheCustomer(t *testing.T) {
	b := newBench(t, settings{})
	const hash = "94c392c311d522da950619227b3361752a42042db7e1e699b26e628305c68a88"
	for i, test := range []struct {
		name    string
		version int
		want    [4]string // MSISDN, FirstName, MiddleName, LastName
	}{
		{"NICHOLAS JOHN SONGOK", 1, [4]string{hash, "NICHOLAS", "JOHN", "SONGOK"}},
		{"Nicholas Songok", 1, [4]string{hash, "Nicholas", "", "Songok"}},
		{"Nicholas", 1, [4]string{hash, "Nicholas", "", ""}},
		{"Ana Maria de Souza", 1, [4]string{hash, "Ana", "Maria de", "Souza"}},
		{"", 1, [4]string{hash, "", "", ""}},
		{`N "Nick" <b>\`, 1, [4]string{hash, "N", `"Nick"`, `<b>\`}},
		{"NICHOLAS JOHN SONGOK", 2, [4]string{"2547 ***** 645", "NICHOLAS", "", ""}},
		{"", 2, [4]string{"2547 ***** 645", "", "", ""}},
	} {
		p := mpesa.Payment{Header: mpesa.Header{ID: firstPlaced + int64(i), Kind: mpesa.C2B, State: mpesa.Completed, Payer: songok, Payee: 600_000, Amount: 5_00},
			Details: mpesa.Details{TransactionType: mpesa.CustomerPayBillOnline, Payer: test.name, Masked: test.version}}
		b.Do(t, &place{payments: []mpesa.Payment{p}})
		body, err := b.sender.Body(t.Context(), mpesa.Delivery{ID: p.DeliveryID(mpesa.Confirmation), Kind: mpesa.Confirmation})
		if err != nil {
			t.Fatal(err)
		}
		got := kivukotest.Request{Body: body}.C2BPayment(t)
		if shown := [4]string{got.MSISDN, got.FirstName, got.MiddleName, got.LastName}; shown != test.want {
			t.Errorf("%q by version %d is %q; want %q", test.name, test.version, shown, test.want)
		}
		texts := map[string]string{}
		if err := json.Unmarshal(body, &texts); err != nil || len(texts) != 13 {
			t.Errorf("%s is not 13 texts: %v", body, err)
		}
	}
}

// register has the pay bill or till told of what customers pay, at a collector.
func (b *bench) register(t testing.TB, s mpesa.Shortcode, c *kivukotest.Collector, change ...func(*mpesa.Organisation)) {
	t.Helper()
	b.Do(t, &portal.ChangeOrganisation{Shortcode: s, Change: func(o *mpesa.Organisation, _ bool) error {
		o.URLs = mpesa.C2BURLs{Version: 2, ResponseType: mpesa.ResponseCancelled, Validation: c.URL + "/validation", Confirmation: c.URL + "/confirmation"}
		for _, change := range change {
			change(o)
		}
		return nil
	}})
}

// pay has John, or somebody else, pay a business from the phone.
func (b *bench) pay(t testing.TB, s mpesa.Shortcode, amount money.Amount, by ...msisdn.Number) mpesa.Payment {
	t.Helper()
	pay := &mpesa.PayBusiness{Phone: 254_708_374_149, Business: s, Type: mpesa.CustomerPayBillOnline, Amount: amount, Reference: "INV-7"}
	if s == 765_432 {
		pay.Type, pay.Reference = mpesa.CustomerBuyGoodsOnline, ""
	}
	for _, phone := range by {
		pay.Phone = phone
	}
	b.Do(t, pay)
	return pay.Payment
}

func TestConfirmationTellsOfThePayment(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	for _, s := range []mpesa.Shortcode{600_000, 765_432} {
		b.register(t, s, c)
	}
	for s, want := range map[mpesa.Shortcode]daraja.C2BPayment{
		600_000: {TransactionType: "Pay Bill", BusinessShortCode: "600000", BillRefNumber: "INV-7", OrgAccountBalance: "1001500.00"}, // the business's share of the charge is another account's
		765_432: {TransactionType: "Customer Merchant Payment", BusinessShortCode: "765432", OrgAccountBalance: "1500.00"},
	} {
		p := b.pay(t, s, money.Shillings(1500))
		r := c.At(t, "/confirmation")
		want.TransID, want.TransTime, want.TransAmount, want.MSISDN, want.FirstName = b.Mint.Receipt(p.ID, testworld.Noon), "20261120120000", "1500.00", "2547 ***** 149", "John"
		if got := r.C2BPayment(t); *got != want {
			t.Errorf("%s tells %+v; want %+v", r.Body, *got, want)
		}
		if r.Header.Get("Businessshortcode") != "" || len(r.Header) != 3 {
			t.Errorf("its headers are %v", r.Header)
		}
	}
	if left := c.Left(); len(left) != 0 {
		t.Errorf("without external validation %v came", left)
	}
}

// A pushed payment has two things to tell, to two URLs (wire.md §6.3).
func TestPushToRegisteredURLsIsConfirmedToo(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	b.register(t, 600_000, c, func(o *mpesa.Organisation) { o.URLs.Version = 1 })
	to := func(p *mpesa.AcceptPush) { p.Business, p.Receiver = 600_000, 600_000 }
	d := b.owe(t, c.URL+"/stk", "1234", to)
	callback, confirmation := c.At(t, "/stk").Callback(t), c.At(t, "/confirmation").C2BPayment(t)
	phone := callback.PhoneNumber()
	if callback.Receipt() != confirmation.TransID || confirmation.MSISDN != daraja.HashMSISDN(phone) || confirmation.TransAmount != "1.00" || confirmation.LastName == "" {
		t.Errorf("the callback tells %+v, the confirmation %+v", callback, confirmation)
	}
	want(t, b.over(t, d), mpesa.Delivered, answered(200))
	want(t, b.over(t, mpesa.Delivery{ID: d.ID + 1}), mpesa.Delivered, answered(200))
	b.over(t, b.owe(t, c.URL+"/stk", "cancel", to))
	c.At(t, "/stk")
	b.nothingMore(t, c)
}

func TestNothingIsConfirmedWhereNothingIsRegistered(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	if p := b.pay(t, 600_000, money.Shillings(10)); p.State != mpesa.Completed {
		t.Errorf("it is %s: %s", p.State, p.Reason)
	}
	b.register(t, 600_001, c)
	if p := b.pay(t, 600_001, money.Shillings(1_000_000)); p.State != mpesa.Failed {
		t.Errorf("it is %s", p.State)
	}
	b.nothingMore(t, c)
}
