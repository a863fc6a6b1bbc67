package kivuko_test

import (
	"bytes"
	"image/png"
	"path/filepath"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/kivukotest"
)

// The APIs beyond the documents (wire.md §14), from request to callback.

// A standing order that was agreed to before a restart pays after it, on each of its days, and is confirmed like any payment.
func TestStandingOrderOutlivesARestart(t *testing.T) {
	t.Parallel()
	collector := kivukotest.Collect(t)
	config := kivuko.Config{DB: filepath.Join(t.TempDir(), "kivuko.db")}
	k := kivukotest.Start(t, config)
	client := daraja.New(k.URL(), "kivuko-key", "kivuko-secret")
	if _, err := client.RegisterURL(t.Context(), daraja.RegisterURLRequest{ShortCode: "174379", ResponseType: "Completed",
		ConfirmationURL: collector.URL + "/confirmation", ValidationURL: collector.URL + "/validation"}); err != nil {
		t.Fatal(err)
	}
	first := time.Now().In(clock.EAT).AddDate(0, 0, 1)
	request := daraja.StandingOrderRequest{StandingOrderName: "Rent", StartDate: first.Format("20060102"), EndDate: first.AddDate(0, 0, 2).Format("20060102"),
		BusinessShortCode: "174379", TransactionType: daraja.StandingOrderPayBill, ReceiverPartyIdentifierType: daraja.IdentifierShortcode, Amount: "50",
		PartyA: "254712345678", CallBackURL: collector.URL + "/ratiba", AccountReference: "House 7", TransactionDesc: "Rent", Frequency: daraja.FrequencyDaily}
	if _, err := client.CreateStandingOrder(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	callback, err := daraja.ParseStandingOrderCallback(collector.At(t, "/ratiba").Body)
	if err != nil || callback.ResponseCode != "0" || callback.Value("Status") != "OKAY" {
		t.Errorf("the callback is %+v, %v", callback, err)
	}
	if _, err := k.Control().Advance(t.Context(), 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	confirmed := func() {
		t.Helper()
		p := collector.At(t, "/confirmation").C2BPayment(t)
		if p.TransAmount != "50.00" || p.BillRefNumber != "House 7" || p.BusinessShortCode != "174379" {
			t.Errorf("the confirmation is %+v", p)
		}
	}
	confirmed()
	k.Close()
	k = kivukotest.Start(t, config)
	if _, err := k.Control().Advance(t.Context(), 96*time.Hour); err != nil {
		t.Fatal(err)
	}
	confirmed()
	confirmed()
	if books, err := k.Control().Books(t.Context()); err != nil || !books.Balanced() || books.Open != 0 {
		t.Errorf("the books are %+v, %v", books, err)
	}
	if left := collector.Left(); len(left) > 0 {
		t.Errorf("more came: %v", left)
	}
}

func TestABusinessPaysAVendorThatAsks(t *testing.T) {
	t.Parallel()
	collector := kivukotest.Collect(t)
	k := kivukotest.Start(t, kivuko.Config{})
	client := daraja.New(k.URL(), "kivuko-key", "kivuko-secret")
	owner := "254712345678"
	if _, _, err := k.Control().PutOrganisation(t.Context(), "600000", control.OrganisationChange{Owner: &owner}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.B2BExpress(t.Context(), daraja.B2BExpressRequest{PrimaryShortCode: "600000", ReceiverShortCode: "600001", Amount: "71", PaymentRef: "INV-7",
		CallbackURL: collector.URL + "/result", PartnerName: "Vendor", RequestRefID: "404e1aec"}); err != nil {
		t.Fatal(err)
	}
	callback, err := daraja.ParseB2BExpressCallback(collector.At(t, "/result").Body)
	if err != nil || callback.ResultCode != "0" || callback.RequestID != "404e1aec" || callback.Amount != "71.0" {
		t.Errorf("the callback is %+v, %v", callback, err)
	}
	if p, err := k.Control().Payment(t.Context(), callback.TransactionID); err != nil || p.State != "completed" {
		t.Errorf("the payment is %+v, %v", p, err)
	}
}

func TestPullTellsOfAPaymentWhoseConfirmationWentNowhere(t *testing.T) {
	t.Parallel()
	k := kivukotest.Start(t, kivuko.Config{})
	client := daraja.New(k.URL(), "kivuko-key", "kivuko-secret")
	if _, err := client.PullRegister(t.Context(), daraja.PullRegisterRequest{ShortCode: "600000", NominatedNumber: "254722000000", CallBackURL: "http://127.0.0.1:1/"}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.SimulateC2B(t.Context(), daraja.C2BSimulateRequest{ShortCode: "600000", CommandID: daraja.CustomerPayBillOnline, Amount: "168",
		Msisdn: "254712345678", BillRefNumber: "INV-7"}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	answer, err := client.PullQuery(t.Context(), daraja.PullQueryRequest{ShortCode: "600000", StartDate: daraja.PullTime(now.Add(-time.Hour)),
		EndDate: daraja.PullTime(now.Add(time.Hour)), OffSetValue: "0"})
	if err != nil {
		t.Fatal(err)
	}
	list := answer.Transactions()
	if len(list) != 1 || list[0].Amount != "168.00" || list[0].MSISDN != "712345678" || list[0].BillReference != "INV-7" {
		t.Errorf("pulled is %+v", list)
	}
}

func TestClientReadsQRCodesAndOrganisations(t *testing.T) {
	t.Parallel()
	k := kivukotest.Start(t, kivuko.Config{})
	client := daraja.New(k.URL(), "kivuko-key", "kivuko-secret")
	code, err := client.GenerateQR(t.Context(), daraja.QRRequest{MerchantName: "Shop", RefNo: "INV-7", Amount: "10", TrxCode: daraja.QRPayBill, CPI: "174379", Size: "200"})
	if err != nil {
		t.Fatal(err)
	}
	picture, err := code.PNG()
	if err != nil {
		t.Fatal(err)
	}
	if config, err := png.DecodeConfig(bytes.NewReader(picture)); err != nil || config.Width != 200 || config.Height != 200 {
		t.Errorf("the picture is %+v, %v", config, err)
	}
	if o, err := client.OrgInfo(t.Context(), daraja.OrgInfoRequest{IdentifierType: daraja.IdentifierShortcode, Identifier: "174379"}); err != nil || o.OrganizationName != "Daraja Sandbox" {
		t.Errorf("the organisation is %+v, %v", o, err)
	}
}
