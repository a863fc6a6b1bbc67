package apis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// M-Pesa Ratiba: a customer agrees, by a prompt, to pay a business again and again (wire.md §14.4).

// The TransactionTypes of standing orders, old and new (wire.md §14.4; portal of August 2026; the last of each is what was sent to the
// sandbox).
var (
	orderPayBill  = []string{"Standing Order Customer Pay Bill", "Standing Order Pay Bill External Third Party", "Standing Order Pay Bill Ext-Third Party"}
	orderBuyGoods = []string{"Standing Order Customer Pay Marchant", "Standing Order Customer Pay Merchant", "Standing Order Pay Merchant External Third Party",
		"Standing Order Pay Merchant Ext-Third Party"}
)

func ratiba() *API {
	request := optional(identifier("CustomStoId", "an identifier"), "the client's own id of the request")
	frequency := Field{Name: "Frequency", Rule: Rule{Form: Number, Values: frequencies(), Least: 1, Most: len(frequencies())}}
	return &API{
		Name: codes.APIStandingOrder, Title: "M-Pesa Ratiba", Product: "M-Pesa Ratiba Sandbox",
		Live: golive.Product{Name: "M-Pesa Ratiba Production", About: "Standing orders", Needs: mpesa.ProductC2B},

		Family: codes.STK, Foreign: &codes.ForeignShortCode, Source: "wire.md §14.4", Refuse: ratibaRefusal,
		Kind:      mpesa.StandingOrder,
		Callbacks: []Callback{{Kind: mpesa.OrderResult, About: "what the customer said to a standing order, to CallBackURL", Body: of(orderCallback)}},
		Paths: []Path{{Path: "/standingorder/v1/createStandingOrderExternal", Serve: createStandingOrder, Fields: []Field{
			noted(identifier("StandingOrderName", "a name that none of the customer's standing orders has"), "one that the customer has not agreed to before").example("Rent " + MarkUnique),
			plain(Day, "StartDate"), plain(Day, "EndDate").example(MarkNextMonth), expressShortcode(),
			choice("TransactionType", slices.Concat(orderPayBill, orderBuyGoods)...), choice("ReceiverPartyIdentifierType", "4", "2"),
			plain(Shillings, "Amount"), plain(Phone, "PartyA"), plain(URL, "CallBackURL"), text("AccountReference", 1, 12).example(exampleBill),
			optional(lines(text("TransactionDesc", 0, 13)), ""), frequency.example("2"), request, // daily
		}}},
		Parts: Parts{seedworld.Payer: {"PartyA"}, seedworld.Payee: {"BusinessShortCode"}},
		Outcomes: append(prompting(), cancelled(),
			ends(codes.Success, "the customer agreed; each payment that follows is one of C2B"),
			ends(codes.AccountNotAllowed, "the customer's account is suspended, or the business's accounts are frozen"),
			ends(codes.NotPermitted, "TransactionType doesn't fit the kind of shortcode, which may not be assigned C2B, or the customer may not pay businesses"),
			ends(codes.RecipientType, "PartyA is not a registered customer"),
			ends(codes.OperatorNotFound, "the customer's record names no operator"),
			ends(codes.OrderNameTaken, "the customer has agreed to a standing order with this StandingOrderName before").
				by("have a customer agree to a standing order, then ask for another of the same name"),
			refused(codes.ForeignShortCode, "M-Pesa Ratiba: BusinessShortCode is nobody's, or isn't the one that the app went live with").
				try(Try{Fields: with{"BusinessShortCode": nobody}})),
		Tests: []Test{
			{Name: "ratiba-agreed", Title: "The customer agrees to a standing order", How: "Ask, and enter the right PIN on the phone", Result: codes.Success},
			{Name: "ratiba-cancelled", Title: "The customer cancels", How: "Ask, and press cancel on the phone", Result: codes.CancelledByUser, Part: seedworld.Payer},
			malformed("ratiba-invalid"),
		},
	}
}

// frequencies lists the numbers of how often a standing order pays.
func frequencies() (list []string) {
	for f := mpesa.Frequency(1); f.String() != ""; f++ {
		list = append(list, strconv.Itoa(int(f)))
	}
	return list
}

// orderPays tells what payments a standing order makes: the TransactionType of a payment by that of the order, which is one of the
// table's.
func orderPays(transactionType string) string {
	if slices.Contains(orderBuyGoods, transactionType) {
		return mpesa.CustomerBuyGoodsOnline
	}
	return mpesa.CustomerPayBillOnline
}

// createStandingOrder asks a customer, by a prompt, to agree to a standing order: POST /standingorder/v1/createStandingOrderExternal
// (wire.md §14.4).
func createStandingOrder(c *Call) (any, error) {
	first, last := c.time("StartDate"), c.time("EndDate")
	if err := checkDays(first, last, c.Clock.Now()); err != nil {
		return nil, err
	}
	accept := &mpesa.AcceptOrder{Business: c.shortcode("BusinessShortCode"), Type: orderPays(c.text("TransactionType")), Amount: c.amount("Amount"),
		Phone: c.phone("PartyA"), CallBackURL: c.text("CallBackURL"), Reference: c.text("AccountReference"), Description: c.text("TransactionDesc"),
		RequestID: c.text("CustomStoId")}
	accept.Schedule = mpesa.Schedule{Name: c.text("StandingOrderName"), Frequency: mpesa.Frequency(c.number("Frequency")), First: first.UnixMilli(), Last: last.UnixMilli()}
	if err := c.Engine.Do(c.Context, accept); err != nil {
		return nil, err
	}
	if accept.Refused != nil {
		return nil, Refusal{*accept.Refused, accept.Reason}
	}
	o := &accept.Order
	c.accepted(&o.Header, "there will be no standing order")
	const taken = "Request accepted for processing"
	var a daraja.StandingOrderResponse
	a.ResponseHeader.ResponseRefID = c.Mint.Originator(o.ID, o.RequestID)
	a.ResponseHeader.ResponseCode, a.ResponseHeader.ResponseDescription = "200", taken
	a.ResponseHeader.ResultDesc = "The service request is processed successfully."
	a.ResponseBody.ResponseDescription, a.ResponseBody.ResponseCode = taken, "200"
	return a, nil
}

// ratibaRefusal is how this API refuses a request, as it was observed (wire.md §14.4).
func ratibaRefusal(c *Call, e codes.Error) Raw {
	return fmt.Appendf(nil, `{"requestRefId":"%s","responseMessage":%s,"responseCode":%d,"timestamp":"%s"}`,
		c.Mint.Refused(), Quote(e.Message), e.Status, c.Clock.Now().UTC().Format(time.RFC3339))
}

// checkDays sees that an order can begin, and ends after that.
func checkDays(first, last, now time.Time) error {
	switch {
	case clock.Day(first) < clock.Day(now):
		return wrong("StartDate", "%s is over", first.Format(time.DateOnly))
	case last.Before(first):
		return wrong("EndDate", "%s is before StartDate %s", last.Format(time.DateOnly), first.Format(time.DateOnly))
	}
	return nil
}

// orderSpelling is how the names in a callback of M-Pesa Ratiba are spelled, which differs with the outcome (wire.md §14.4).
type orderSpelling struct{ header, body, data, name, value string }

var (
	orderAgreed = orderSpelling{"responseHeader", "responseBody", "responseData", "name", "value"}
	orderFailed = orderSpelling{"ResponseHeader", "ResponseBody", "ResponseData", "Name", "Value"}
)

// noTransaction stands in for the TransactionID of an order that failed.
const noTransaction = "0000000000"

// orderCallback writes what the customer said to a standing order, or why they could not be asked (wire.md §14.4).
func orderCallback(w *Writer, o *mpesa.Order) error {
	code, spelling, transaction, status := o.Result, orderFailed, noTransaction, "ERROR"
	if o.Agreed != 0 { // whatever comes of it later
		code, spelling, status = codes.Success, orderAgreed, "OKAY"
		transaction = w.Mint.Receipt(o.ID, time.UnixMilli(o.ReceiptAt()))
	}
	reference := w.Mint.Originator(o.ID, o.RequestID)
	b := append(append(append(w.body, `{"`...), spelling.header...), `":{"responseRefID":`...)
	b = appendString(b, reference)
	b = append(b, `,"requestRefID":`...)
	b = appendString(b, reference)
	b = append(append(append(b, `,"responseCode":"`...), code...), `","responseDescription":`...)
	b = appendString(b, code.Desc(o.Kind.String()))
	b = append(append(append(append(append(b, `},"`...), spelling.body...), `":{"`...), spelling.data...), `":[`...)
	for i, item := range [...]struct{ name, value string }{
		{"TransactionID", transaction}, {"responseCode", string(code)}, {"Status", status}, {"Msisdn", masked(o.Payer)},
	} {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, `{"`...), spelling.name...), `":"`...)
		b = append(append(append(b, item.name...), `","`...), spelling.value...)
		b = append(append(append(b, `":"`...), item.value...), `"}`...)
	}
	w.body = append(b, `]}}`...)
	return nil
}

// masked is a customer's number as this API shows it: 254******867.
func masked(party mpesa.Party) string {
	digits := party.String()
	return digits[:3] + strings.Repeat("*", len(digits)-6) + digits[len(digits)-3:]
}
