package apis

import (
	"fmt"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// results are what the URLs of an initiator's request are told (wire.md §7.2). paid adds what a result says of success, failed what one of
// an API says beside another code: little, and for each API something else.
func results(paid func(*Writer, *mpesa.Payment) error, failed func(*Writer, *mpesa.Payment)) []Callback {
	result := func(w *Writer, p *mpesa.Payment) (err error) {
		w.head(p)
		if p.Result == codes.Success {
			err = paid(w, p)
		} else {
			failed(w, p)
		}
		w.body = append(w.body, "}}"...)
		return err
	}
	return []Callback{
		{Kind: mpesa.QueueTimeout, About: "an initiator's request waited too long, to QueueTimeOutURL", Body: queueTimeout,
			When: func(p *mpesa.Payment) bool { return p.Details.TimedOut }},
		{Kind: mpesa.Result, About: "the result of an initiator's request, to ResultURL", Body: result},
	}
}

// queueTimeout writes what QueueTimeOutURL is told. Nobody has recorded a real one; this is the result's envelope without parameters
// (wire.md §7.4).
func queueTimeout(w *Writer, p *mpesa.Payment) error {
	w.head(p)
	w.body = append(w.body, "}}"...)
	return nil
}

// head writes what all results begin with.
func (w *Writer) head(p *mpesa.Payment) {
	b := append(w.body, `{"Result":{"ResultType":0,"ResultCode":`...)
	b = appendCode(b, p.Result)
	b = append(b, `,"ResultDesc":`...)
	b = appendString(b, p.Result.Desc(p.Kind.String()))
	b = append(b, `,"OriginatorConversationID":`...)
	b = appendText(b, w.Mint.Originator(p.ID, p.Details.Originator))
	b = append(b, `,"ConversationID":"`...)
	b = append(b, w.Mint.Conversation(p.ID, time.UnixMilli(p.AcceptedAt))...)
	b = append(b, `","TransactionID":"`...)
	b = append(b, w.transactionID(p)...)
	w.body = append(b, '"')
}

// appendCode writes a code as a number where it is digits, and as text where not (wire.md §1).
func appendCode(b []byte, r codes.Result) []byte {
	if r.Numeric() {
		return append(b, r...)
	}
	return strconv.AppendQuote(b, string(r))
}

// transactionID is a receipt where money was to move, which failed payouts have too. Queries, and what fails before it is a
// payment, as in the queue, have the date and zeros (wire.md §7.3, §16).
func (w *Writer) transactionID(p *mpesa.Payment) string {
	finished := time.UnixMilli(p.FinishedAt)
	switch {
	case p.Details.TimedOut:
	case p.State == mpesa.Completed && p.Kind.MovesMoney(), p.Kind == mpesa.B2C, p.Kind == mpesa.B2Pochi:
		return w.Mint.Receipt(p.ID, finished)
	}
	return ids.NoReceipt(finished)
}

// echo appends the reference data of most results.
func (w *Writer) echo(results string) {
	w.open("ReferenceData", "ReferenceItem")
	w.timeoutURL(results)
	w.close()
}

func (w *Writer) timeoutURL(results string) {
	w.text("QueueTimeoutURL", w.Internal+"/mpesa/"+results+"/v1/submit")
}

func (w *Writer) occasion(p *mpesa.Payment) {
	w.open("ReferenceData", "ReferenceItem")
	w.text("Occasion", p.Details.Occasion)
	w.close()
}

func funds(p *mpesa.Payment, kind mpesa.AccountKind) money.Amount {
	f, _ := p.Details.Of(kind)
	return f.Available()
}

// publicName is a party's number and name: "254708374149 - John Doe".
func publicName(party mpesa.Party, name string) string { return party.String() + " - " + name }

// segment is an account as balances are written: name, currency, current, available, reserved and uncleared (wire.md §11).
func segment(f mpesa.Funds) string {
	return f.Kind.String() + "|KES|" + f.Balance.String() + "|" + f.Available().String() + "|" + f.Held.String() + "|0.00"
}

// charge is a charge as results write it; none is empty.
func charge(name string, amount money.Amount) string {
	if amount == 0 {
		return ""
	}
	return name + "|KES|" + amount.String()
}

// cents writes an amount in cents.
func cents(a money.Amount) string { return strconv.FormatInt(int64(a), 10) }

func (w *Writer) original(p *mpesa.Payment) (*mpesa.Payment, error) {
	original, err := store.Get(w.Context, w.Store, mpesa.Payments, p.Details.Original)
	if err == nil && original == nil {
		err = fmt.Errorf("payment %d, which payment %d is about, is not there", p.Details.Original, p.ID)
	}
	return original, err
}
