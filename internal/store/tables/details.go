package tables

import (
	"encoding/json"
	"strconv"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// DetailsDocument is the stored form, JSON, of a payment's details. They are written with every payment, some twice, and by hand that takes
// less than a third of the time. A test holds it to encoding/json's result, byte for byte.
func DetailsDocument(d *mpesa.Details) (string, error) {
	w := object{body: append(make([]byte, 0, 512), '{')}
	w.text("type", d.TransactionType)
	w.number("partyA", int64(d.PartyA))
	w.text("url", d.CallBackURL)
	w.text("ref", d.Reference)
	w.text("desc", d.Description)
	w.text("orig", d.Originator)
	w.text("initiator", d.Initiator)
	w.text("cred", d.BadCredential)
	w.text("timeout", d.TimeoutURL)
	w.text("occasion", d.Occasion)
	w.number("requester", int64(d.Requester))
	w.yes("timedOut", d.TimedOut)
	w.number("original", d.Original)
	w.text("originalID", d.OriginalID)
	if d.Route != (mpesa.OwnRoute{}) {
		w.value("route", d.Route)
	}
	w.number("from", int64(d.From))
	if d.Bulk != (mpesa.BulkFile{}) {
		w.value("bulk", d.Bulk)
	}
	w.number("validatedAt", d.ValidatedAt)
	w.text("third", d.ThirdPartyID)
	w.yes("settled", d.Settled)
	w.text("payer", d.Payer)
	w.text("payee", d.Payee)
	w.amount("charge", d.Charge)
	w.funds("funds", d.Funds)
	w.number("masked", int64(d.Masked))
	w.yes("unknown", d.Unknown)
	return string(append(w.body, '}')), w.err
}

// some is the stored form of a list, JSON; none are "".
func some[T any](list *[]T) (string, error) {
	if len(*list) == 0 {
		return "", nil
	}
	b, err := json.Marshal(*list)
	return string(b), err
}

// AttemptsDocument is the stored form of a delivery's attempts, JSON as well; none are "".
func AttemptsDocument(list *[]mpesa.Attempt) (string, error) {
	attempts := *list
	if len(attempts) == 0 {
		return "", nil
	}
	w := object{body: make([]byte, 0, 64*len(attempts))}
	for i, a := range attempts {
		w.element(i)
		w.integer("at", a.At)
		w.integer("status", int64(a.Status))
		w.integer("us", a.Micros)
		w.text("error", a.Error)
		w.number("n", int64(a.Number))
		w.number("again", a.Resent)
		w.body = append(w.body, '}')
	}
	return string(append(w.body, ']')), w.err
}

// object writes the members of a JSON object that are not empty.
type object struct {
	body []byte
	err  error
}

func (w *object) key(name string) {
	if w.body[len(w.body)-1] != '{' {
		w.body = append(w.body, ',')
	}
	w.body = append(w.body, '"')
	w.body = append(w.body, name...)
	w.body = append(w.body, `":`...)
}

func (w *object) text(name, value string) {
	switch {
	case value == "":
	case plain(value):
		w.key(name)
		w.body = append(w.body, '"')
		w.body = append(w.body, value...)
		w.body = append(w.body, '"')
	default:
		w.value(name, value)
	}
}

// plain reports whether text stands in JSON as it is.
func plain(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ' || c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

func (w *object) number(name string, value int64) {
	if value != 0 {
		w.integer(name, value)
	}
}

// integer writes a number that may be zero.
func (w *object) integer(name string, value int64) {
	w.key(name)
	w.body = strconv.AppendInt(w.body, value, 10)
}

func (w *object) yes(name string, value bool) {
	if value {
		w.key(name)
		w.body = append(w.body, "true"...)
	}
}

func (w *object) amount(name string, value money.Amount) {
	if value != 0 {
		w.sum(name, value)
	}
}

// sum writes an amount that may be zero.
func (w *object) sum(name string, value money.Amount) {
	w.key(name)
	w.body = append(value.Append(append(w.body, '"')), '"')
}

func (w *object) funds(name string, list []mpesa.Funds) {
	if len(list) == 0 {
		return
	}
	w.key(name)
	for i, f := range list {
		w.element(i)
		w.integer("k", int64(f.Kind))
		w.sum("b", f.Balance)
		w.amount("h", f.Held)
		w.body = append(w.body, '}')
	}
	w.body = append(w.body, ']')
}

// element begins the object that is an element of a list.
func (w *object) element(i int) {
	if i == 0 {
		w.body = append(w.body, '[')
	} else {
		w.body = append(w.body, ',')
	}
	w.body = append(w.body, '{')
}

// value writes what seldom comes.
func (w *object) value(name string, value any) {
	b, err := json.Marshal(value)
	if err != nil && w.err == nil {
		w.err = err
	}
	w.key(name)
	w.body = append(w.body, b...)
}
