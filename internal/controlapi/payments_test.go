package controlapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/mpesa"
)

func TestPaymentTellsWhatCameOfIt(t *testing.T) {
	c := start(t)
	c.Push(t, controltest.John, 1500)
	c.Clock.Advance(7 * time.Second)
	var p control.Payment
	c.do(http.MethodPost, johns+"/answer", `{"pin":"1234"}`).answers(http.StatusOK, &p)
	want := control.Payment{
		ID: p.ID, Kind: "stkpush", State: "completed", Result: "0", ResultDesc: "The service request is processed successfully.",
		Amount: 1500_00, Payer: "254708374149", Payee: "174379", Business: "174379", TransactionType: "CustomerPayBillOnline",
		Reference: "INV-7", Description: "Shoes", CallBackURL: "http://127.0.0.1:9/callback?a=1&b=2",
		MerchantRequestID: c.Mint.MerchantRequest(p.ID), CheckoutRequestID: "ws_CO_20112026120000125708374149",
		ConversationID: c.Mint.Conversation(p.ID, controltest.Start), Receipt: c.Mint.Receipt(p.ID, controltest.Start),
		AcceptedAt: control.Time{Time: controltest.Start}, FinishedAt: control.Time{Time: controltest.Start.Add(7 * time.Second)},
		Transfers: []control.Transfer{
			{Debit: control.Side{Party: "254708374149", Account: "MMF Account For Customer"}, Credit: control.Side{Party: "174379", Account: "Utility Account"}, Amount: 1500_00, Kind: "principal"},
			{Debit: control.Side{Party: "254708374149", Account: "MMF Account For Customer"}, Credit: control.Side{Party: "operator", Account: "Fees Account"}, Amount: 10_00, Kind: "customer charge"},
			{Debit: control.Side{Party: "174379", Account: "Charges Paid Account"}, Credit: control.Side{Party: "operator", Account: "Fees Account"}, Amount: 5_00, Kind: "business charge"},
		},
		Callbacks: []control.Callback{{ID: p.ID << 4, Payment: p.ID, Kind: "stkpush", Shortcode: "174379", URL: "http://127.0.0.1:9/callback?a=1&b=2",
			State: "pending", DueAt: control.Time{Time: controltest.Start.Add(67 * time.Second)}, Attempts: []control.Attempt{}}},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	if got := c.get("/kivuko/v1/payments/" + p.Receipt); !strings.Contains(string(got.body), `"callBackURL": "http://127.0.0.1:9/callback?a=1&b=2"`) {
		t.Errorf("URLs are shown escaped: %s", got.body)
	}
}

func TestPaymentIsFoundByAnyOfItsIdentifiers(t *testing.T) {
	c := start(t)
	c.Pay(t, controltest.Jane, 30, "1234")
	for name, p := range map[control.State]mpesa.Payment{
		"completed": c.Pay(t, controltest.John, 10, "1234"),
		"failed":    c.Pay(t, controltest.John, 20, "0000"),
		"prompting": c.Push(t, controltest.John, 30),
	} {
		var shown control.Payment
		c.get(fmt.Sprintf("/kivuko/v1/payments/%d", p.ID)).answers(http.StatusOK, &shown)
		if shown.State != name || shown.ID != p.ID {
			t.Errorf("got %+v, want the %s payment %d", shown, name, p.ID)
		}
		ids := []string{shown.MerchantRequestID, shown.CheckoutRequestID, shown.ConversationID, shown.Receipt}
		if name != "completed" {
			ids = ids[:3]
			c.get("/kivuko/v1/payments/"+c.Mint.Receipt(p.ID, time.UnixMilli(p.FinishedAt))).
				refuses(http.StatusNotFound, "not-found", "", "a receipt exists once a payment is completed")
		}
		for _, id := range ids {
			var got control.Payment
			c.get("/kivuko/v1/payments/"+id).answers(http.StatusOK, &got)
			if got.ID != p.ID {
				t.Errorf("%s finds payment %d, want %d", id, got.ID, p.ID)
			}
		}
	}
}

func TestIdentifiersThatNoPaymentHas(t *testing.T) {
	c := start(t)
	p := c.Pay(t, controltest.John, 10, "1234")
	other := controltest.Start.AddDate(0, 0, 1)
	for name, id := range map[string]string{
		"no number yet":                       "999999",
		"zero":                                "0",
		"negative":                            "-5",
		"with zeros":                          fmt.Sprintf("0%d", p.ID),
		"with a sign":                         fmt.Sprintf("+%d", p.ID),
		"beyond numbers":                      "99999999999999999999999",
		"receipt of another day":              c.Mint.Receipt(p.ID, other),
		"receipt in small letters":            strings.ToLower(c.Mint.Receipt(p.ID, controltest.Start)),
		"receipt of nobody":                   "UKK0000000",
		"ConversationID of another day":       c.Mint.Conversation(p.ID, other),
		"ConversationID of nobody":            "AG_20261120_01002010zzzzzzzzzzzz",
		"MerchantRequestID of nobody":         c.Mint.MerchantRequest(999_999),
		"MerchantRequestID of another Kivuko": "ac7b-470b-8df7-23ab3cef3827100001",
		"CheckoutRequestID of another moment": "ws_CO_20112026120000126708374149",
		"CheckoutRequestID of another phone":  "ws_CO_20112026120000125708374140",
		"CheckoutRequestID that isn't one":    "ws_CO_20112026",
		"something else":                      "%20..%2F%00",
		"very long":                           strings.Repeat("9", 5000),
	} {
		t.Run(name, func(t *testing.T) {
			caller{c.World, t}.get("/kivuko/v1/payments/"+id).refuses(http.StatusNotFound, "not-found", "", "CheckoutRequestID")
		})
	}
}

func TestADepositHasNoIdentifiersOfMPesaExpress(t *testing.T) {
	c := start(t)
	c.do(http.MethodPut, johns, `{"balance":"1"}`) // a withdrawal
	var list control.Page[control.Payment]
	c.get("/kivuko/v1/payments?limit=1").answers(http.StatusOK, &list)
	p := list.Items[0]
	if p.Kind != "withdrawal" || p.Payee != "operator" || p.MerchantRequestID != "" || p.CheckoutRequestID != "" || p.Receipt == "" {
		t.Errorf("got %+v", p)
	}
	c.get("/kivuko/v1/payments/"+c.Mint.MerchantRequest(p.ID)).refuses(http.StatusNotFound, "not-found", "", "")
	c.get("/kivuko/v1/payments/"+p.Receipt).answers(http.StatusOK, &p)
}

func TestPaymentsAreFiltered(t *testing.T) {
	c := start(t)
	paid, failed, open := c.Pay(t, controltest.John, 10, "1234"), c.Pay(t, controltest.John, 20, "0000"), c.Push(t, controltest.Jane, 30)
	for query, want := range map[string][]int64{
		"phone=0708374149&kind=stkpush":      {failed.ID, paid.ID},
		"phone=%2B254705912645&kind=stkpush": {open.ID},
		"shortcode=174379":                   {open.ID, failed.ID, paid.ID},
		"shortcode=600000":                   nil,
		"state=prompting":                    {open.ID},
		"state=failed":                       {failed.ID},
		"result=2001":                        {failed.ID},
		"shortcode=174379&result=0":          {paid.ID},
		"phone=254708374149&state=prompting": nil,
	} {
		var got control.Page[control.Payment]
		c.get("/kivuko/v1/payments?"+query).answers(http.StatusOK, &got)
		if ids := numbers(got.Items); !slices.Equal(ids, want) {
			t.Errorf("%s gives %v, want %v", query, ids, want)
		}
	}
}

func TestPaymentsComeInPages(t *testing.T) {
	c := start(t)
	var want []int64
	for n := range int64(7) {
		want = append(want, c.Pay(t, controltest.John, 10+n, "1234").ID)
	}
	slices.Reverse(want)
	for _, limit := range []int{1, 3, 7, 1000} {
		var got []int64
		next := strconv.Itoa(1 << 60)
		for pages := 0; next != ""; pages++ {
			var list control.Page[control.Payment]
			c.get(fmt.Sprintf("/kivuko/v1/payments?shortcode=174379&limit=%d&after=%s", limit, next)).answers(http.StatusOK, &list)
			if len(list.Items) > limit || pages > len(want) {
				t.Fatalf("page %d by %d has %d payments", pages, limit, len(list.Items))
			}
			got = append(got, numbers(list.Items)...)
			next = list.Next
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d have %v, want %v", limit, got, want)
		}
	}
}

func numbers(list []control.Payment) (ids []int64) {
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	return ids
}
