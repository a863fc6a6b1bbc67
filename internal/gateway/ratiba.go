package gateway

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// standingOrderTypes are the TransactionTypes of standing orders, old and new, and what payments they make (wire.md §14.4; portal of
// August 2026; the last of each is what was sent to the sandbox).
var standingOrderTypes = map[string][]string{
	mpesa.CustomerPayBillOnline: {
		"Standing Order Customer Pay Bill", "Standing Order Pay Bill External Third Party", "Standing Order Pay Bill Ext-Third Party",
	},
	mpesa.CustomerBuyGoodsOnline: {
		"Standing Order Customer Pay Marchant", "Standing Order Customer Pay Merchant",
		"Standing Order Pay Merchant External Third Party", "Standing Order Pay Merchant Ext-Third Party",
	},
}

// Lengths in characters (wire.md §14.4).
const (
	maxOrderReference   = 12
	maxOrderDescription = 13
)

// createStandingOrder asks a customer, by a prompt, to agree to a standing order: POST /standingorder/v1/createStandingOrderExternal
// (wire.md §14.4).
func (g *Gateway) createStandingOrder(c *call) ([]byte, error) {
	c.written = ratibaRefusal
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	accept := &mpesa.AcceptOrder{}
	accept.Order.Name = f.name("StandingOrderName", "a name that none of the customer's standing orders has")
	first, last := f.day("StartDate"), f.day("EndDate")
	accept.Business = f.shortcode("BusinessShortCode")
	accept.Type = f.standingOrderType("TransactionType")
	f.identifier("ReceiverPartyIdentifierType", "4", "2")
	accept.Amount = f.amount("Amount")
	accept.Phone = f.phone("PartyA")
	accept.CallBackURL = f.url("CallBackURL", g.Rules)
	accept.Reference = f.bounded("AccountReference", 1, maxOrderReference)
	accept.Description, _ = f.optional("TransactionDesc")
	f.checkLength("TransactionDesc", accept.Description, 0, maxOrderDescription)
	accept.Order.Frequency = mpesa.Frequency(f.number("Frequency", 1, 9))
	accept.RequestID = f.optionalName("CustomStoId")
	f.checkDays(first, last, g.Clock.Now())
	if f.err != nil {
		return nil, c.withHint(f.err)
	}
	accept.Order.First, accept.Order.Last = first.UnixMilli(), last.UnixMilli()
	if err := g.Engine.Do(c.ctx, accept); err != nil {
		return nil, err
	}
	if accept.Refused != nil {
		return nil, refusal{*accept.Refused, accept.Reason}
	}
	p := &accept.Payment
	c.note.Payment = p.ID
	if p.State == mpesa.Failed {
		c.note.Explanation = "acknowledged; there will be no standing order: " + p.Details.Reason
	}
	return fmt.Appendf(nil, `{"ResponseHeader":{"responseRefID":%s,"responseCode":"200","responseDescription":"Request accepted for processing",`+
		`"ResultDesc":"The service request is processed successfully."},"ResponseBody":{"responseDescription":"Request accepted for processing","responseCode":"200"}}`,
		quote(g.Mint.Originator(p.ID, p.Details.Originator))), nil
}

// ratibaRefusal is how this API refuses a request, as it was observed (wire.md §14.4).
func ratibaRefusal(g *Gateway, e codes.Error) []byte {
	return fmt.Appendf(nil, `{"requestRefId":"%s","responseMessage":%s,"responseCode":%d,"timestamp":"%s"}`,
		g.Mint.Refused(), quote(e.Message), e.Status, g.Clock.Now().UTC().Format(time.RFC3339))
}

// standingOrderType reads a TransactionType and gives what payments the order makes.
func (f *fields) standingOrderType(name string) string {
	var all []string
	for _, kind := range []string{mpesa.CustomerPayBillOnline, mpesa.CustomerBuyGoodsOnline} {
		text, _ := f.optional(name)
		if slices.Contains(standingOrderTypes[kind], text) {
			return kind
		}
		all = append(all, standingOrderTypes[kind]...)
	}
	what := strings.Join(all, ", ")
	text := f.text(name, what)
	f.wrong(name, "%s is %q; expected %s", name, text, what)
	return ""
}

// day reads a day as yyyymmdd and gives its midnight in East Africa Time.
func (f *fields) day(name string) time.Time {
	const what = "a day as yyyymmdd"
	text := f.text(name, what)
	t, err := time.ParseInLocation("20060102", text, clock.EAT)
	if err != nil {
		f.wrong(name, "%s is %q; expected %s", name, text, what)
	}
	return t
}

// checkDays sees that an order can begin, and ends after that.
func (f *fields) checkDays(first, last, now time.Time) {
	switch {
	case f.err != nil:
	case clock.Day(first) < clock.Day(now):
		f.wrong("StartDate", "StartDate %s is over", first.Format(time.DateOnly))
	case last.Before(first):
		f.wrong("EndDate", "EndDate %s is before StartDate %s", last.Format(time.DateOnly), first.Format(time.DateOnly))
	}
}
