package delivery_test

import (
	"bytes"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// TestCallbacksAreAsPrinted compares callbacks with the documents' bodies, which stand in testdata as they are printed.
func TestCallbacksAreAsPrinted(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	for name, test := range map[string]struct {
		pin    string
		push   func(*mpesa.AcceptPush)
		differ func(string) string // what is not as printed: docs/divergences.md
	}{
		"success-wire":     {"1234", nil, nil},
		"success-tutorial": {"1234", nil, func(s string) string { return strings.Replace(s, `"Value": 1`+"\n", `"Value": 1.00`+"\n", 1) }},
		"success-seed": {"1234", nil, func(s string) string {
			return strings.Replace(s, `{
                        "Name": "TransactionDate"`, `{"Name": "Balance"}, {"Name": "TransactionDate"`, 1)
		}},
		"failure-seed":    {"cancel", nil, nil},
		"failure-letters": {"1234", func(p *mpesa.AcceptPush) { p.Receiver = 999999 }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			printed, err := os.ReadFile("testdata/" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if test.differ != nil {
				changed := test.differ(string(printed))
				if changed == string(printed) {
					t.Fatal("what differs was not found")
				}
				printed = []byte(changed)
			}
			if test.push == nil {
				test.push = func(*mpesa.AcceptPush) {}
			}
			d := b.owe(t, c.URL, test.pin, test.push)
			testworld.SameForm(t, c.Next(t).Body, printed)
			want(t, b.over(t, d), mpesa.Delivered, answered(200))
		})
	}
}

// The headers are those of wire.md §17 and no others.
func TestCallbackHasTheObservedHeaders(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	for _, business := range []mpesa.Shortcode{174379, 654321} {
		b.owe(t, c.URL+"/a/path%20here?b=c&d=%2F#fragment", "cancel", func(p *mpesa.AcceptPush) { p.Business = business })
		r := c.Next(t)
		length := strconv.Itoa(len(r.Body))
		if len(r.Header) != 4 || r.Header.Get("Content-Type") != "application/json;charset=UTF-8" || r.Header.Get("Businessshortcode") != business.String() || r.Header.Get("Content-Length") != length {
			t.Errorf("the headers are %v", r.Header)
		}
		if r.Method != http.MethodPost || r.Path != "/a/path%20here?b=c&d=%2F" || r.Proto != "HTTP/1.1" || "http://"+r.Host != c.URL {
			t.Errorf("the request is %s %s %s to %s", r.Method, r.Path, r.Proto, r.Host)
		}
	}
}

func TestCallbackTellsOfItsPayment(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	d := b.owe(t, c.URL, "1234", func(p *mpesa.AcceptPush) { p.Amount = 1234_00 })
	r := c.Next(t)
	callback := r.Callback(t)
	p, err := store.Get(t.Context(), b.Store, mpesa.Payments, d.Payment())
	if err != nil || p == nil {
		t.Fatalf("%+v, %v", p, err)
	}
	phone, _ := p.Payer.Phone()
	if callback.MerchantRequestID != b.Mint.MerchantRequest(p.ID) || callback.PhoneNumber() != phone.String() || callback.Receipt() != b.Mint.Receipt(p.ID, testworld.Noon) ||
		callback.Value(daraja.ItemAmount) != "1234.00" || callback.Value(daraja.ItemTransactionDate) != "20261120120000" {
		t.Errorf("%s tells of %+v", r.Body, p)
	}
	body, err := b.sender.Body(t.Context(), d)
	if err != nil || !bytes.Equal(body, r.Body) {
		t.Errorf("it is shown as %s, %v", body, err)
	}
	if _, err := b.sender.Body(t.Context(), mpesa.Delivery{ID: 7 << 4}); err == nil {
		t.Error("a delivery without a payment has a body")
	}
}
