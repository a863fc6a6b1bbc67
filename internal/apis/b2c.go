package apis

import (
	"slices"
	"time"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// B2C: an organisation pays a customer (DarajaTutorial, B2C API; BusinessToCustomer; wire.md §8).

// LiveB2C is what production apps need.
const LiveB2C = "B2C Production"

func b2c() *API {
	return &API{
		Name: codes.APIB2C, Title: "Business to customer", Product: ProductMpesa, Live: payoutProduct(), Family: codes.Payments, Kind: mpesa.B2C, Callbacks: results(paidOut, payoutFailed),
		Paths: []Path{
			{Path: "/mpesa/b2c/v1/paymentrequest", Version: 1, Serve: payOut, Source: "DarajaTutorial, B2C API", Fields: payoutFields(false, mpesa.B2C)},
			{Path: "/mpesa/b2c/v3/paymentrequest", Version: 3, Serve: payOut, Source: "BusinessToCustomer, request parameters", Fields: payoutFields(true, mpesa.B2C)},
		},
		Parts:    Parts{seedworld.Payer: {"PartyA"}, seedworld.Payee: {"PartyB"}, seedworld.Initiator: {"InitiatorName"}},
		Usual:    with{"CommandID": daraja.BusinessPayment}, // a salary reaches everybody
		Outcomes: append(payouts(), ends(codes.RecipientType, "PartyB is not a registered customer, and CommandID isn't SalaryPayment")),
		Tests:    payoutTests(),
	}
}

// payouts are the outcomes of payments to customers.
func payouts() []Outcome {
	return on(append(moved(), group("payouts",
		ends(codes.InsufficientFunds, "the amount is more than what is available in PartyA's Utility Account"),
		ends(codes.BelowMinimum, "the amount is less than the smallest that a business may pay a customer (KES 10)"),
		ends(codes.AboveMaximum, "the amount is more than the largest that the customer's limits allow (KES 250,000)"),
		ends(codes.AboveDailyLimit, "what businesses paid the customer today in East Africa Time and this amount are more than the daily limit (KES 500,000)"),
		ends(codes.AboveBalanceLimit, "the customer's wallet would hold more than its limit (KES 500,000)"),
		ends(codes.AccountNotAllowed, "PartyA's accounts are frozen, or the customer's account is suspended"),
		ends(codes.NotPermitted, unassigned),
		ends(codes.OperatorNotFound, "strict profile: PartyB is no customer's number; or the customer's record names no operator"),
	)...), map[codes.Result]with{codes.BelowMinimum: {"Amount": "9"}, codes.AboveMaximum: {"Amount": "250001"}})
}

func payoutTests() []Test {
	return []Test{
		{Name: "b2c-paid", Title: "A customer is paid", How: "Pay a customer", Result: codes.Success},
		{Name: "b2c-balance", Title: "The Utility Account has too little money", How: "Pay more than it has", Result: codes.InsufficientFunds, Part: seedworld.Payer},
		{Name: "b2c-recipient", Title: "The recipient is not registered with M-PESA", How: "Pay a number that can't be paid", Result: codes.RecipientType, Part: seedworld.Payee},
		badInitiator("b2c-initiator"),
		{Name: "b2c-timeout", Title: "The request waits too long", How: "Pay from a shortcode whose queue stands still; QueueTimeOutURL is told", Result: codes.QueueTimedOut, Part: seedworld.Payer},
		{Name: "b2c-duplicate", Title: "The same request comes twice", How: "Send a request again with the same OriginatorConversationID", Refusal: &codes.DuplicateOriginator},
		malformed("b2c-invalid"),
	}
}

// payoutFields have the order in which the documents print them, but for the OriginatorConversationID: of a body that can't be read,
// the gateway misses the InitiatorName first (BusinessToPochi, FAQ 19).
func payoutFields(numbered bool, kinds ...mpesa.Kind) []Field {
	list := initiator("InitiatorName", kinds...)
	if numbered {
		list = append(list, noted(identifier("OriginatorConversationID", "an identifier that no other request has"), "PartyA may use it once").example(MarkUnique))
	}
	const least = "10" // that a customer can be paid
	return slices.Concat(list, []Field{plain(Amount, "Amount").example(least), asking("PartyA"), customer("PartyB")}, outcome())
}

// payOut accepts a payment to a customer, POST /mpesa/b2c/v1/paymentrequest and v3 (DarajaTutorial, B2C API; BusinessToCustomer; wire.md §8),
// or into a customer's business wallet: POST /mpesa/b2pochi/v1/paymentrequest (BusinessToPochi).
func payOut(c *Call) (any, error) {
	p := c.request("InitiatorName", "PartyA")
	if _, own := mpesa.FindOperation(p.Kind, p.Details.TransactionType); !own {
		p.Kind = mpesa.B2C // "Other supported values include" B2C's (BusinessToPochi, request parameters: CommandID)
	}
	if c.Path.Version != 1 { // of version 1, the gateway makes it
		p.Details.Originator = c.text("OriginatorConversationID")
	}
	p.Amount = c.amount("Amount")
	p.Payee = mpesa.CustomerParty(c.phone("PartyB"))
	return c.accept(p)
}

// paidOut has the order of BusinessToCustomer, successful result.
func paidOut(w *Writer, p *mpesa.Payment) error {
	w.open("ResultParameters", "ResultParameter")
	w.shillings("TransactionAmount", p.Amount)
	w.text("TransactionReceipt", w.transactionID(p))
	w.text("B2CRecipientIsRegisteredCustomer", registered(p))
	w.amount("B2CChargesPaidAccountAvailableFunds", funds(p, mpesa.ChargesPaid))
	w.text("ReceiverPartyPublicName", publicName(p.Payee, p.Details.Payee))
	w.text("TransactionCompletedDateTime", completed(p))
	w.amount("B2CUtilityAccountAvailableFunds", funds(p, mpesa.Utility))
	w.amount("B2CWorkingAccountAvailableFunds", funds(p, mpesa.Working))
	w.close()
	w.echo("b2cresults")
	return nil
}

func payoutFailed(w *Writer, _ *mpesa.Payment) { w.echo("b2cresults") }

func registered(p *mpesa.Payment) string {
	if p.Details.Unknown {
		return "N"
	}
	return "Y"
}

// completed is when the payment ended, as payouts write it: 19.12.2019 11:45:50 in EAT.
func completed(p *mpesa.Payment) string {
	return time.UnixMilli(p.FinishedAt).In(clock.EAT).Format("02.01.2006 15:04:05")
}

// payoutProduct is that of payments to customers and to their business wallets.
func payoutProduct() golive.Product {
	return golive.Product{Name: LiveB2C, About: "Payments to customers, and to Pochi la Biashara", Needs: mpesa.ProductB2C, Apart: []string{LiveC2B, LiveExpress}}
}
