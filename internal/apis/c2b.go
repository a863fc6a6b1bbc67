package apis

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// C2B: customers pay a business from the phone's menu, which URLs are told of, and perhaps asked (DarajaTutorial, C2B API; wire.md §6).

// The names of the paths of C2B.
const (
	C2BRegister = "c2bregister"
	C2BSimulate = "c2bsimulate"
)

const billMost = 20 // characters (DarajaTutorial, C2B API)

// LiveC2B is what production apps need.
const LiveC2B = "C2B Production"

func c2b() *API {
	return &API{
		Name: codes.APIC2B, Title: "C2B", Product: ProductMpesa,
		Live:   golive.Product{Name: LiveC2B, About: "URLs that are told of what customers pay from the phone's menu; payments can't be simulated in production", Needs: mpesa.ProductC2B},
		Family: codes.C2B, Kind: mpesa.C2B,
		Callbacks: []Callback{
			{Kind: mpesa.Validation, About: "C2B: whether the business takes a payment, to ValidationURL; its answer must come within 8 seconds", Body: of(validationRequest), Answer: verdict,
				When: func(p *mpesa.Header) bool { return p.State != mpesa.Completed }},
			{Kind: mpesa.Confirmation, About: "C2B: a payment was made, to ConfirmationURL", Body: of(confirmation)},
		},
		Paths: []Path{
			registerURLs("/mpesa/c2b/v1/registerurl", 1), simulateC2B("/mpesa/c2b/v1/simulate", 1),
			registerURLs("/mpesa/c2b/v2/registerurl", 2), simulateC2B("/mpesa/c2b/v2/simulate", 2),
		},
		Parts: Parts{seedworld.Payer: {"Msisdn"}, seedworld.Payee: {"ShortCode"}},
		Outcomes: slices.Concat(fromCustomers(), withoutRequest(withPIN(), codes.CredentialLocked), []Outcome{
			ends(codes.NotPermitted, "CommandID doesn't fit the kind of shortcode, which may not be assigned C2B, or the customer may not pay businesses"),
			ends(codes.OperatorNotFound, "ShortCode is nobody's, or the customer's record names no operator"),
			refused(codes.AlreadyRegistered, "strict profile, or a production app: the shortcode has registered URLs, which must be deleted first").
				by("in the strict profile, register URLs for a shortcode that has some"),
		}),
		Tests: []Test{
			{Name: "c2b-registered", Title: "URLs are registered", How: "Register a confirmation and a validation URL", Of: []string{C2BRegister}},
			{Name: "c2b-paid", Title: "A customer pays from the phone's menu", How: "Simulate a payment; the confirmation URL is told", Of: []string{C2BSimulate}, Result: codes.Success},
			{Name: "c2b-rejected", Title: "The validation URL rejects a payment", How: "Switch external validation on, simulate, and answer with a code such as C2B00012", Of: []string{C2BSimulate}, Result: codes.ValidationFailed},
			malformed("c2b-invalid", C2BRegister, C2BSimulate),
		},
	}
}

// withoutRequest marks the result that only payments from the phone's menu have: the simulator asks for no PIN.
func withoutRequest(list []Outcome, r codes.Result) []Outcome {
	for i := range list {
		list[i].Menu = list[i].Result == r
	}
	return list
}

func registerURLs(path string, version int) Path {
	return Path{Name: C2BRegister, Title: "C2B register URLs", Path: path, Version: version, Serve: register, Source: "DarajaTutorial, Register URL; wire.md §6.1", Fields: []Field{
		asking("ShortCode"), choice("ResponseType", mpesa.ResponseCompleted, mpesa.ResponseCancelled),
		plain(URL, "ConfirmationURL"), plain(URL, "ValidationURL"),
	}}
}

func simulateC2B(path string, version int) Path {
	bill := noted(text("BillRefNumber", 1, billMost), "a payment to a till must not have one").example(exampleBill)
	bill.Cases = []Case{{"CommandID", []string{mpesa.CustomerBuyGoodsOnline}, Rule{Form: Nothing, What: "nothing: a payment to a till has none"}}}
	return Path{Name: C2BSimulate, Title: "C2B simulate", Path: path, Version: version, Sandbox: true, Serve: simulate, Source: "DarajaTutorial, C2B API; wire.md §6.2", Fields: []Field{
		asking("ShortCode"), choice("CommandID", mpesa.CustomerPayBillOnline, mpesa.CustomerBuyGoodsOnline), plain(Amount, "Amount"), customer("Msisdn"), bill,
	}}
}

// register registers the URLs that are told, and perhaps asked, of what customers pay:
// POST /mpesa/c2b/v1/registerurl and v2 (DarajaTutorial, Register URL; wire.md §6.1).
func register(c *Call) (any, error) {
	urls := &mpesa.RegisterURLs{Shortcode: c.shortcode("ShortCode"), Once: c.Rules.RegisterOnce, URLs: mpesa.C2BURLs{
		Version: c.Path.Version, ResponseType: c.text("ResponseType"), Confirmation: c.text("ConfirmationURL"), Validation: c.text("ValidationURL"),
	}}
	if err := c.Engine.Do(c.Context, urls); err != nil {
		return nil, err
	}
	if urls.Refused != nil {
		return nil, Refusal{*urls.Refused, urls.Reason}
	}
	if c.Path.Version == 1 {
		return acknowledgeC2B(1, "", c.Mint.Refused(), "success"), nil
	}
	return acknowledgeC2B(2, "", c.Mint.Refused(), "Success"), nil // wire.md §6.1
}

// acknowledgeC2B writes what register and simulate answer. Version 1 begins with the ConversationID (DarajaTutorial, Register URL and
// C2B); the ResponseCode, which the tutorial's answers lack, is what clients of either version look at (wire.md §6).
func acknowledgeC2B(version int, conversation, originator, description string) Raw {
	b := []byte{'{'}
	if version == 1 {
		b = fmt.Appendf(b, `"ConversationID":"%s",`, conversation)
	}
	return fmt.Appendf(b, `"OriginatorCoversationID":"%s","ResponseCode":"0","ResponseDescription":"%s"}`, originator, description)
}

// simulate pays as a customer would from the phone's menu: POST /mpesa/c2b/v1/simulate and v2 (DarajaTutorial, C2B API; wire.md §6.2).
func simulate(c *Call) (any, error) {
	pay := &mpesa.PayBusiness{Business: c.shortcode("ShortCode"), Type: c.text("CommandID"), Amount: c.amount("Amount"), Phone: c.phone("Msisdn"),
		Reference: c.text("BillRefNumber")}
	if err := c.Engine.Do(c.Context, pay); err != nil {
		return nil, err
	}
	if pay.Unknown {
		return nil, wrong("Msisdn", "%s", mpesa.NotACustomer(pay.Phone))
	}
	p := &pay.Payment
	c.accepted(&p.Header, "the payment failed")
	return acknowledgeC2B(c.Path.Version, c.Mint.Conversation(p.ID, time.UnixMilli(p.AcceptedAt)), c.Mint.MerchantRequest(p.ID),
		"Accept the service request successfully."), nil
}

// The TransactionType of notifications: what production says of tills, and the documents of pay bills (wire.md §6.3, §21 row 11).
const (
	typePayBill = "Pay Bill"
	typeTill    = "Customer Merchant Payment"
)

func validationRequest(w *Writer, p *mpesa.Payment) error { return notification(w, p, "") }

func confirmation(w *Writer, p *mpesa.Payment) error { return notification(w, p, credited(p).String()) }

// notification writes the body of a validation or confirmation request, in which everything is text (wire.md §6.3).
func notification(w *Writer, p *mpesa.Payment, balance string) error {
	at := time.UnixMilli(p.ReceiptAt())
	phone, _ := p.Payer.Phone()
	transactionType, reference := typePayBill, p.Details.Reference
	if p.Details.TransactionType == mpesa.CustomerBuyGoodsOnline {
		transactionType, reference = typeTill, ""
	}
	first, middle, last := names(p.Details.Payer, p.Details.Masked)
	b := append(w.body, '{')
	for i, f := range [...]struct{ name, value string }{
		{"TransactionType", transactionType},
		{"TransID", w.Mint.Receipt(p.ID, at)},
		{"TransTime", clock.Stamp(at)},
		{"TransAmount", p.Amount.String()},
		{"BusinessShortCode", p.Payee.String()},
		{"BillRefNumber", reference},
		{"InvoiceNumber", ""},
		{"OrgAccountBalance", balance},
		{"ThirdPartyTransID", p.Details.ThirdPartyID},
		{"MSISDN", hidden(phone, p.Details.Masked)},
		{"FirstName", first},
		{"MiddleName", middle},
		{"LastName", last},
	} {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), f.name...), `":`...)
		b = appendString(b, f.value)
	}
	w.body = append(b, '}')
	return nil
}

// credited is what the account that was paid into then held.
func credited(p *mpesa.Payment) money.Amount {
	for _, f := range p.Details.Funds {
		return f.Balance
	}
	return 0
}

// hidden is the payer's number as the version of the API that the URLs were registered with gives it: version 1 the SHA-256 of its
// digits, version 2 a mask (wire.md §6.3).
func hidden(phone msisdn.Number, version int) string {
	digits := phone.String()
	if version == 1 {
		sum := sha256.Sum256([]byte(digits))
		return hex.EncodeToString(sum[:])
	}
	return digits[:4] + " ***** " + digits[len(digits)-3:]
}

// names splits a customer's name. Version 2 gives the first one only.
func names(name string, version int) (first, middle, last string) {
	parts := strings.Fields(name)
	switch {
	case len(parts) == 0:
		return "", "", ""
	case version != 1 || len(parts) == 1:
		return parts[0], "", ""
	}
	end := len(parts) - 1
	return parts[0], strings.Join(parts[1:end], " "), parts[end]
}
