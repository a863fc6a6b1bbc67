package delivery

import (
	"strings"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// orderSpelling is how the names in a callback of M-Pesa Ratiba are spelled, which differs with the outcome (wire.md §14.4).
type orderSpelling struct{ header, body, data, name, value string }

var (
	orderAgreed = orderSpelling{"responseHeader", "responseBody", "responseData", "name", "value"}
	orderFailed = orderSpelling{"ResponseHeader", "ResponseBody", "ResponseData", "Name", "Value"}
)

// noTransaction stands in for the TransactionID of an order that failed.
const noTransaction = "0000000000"

// orderCallback appends what the customer said to a standing order, or why they could not be asked (wire.md §14.4).
func (r *renderer) orderCallback(b []byte, p *mpesa.Payment) []byte {
	code, spelling, transaction, status := p.Result, orderFailed, noTransaction, "ERROR"
	if p.Details.Order.Agreed != 0 { // whatever comes of it later
		code, spelling, status = codes.Success, orderAgreed, "OKAY"
		transaction = r.mint.Receipt(p.ID, time.UnixMilli(p.ReceiptAt()))
	}
	reference := r.mint.Originator(p.ID, p.Details.Originator)
	b = append(append(append(b, `{"`...), spelling.header...), `":{"responseRefID":`...)
	b = appendString(b, reference)
	b = append(b, `,"requestRefID":`...)
	b = appendString(b, reference)
	b = append(append(append(b, `,"responseCode":"`...), code...), `","responseDescription":`...)
	b = appendString(b, code.Desc(p.Kind.String()))
	b = append(append(append(append(append(b, `},"`...), spelling.body...), `":{"`...), spelling.data...), `":[`...)
	for i, item := range [...]struct{ name, value string }{
		{"TransactionID", transaction}, {"responseCode", string(code)}, {"Status", status}, {"Msisdn", masked(p.Payer)},
	} {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, `{"`...), spelling.name...), `":"`...)
		b = append(append(append(b, item.name...), `","`...), spelling.value...)
		b = append(append(append(b, `":"`...), item.value...), `"}`...)
	}
	return append(b, `]}}`...)
}

// masked is a customer's number as this API shows it: 254******867.
func masked(party mpesa.Party) string {
	digits := party.String()
	return digits[:3] + strings.Repeat("*", len(digits)-6) + digits[len(digits)-3:]
}
