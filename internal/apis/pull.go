package apis

import (
	"fmt"
	"math"
	"time"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

// Pull transactions: a business reads what customers paid to it (wire.md §14.3).

// The names of the paths of Pull transactions.
const (
	PullRegister = "pullregister"
	PullQuery    = "pullquery"
)

// LivePull is what production apps need.
const LivePull = "Pull Transactions Production"

func pull() *API {
	offset := optional(plain(Number, "OffSetValue"), "how many payments to leave out").example("0")
	offset.Most, offset.What = math.MaxInt32, "how many payments to leave out"
	return &API{
		Name: "pull", Title: "Pull transactions", Product: "Pull Transactions Sandbox",
		Live: golive.Product{Name: LivePull, About: "What customers paid in the last two days", Needs: mpesa.ProductC2B},

		Family: codes.Lookups, Foreign: &codes.InvalidShortCode, Source: "wire.md §14.3",
		Paths: []Path{
			{Name: PullRegister, Title: "Pull transactions register", Path: "/pulltransactions/v1/register", Serve: registerPull, Family: codes.PullRegister, Fields: []Field{
				asking("ShortCode"), choice("RequestType", "Pull", "pull"), customer("NominatedNumber"), plain(URL, "CallBackURL"),
			}},
			{Name: PullQuery, Title: "Pull transactions query", Path: "/pulltransactions/v1/query", Serve: queryPull, Fields: []Field{
				asking("ShortCode"), plain(DateTime, "StartDate"), plain(DateTime, "EndDate").example(MarkTomorrow), offset,
			}},
		},
		Outcomes: []Outcome{
			refused(codes.InvalidShortCode, "Pull: ShortCode is nobody's, or isn't the one that the app went live with").try(Try{Of: PullRegister, Fields: with{"ShortCode": nobody}}),
		},
		Tests: []Test{
			{Name: "pull-registered", Title: "The shortcode is registered for Pull", How: "Register", Of: []string{PullRegister}},
			{Name: "pull-listed", Title: "Payments are listed", How: "Query, when a customer has paid", Of: []string{PullQuery}},
			malformed("pull-invalid", PullRegister, PullQuery),
		},
	}
}

const (
	pullWindow = 48 * time.Hour // payments that completed longer ago are not told any more (wire.md §14.3)
	pullPage   = 1000           // payments in an answer; the portal names no number
)

// registerPull registers a shortcode for Pull transactions: POST /pulltransactions/v1/register (wire.md §14.3).
func registerPull(c *Call) (any, error) {
	register := &mpesa.RegisterPull{Shortcode: c.shortcode("ShortCode"), Pull: mpesa.Pull{Nominated: c.phone("NominatedNumber"), CallBackURL: c.text("CallBackURL")}}
	if err := c.Engine.Do(c.Context, register); err != nil {
		return nil, err
	}
	status, description := "1000", "Shortcode Registered Successfully"
	switch {
	case register.Unknown:
		return nil, Refuse(codes.InvalidShortCode, "%s is nobody's shortcode", register.Shortcode)
	case register.Already:
		status, description = "1001", "ShortCode already Registered"
		c.Note.Code, c.Note.Explanation = status, fmt.Sprintf("%s was registered for Pull transactions before", register.Shortcode)
	}
	return daraja.PullRegisterResponse{ResponseRefID: c.Mint.Refused(), ResponseStatus: status, ShortCode: register.Shortcode.String(), ResponseDescription: description}, nil
}

// queryPull tells what customers paid to a shortcode: POST /pulltransactions/v1/query (wire.md §14.3).
func queryPull(c *Call) (any, error) {
	shortcode, from, to, offset := c.shortcode("ShortCode"), c.time("StartDate"), c.time("EndDate"), c.number("OffSetValue")
	if to.Before(from) {
		return nil, wrong("EndDate", "%s is before StartDate %s", to.Format(time.DateTime), from.Format(time.DateTime))
	}
	o, err := c.Engine.Directory().Organisation(c.Context, shortcode)
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		return nil, Refuse(codes.InvalidShortCode, "%s is nobody's shortcode", shortcode)
	case o.Pull.Nominated == 0:
		return c.nothingPulled("%s is not registered for Pull transactions", shortcode), nil
	}
	if oldest := c.Clock.Now().Add(-pullWindow); from.Before(oldest) {
		from = oldest
	}
	// The last second of the period is part of it.
	period := store.Period{From: from.UnixMilli(), To: to.Add(time.Second).UnixMilli() - 1}
	payments, err := c.Store.PaidIn(c.Context, shortcode.Party(), period, offset, pullPage)
	if err != nil {
		return nil, err
	}
	if len(payments) == 0 {
		return c.nothingPulled("after the first %d, customers completed no payments to %s from %s to %s", offset, shortcode,
			from.Format(time.DateTime), to.Format(time.DateTime)), nil
	}
	return c.pulled(o, payments)
}

// nothingPulled is the answer that says that there is nothing, or that nobody has registered; which of them, only the journal tells.
func (c *Call) nothingPulled(format string, args ...any) any {
	c.Note.Code, c.Note.Explanation = "1001", fmt.Sprintf(format, args...)
	return daraja.PullQueryResponse{RequestID: c.Mint.Refused(), ResponseCode: "1001", ResponseMessage: "No records found or Organization Name not available"}
}

// pulled lists payments, in a list within a list, with the number of the customer as the portal prints it.
func (c *Call) pulled(o *mpesa.Organisation, payments []mpesa.Payment) (any, error) {
	names := map[msisdn.Number]string{}
	b := fmt.Appendf(nil, `{"ResponseRefID":"%s","ResponseCode":"1000","ResponseMessage":"Success","Response":[[`, c.Mint.Refused())
	for i := range payments {
		p := &payments[i]
		phone, _ := p.Payer.Phone()
		name, known := names[phone]
		if !known {
			s, err := store.Get(c.Context, c.Store, mpesa.Subscribers, phone)
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
			c.Mint.Receipt(p.ID, time.UnixMilli(p.ReceiptAt())), time.UnixMilli(p.FinishedAt).UTC().Format(time.RFC3339), phone.LastNine(), Quote(name),
			kind, Quote(reference), p.Amount, Quote(o.Name))
	}
	return Raw(append(b, `]]}`...)), nil
}
