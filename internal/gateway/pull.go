package gateway

import (
	"context"
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

const (
	pullWindow = 48 * time.Hour // payments that completed longer ago are not told any more (wire.md §14.3)
	pullPage   = 1000           // payments in an answer; the portal names no number
)

// registerPull registers a shortcode for Pull transactions: POST /pulltransactions/v1/register (wire.md §14.3).
func (g *Gateway) registerPull(c *call) ([]byte, error) {
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	register := &mpesa.RegisterPull{Shortcode: v.shortcode("ShortCode"), Pull: mpesa.Pull{Nominated: v.phone("NominatedNumber"), CallBackURL: v.text("CallBackURL")}}
	if err := g.Engine.Do(c.ctx, register); err != nil {
		return nil, err
	}
	status, description := "1000", "Shortcode Registered Successfully"
	switch {
	case register.Unknown:
		return nil, refuse(codes.InvalidShortCode, "%s is nobody's shortcode", register.Shortcode)
	case register.Already:
		status, description = "1001", "ShortCode already Registered"
		c.note.Code, c.note.Explanation = status, fmt.Sprintf("%s was registered for Pull transactions before", register.Shortcode)
	}
	return fmt.Appendf(nil, `{"ResponseRefID":"%s","ResponseStatus":"%s","ShortCode":"%s","ResponseDescription":"%s"}`,
		g.Mint.Refused(), status, register.Shortcode, description), nil
}

// queryPull tells what customers paid to a shortcode: POST /pulltransactions/v1/query (wire.md §14.3).
func (g *Gateway) queryPull(c *call) ([]byte, error) {
	v, err := g.read(c)
	if err != nil {
		return nil, err
	}
	shortcode, from, to, offset := v.shortcode("ShortCode"), v.time("StartDate"), v.time("EndDate"), v.number("OffSetValue")
	if to.Before(from) {
		return nil, wrong("EndDate", "%s is before StartDate %s", to.Format(time.DateTime), from.Format(time.DateTime))
	}
	o, err := g.Engine.Directory().Organisation(c.ctx, shortcode)
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		return nil, refuse(codes.InvalidShortCode, "%s is nobody's shortcode", shortcode)
	case o.Pull.Nominated == 0:
		return g.nothingPulled(c, "%s is not registered for Pull transactions", shortcode), nil
	}
	if oldest := g.Clock.Now().Add(-pullWindow); from.Before(oldest) {
		from = oldest
	}
	// The last second of the period is part of it.
	period := store.Period{From: from.UnixMilli(), To: to.Add(time.Second).UnixMilli() - 1}
	payments, err := g.Store.PaidIn(c.ctx, shortcode.Party(), period, offset, pullPage)
	if err != nil {
		return nil, err
	}
	if len(payments) == 0 {
		return g.nothingPulled(c, "after the first %d, customers completed no payments to %s from %s to %s", offset, shortcode,
			from.Format(time.DateTime), to.Format(time.DateTime)), nil
	}
	return g.pulled(c.ctx, o, payments)
}

// nothingPulled is the answer that says that there is nothing, or that nobody has registered; which of them, only the journal tells.
func (g *Gateway) nothingPulled(c *call, format string, args ...any) []byte {
	c.note.Code, c.note.Explanation = "1001", fmt.Sprintf(format, args...)
	return fmt.Appendf(nil, `{"RequestID":"%s","ResponseCode":"1001","ResponseMessage":"No records found or Organization Name not available"}`, g.Mint.Refused())
}

// pulled lists payments, in a list within a list, with the number of the customer as the portal prints it.
func (g *Gateway) pulled(ctx context.Context, o *mpesa.Organisation, payments []mpesa.Payment) ([]byte, error) {
	names := map[msisdn.Number]string{}
	b := fmt.Appendf(nil, `{"ResponseRefID":"%s","ResponseCode":"1000","ResponseMessage":"Success","Response":[[`, g.Mint.Refused())
	for i := range payments {
		p := &payments[i]
		phone, _ := p.Payer.Phone()
		name, known := names[phone]
		if !known {
			s, err := g.Store.Subscriber(ctx, phone)
			if err != nil {
				return nil, err
			}
			if s != nil {
				name = s.Name
			}
			names[phone] = name
		}
		kind, reference := "c2b-pay-bill-debit", p.Details.Reference
		if p.Details.TransactionType == mpesa.CustomerBuyGoodsOnline {
			kind, reference = "c2b-buy-goods-debit", ""
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"transactionId":"%s","trxDate":"%s","msisdn":%d,"sender":%s,"transactiontype":"%s","billreference":%s,"amount":"%s","organizationname":%s}`,
			g.Mint.Receipt(p.ID, time.UnixMilli(p.ReceiptAt())), time.UnixMilli(p.FinishedAt).UTC().Format(time.RFC3339), phone.LastNine(), quote(name),
			kind, quote(reference), p.Amount, quote(o.Name))
	}
	return append(b, `]]}`...), nil
}
