package daraja_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

// billManagerSent is the answer of wire.md §14.5.
const billManagerSent = `{"Status_Message":"Invoice sent successfully","resmsg":"Success","rescode":"200"}`

func TestBillManagerOptIn(t *testing.T) {
	g := newGateway(t)
	const joined = `{"app_key":"AG_2376487236_126732989KJ","resmsg":"Success","rescode":"200"}`
	g.api = answer{200, joined}
	resp, err := g.client().BillManagerOptIn(t.Context(), daraja.BillManagerOptInRequest{
		ShortCode: "718003", Email: "bills@mydomain.com", OfficialContact: "0710000000", SendReminders: "1",
		CallbackURL: "https://mydomain.com/path",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := call{"/v1/billmanager-invoice/optin", "application/json", `{"shortcode":"718003","email":"bills@mydomain.com",` +
		`"officialContact":"0710000000","sendReminders":"1","callbackurl":"https://mydomain.com/path"}`}
	if got := g.last(t); got != want {
		t.Errorf("sent %+v\nwant %+v", got, want)
	}
	if got := written(t, resp); got != joined {
		t.Errorf("got %s", got)
	}
}

func TestBillManager(t *testing.T) {
	invoice := daraja.Invoice{
		ExternalReference: "7", BilledFullName: "John Doe", BilledPhoneNumber: "0722000000", BilledPeriod: "August 2021",
		InvoiceName: "Water", DueDate: "2021-10-12", AccountReference: "1ASD678H", Amount: "800",
		InvoiceItems: []daraja.InvoiceItem{{ItemName: "meter", Amount: "800"}},
	}
	const invoiceBody = `{"externalReference":"7","billedFullName":"John Doe","billedPhoneNumber":"0722000000",` +
		`"billedPeriod":"August 2021","invoiceName":"Water","dueDate":"2021-10-12","accountReference":"1ASD678H","amount":"800",` +
		`"invoiceItems":[{"itemName":"meter","amount":"800"}]}`
	tests := []struct {
		name string
		send func(context.Context, *daraja.BillManager) (*daraja.BillManagerResponse, error)
		body string
	}{
		{"single-invoicing", func(ctx context.Context, b *daraja.BillManager) (*daraja.BillManagerResponse, error) {
			return b.SendInvoice(ctx, invoice)
		}, invoiceBody},
		{"bulk-invoicing", func(ctx context.Context, b *daraja.BillManager) (*daraja.BillManagerResponse, error) {
			return b.SendInvoices(ctx, []daraja.Invoice{invoice, invoice})
		}, "[" + invoiceBody + "," + invoiceBody + "]"},
		{"cancel-single-invoice", func(ctx context.Context, b *daraja.BillManager) (*daraja.BillManagerResponse, error) {
			return b.CancelInvoice(ctx, "7")
		}, `{"externalReference":"7"}`},
		{"cancel-bulk-invoices", func(ctx context.Context, b *daraja.BillManager) (*daraja.BillManagerResponse, error) {
			return b.CancelInvoices(ctx, []string{"7", "8"})
		}, `[{"externalReference":"7"},{"externalReference":"8"}]`},
		{"reconciliation", func(ctx context.Context, b *daraja.BillManager) (*daraja.BillManagerResponse, error) {
			return b.Reconcile(ctx, daraja.BillReconciliation{PaymentDate: "2021-10-01", PaidAmount: "800", TransactionID: "PJB53MYR1N"})
		}, `{"paymentDate":"2021-10-01","paidAmount":"800","accountReference":"","transactionId":"PJB53MYR1N","phoneNumber":"",` +
			`"fullName":"","invoiceName":"","externalReference":""}`},
		{"change-optin-details", func(ctx context.Context, b *daraja.BillManager) (*daraja.BillManagerResponse, error) {
			return b.ChangeOptInDetails(ctx, daraja.BillManagerOptInRequest{ShortCode: "718003"})
		}, `{"shortcode":"718003","email":"","officialContact":"","sendReminders":"","callbackurl":""}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t)
			g.api = answer{200, billManagerSent}
			b := g.client().BillManager("app-key")
			resp, err := test.send(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			if want, got := (call{"/v1/billmanager-invoice/" + test.name, "application/json", test.body}), g.last(t); got != want {
				t.Errorf("sent %+v\nwant %+v", got, want)
			}
			if got := g.appKey(); got != "app-key" {
				t.Errorf("sent the key %q", got)
			}
			if got := written(t, resp); got != billManagerSent {
				t.Errorf("got %s", got)
			}
			g.api = answer{200, `{"Status_Message":"Invoice is paid","resmsg":"Conflict","rescode":"409","errors":[]}`}
			_, err = test.send(t.Context(), b)
			if e, ok := errors.AsType[*daraja.Error](err); !ok || e.Code != "409" || e.Message != "Conflict" {
				t.Errorf("got %v, want the conflict", err)
			}
		})
	}
}

func TestABillPaymentIsReadFromNumbersToo(t *testing.T) {
	var got daraja.BillPayment
	err := json.Unmarshal([]byte(`{"transactionId":"RJB53MYR1N","paidAmount":5000,"msisdn":254710119383,
		"dateCreated":"2021-09-15","accountReference":"LGHJIO789","shortCode":718003}`), &got)
	want := daraja.BillPayment{
		TransactionID: "RJB53MYR1N", PaidAmount: "5000", MSISDN: "254710119383", DateCreated: "2021-09-15",
		AccountReference: "LGHJIO789", ShortCode: "718003",
	}
	if got != want || err != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}
