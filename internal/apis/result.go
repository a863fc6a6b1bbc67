package apis

import (
	"strconv"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// results are what the URLs of an initiator's request are told (wire.md §7.2). paid adds what a result says of success, failed what one of
// an API says beside another code: little, and for each API something else.
func results[T mpesa.Subject](paid func(*Writer, T) error, failed func(*Writer, T)) []Callback {
	result := func(w *Writer, x T) (err error) {
		w.head(x)
		if x.Head().Result == codes.Success {
			err = paid(w, x)
		} else {
			failed(w, x)
		}
		w.body = append(w.body, "}}"...)
		return err
	}
	return []Callback{
		{Kind: mpesa.QueueTimeout, About: "an initiator's request waited too long, to QueueTimeOutURL", Body: queueTimeout,
			When: func(h *mpesa.Header) bool { return h.Result == codes.QueueTimedOut }},
		{Kind: mpesa.Result, About: "the result of an initiator's request, to ResultURL", Body: of(result)},
	}
}

// queueTimeout writes what QueueTimeOutURL is told. Nobody has recorded a real one; this is the result's envelope without parameters
// (wire.md §7.4).
func queueTimeout(w *Writer, x mpesa.Subject) error {
	w.head(x)
	w.body = append(w.body, "}}"...)
	return nil
}

// head writes what all results begin with. Queries have the date and zeros where payments have a receipt (wire.md §7.3).
func (w *Writer) head(x mpesa.Subject) {
	p, originator, transaction := x.Head(), "", ids.NoReceipt(time.UnixMilli(x.Head().FinishedAt))
	if p, ok := x.(*mpesa.Payment); ok {
		originator, transaction = p.Details.Originator, w.transactionID(p)
	}
	b := append(w.body, `{"Result":{"ResultType":0,"ResultCode":`...)
	b = appendCode(b, p.Result)
	b = append(b, `,"ResultDesc":`...)
	b = appendString(b, p.Result.Desc(p.Kind.String()))
	b = append(b, `,"OriginatorConversationID":`...)
	b = appendText(b, w.Mint.Originator(p.ID, originator))
	b = append(b, `,"ConversationID":"`...)
	b = append(b, w.Mint.Conversation(p.ID, time.UnixMilli(p.AcceptedAt))...)
	b = append(b, `","TransactionID":"`...)
	b = append(b, transaction...)
	w.body = append(b, '"')
}

// appendCode writes a code as a number where it is digits, and as text where not (wire.md §1).
func appendCode(b []byte, r codes.Result) []byte {
	if r.Numeric() {
		return append(b, r...)
	}
	return strconv.AppendQuote(b, string(r))
}

// transactionID is a receipt where money was to move, which failed payouts have too. What fails before it is a payment, as in
// the queue, has the date and zeros (wire.md §16).
func (w *Writer) transactionID(p *mpesa.Payment) string {
	finished := time.UnixMilli(p.FinishedAt)
	switch {
	case p.Details.TimedOut:
	case p.State == mpesa.Completed, p.Kind == mpesa.B2C, p.Kind == mpesa.B2Pochi:
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
