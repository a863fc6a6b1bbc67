package apis

import (
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// Business to Pochi: an organisation pays into a customer's business wallet (BusinessToPochi).

func pochi() *API {
	return &API{
		Name: codes.APIPochi, Title: "Business to Pochi", Product: "B2Pochi Sandbox", Live: payoutProduct(), Family: codes.Payments, Kind: mpesa.B2Pochi, Callbacks: results(paidPochi, payoutFailed),
		Source: "BusinessToPochi, request parameters",
		Paths:  []Path{{Path: "/mpesa/b2pochi/v1/paymentrequest", Serve: payOut, Fields: payoutFields(true, mpesa.B2Pochi, mpesa.B2C)}},
		Parts:  Parts{seedworld.Payer: {"PartyA"}, seedworld.Payee: {"PartyB"}, seedworld.Initiator: {"InitiatorName"}},
		Outcomes: append(payouts(), ends(codes.RecipientType, "PartyB is not a registered customer, or has no business wallet"),
			refused(codes.DuplicateOriginator, "the shortcode has used the OriginatorConversationID before").try(Try{Times: 2, Fields: with{"OriginatorConversationID": "used-before"}})),
		Tests: payoutTests(),
	}
}

// paidPochi has the order of BusinessToPochi, callback payload.
func paidPochi(w *Writer, p *mpesa.Payment) error {
	w.open("ResultParameters", "ResultParameter")
	w.shillings("TransactionAmount", p.Amount)
	w.text("TransactionReceipt", w.transactionID(p))
	w.text("ReceiverPartyPublicName", publicName(p.Payee, p.Details.Payee))
	w.text("TransactionCompletedDateTime", completed(p))
	w.amount("B2CUtilityAccountAvailableFunds", funds(p, mpesa.Utility))
	w.amount("B2CWorkingAccountAvailableFunds", funds(p, mpesa.Working))
	w.text("B2CRecipientIsRegisteredCustomer", registered(p))
	w.amount("B2CChargesPaidAccountAvailableFunds", funds(p, mpesa.ChargesPaid))
	w.close()
	w.echo("b2cresults")
	return nil
}
