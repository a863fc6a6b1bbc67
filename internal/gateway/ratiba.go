package gateway

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// createStandingOrder asks a customer, by a prompt, to agree to a standing order: POST /standingorder/v1/createStandingOrderExternal
// (wire.md §14.4).
func (g *Gateway) createStandingOrder(c *call) ([]byte, error) {
	c.written = ratibaRefusal
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	first, last := v.time("StartDate"), v.time("EndDate")
	if err := checkDays(first, last, g.Clock.Now()); err != nil {
		return nil, err
	}
	accept := &mpesa.AcceptOrder{Business: v.shortcode("BusinessShortCode"), Type: apis.OrderPays(v.text("TransactionType")), Amount: v.amount("Amount"),
		Phone: v.phone("PartyA"), CallBackURL: v.text("CallBackURL"), Reference: v.text("AccountReference"), Description: v.text("TransactionDesc"),
		RequestID: v.text("CustomStoId")}
	accept.Order = mpesa.Order{Name: v.text("StandingOrderName"), Frequency: mpesa.Frequency(v.number("Frequency")), First: first.UnixMilli(), Last: last.UnixMilli()}
	if err := g.Engine.Do(c.ctx, accept); err != nil {
		return nil, err
	}
	if accept.Refused != nil {
		return nil, refusal{*accept.Refused, accept.Reason}
	}
	p := &accept.Payment
	c.note.Payment = p.ID
	if p.State == mpesa.Failed {
		c.note.Explanation = "acknowledged; there will be no standing order: " + p.Reason
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
