// Package mpesatest has what tests of several packages need of the rules' rows.
package mpesatest

import "github.com/kivuko/kivuko/internal/mpesa"

// PaymentOf is what was asked for in the words of a payment, so that tests can treat all of it alike.
func PaymentOf(x mpesa.Subject) mpesa.Payment {
	switch x := x.(type) {
	case *mpesa.Payment:
		return *x
	case *mpesa.Query:
		return mpesa.Payment{Header: x.Header, Details: mpesa.Details{TransactionType: x.Command, Description: x.Remarks, Occasion: x.Occasion, Initiator: x.Initiator,
			BadCredential: x.BadCredential, CallBackURL: x.ResultURL, TimeoutURL: x.TimeoutURL, TimedOut: x.TimedOut, Original: x.Original, OriginalID: x.OriginalID, Funds: x.Funds}}
	case *mpesa.Order:
		return mpesa.Payment{Header: x.Header, Details: mpesa.Details{TransactionType: x.Type, CallBackURL: x.CallBackURL, Reference: x.Reference, Description: x.Description, Originator: x.RequestID}}
	}
	panic("mpesatest: nobody asks for this")
}

// QueryOf is the query that was asked for in the words of a payment.
func QueryOf(p mpesa.Payment) mpesa.Query {
	d := &p.Details
	return mpesa.Query{Header: p.Header, Command: d.TransactionType, Remarks: d.Description, Occasion: d.Occasion, Initiator: d.Initiator, BadCredential: d.BadCredential,
		ResultURL: d.CallBackURL, TimeoutURL: d.TimeoutURL, Original: d.Original, OriginalID: d.OriginalID, Funds: d.Funds}
}
