package apis

import (
	"fmt"
	"slices"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
	"github.com/kivuko/kivuko/internal/store"
)

// Reversal: a payment is taken back (DarajaTutorial, Reversal API; wire.md §12).

// LiveReversal is what production apps need.
const LiveReversal = "Reversal Production"

func reversal() *API {
	return &API{
		Name: codes.APIReversal, Title: "Reversal", Product: ProductMpesa,
		Live:   golive.Product{Name: LiveReversal, About: "Taking back what customers paid", Needs: mpesa.ProductReversal},
		Family: codes.STK, Kind: mpesa.Reversal, Callbacks: results(tellReversed, reversalFailed),
		Source: "DarajaTutorial, Reversal API; wire.md §12",
		Paths: []Path{{Path: "/mpesa/reversal/v1/request", Serve: reverse,
			// They begin with what the gateway misses first of a body that can't be read (wire.md §1, §12).
			Fields: slices.Concat([]Field{choice("RecieverIdentifierType", "11", "4")}, initiator("Initiator", mpesa.Reversal), []Field{
				identifier("TransactionID", "the receipt of the payment to be reversed").example(MarkReceipt), plain(Amount, "Amount").example(MarkAmount),
				asking("ReceiverParty").example(MarkPaid),
			}, outcomeURLsFirst()),
		}},
		Parts: Parts{seedworld.Payer: {"ReceiverParty"}, seedworld.Initiator: {"Initiator"}},
		Outcomes: append(moved(),
			ends(codes.InsufficientFunds, "what the payment brought is no longer in the account that it was credited to").by(emptyFirst),
			ends(codes.AboveDailyLimit, "what businesses paid the customer today and what would come back are more than the daily limit").
				by("give the phone the limits test-daily on its page, then ask"),
			ends(codes.AboveBalanceLimit, "the customer's wallet would hold more than its limit").by("give the phone the limits test-receiver on its page, then ask"),
			ends(codes.AccountNotAllowed, "the organisation's accounts or those of the business that paid are frozen, or the customer's account is suspended"),
			ends(codes.NotPermitted, "the organisation is not assigned reversals"),
			ends(codes.AlreadyReversed, "the payment was reversed before").by("reverse a payment, and once it is reversed, reverse it again"),
			ends(codes.NotReversible, "no payment has the receipt, it was not paid to ReceiverParty, it is of a kind that can't be reversed, or Amount isn't its amount").
				try(Try{Fields: with{"TransactionID": unknownReceipt, "Amount": "10", "ReceiverParty": string(MarkShortcode2)}})),
		Tests: []Test{
			{Name: "reversal-done", Title: "A payment is reversed", How: "Reverse what a customer paid", Result: codes.Success},
			{Name: "reversal-again", Title: "It was reversed before", How: "Send the same reversal again", Result: codes.AlreadyReversed},
			malformed("reversal-invalid"),
		},
	}
}

// reverse accepts a request to take a payment back: POST /mpesa/reversal/v1/request (DarajaTutorial, Reversal API; wire.md §12).
func reverse(c *Call) (any, error) {
	p := c.request("Initiator", "ReceiverParty")
	p.Amount = c.amount("Amount")
	p.Details.OriginalID = c.text("TransactionID")
	var err error
	if p.Details.Original, err = c.byReceipt(p.Details.OriginalID); err != nil {
		return nil, err
	}
	return c.accept(p)
}

// byReceipt finds the number of the payment with a receipt, or of what else has one; 0: nothing has. The receipt gives a number; whether the payment with it has that very receipt
// is seen here. A payment that waits for its validation has one already.
func (c *Call) byReceipt(receipt string) (int64, error) {
	id, ok := c.Mint.ParseReceipt(receipt)
	if !ok {
		return 0, nil
	}
	x, err := store.Subject(c.Context, c.Store, id)
	if err != nil || x == nil || x.ReceiptAt() == 0 || c.Mint.Receipt(id, time.UnixMilli(x.ReceiptAt())) != receipt {
		return 0, err
	}
	return id, nil
}

// tellReversed tells of a payment that was taken back (wire.md §12).
func tellReversed(w *Writer, p *mpesa.Payment) error {
	original, err := store.Get(w.Context, w.Store, mpesa.Payments, p.Details.Original)
	if err == nil && original == nil {
		err = fmt.Errorf("payment %d, which payment %d is about, is not there", p.Details.Original, p.ID)
	}
	if err != nil {
		return err
	}
	w.open("ResultParameters", "ResultParameter")
	for _, f := range p.Details.Funds {
		w.text("DebitAccountBalance", segment(f))
	}
	w.amount("Amount", p.Amount)
	w.stamp("TransCompletedTime", p.FinishedAt)
	w.text("OriginalTransactionID", w.Mint.Receipt(original.ID, time.UnixMilli(original.ReceiptAt())))
	w.amount("Charge", 0)
	w.text("CreditPartyPublicName", publicName(p.Payee, p.Details.Payee))
	w.text("DebitPartyPublicName", publicName(p.Payer, p.Details.Payer))
	w.close()
	w.echo("reversalresults")
	return nil
}

func reversalFailed(w *Writer, _ *mpesa.Payment) { w.echo("reversalresults") }
