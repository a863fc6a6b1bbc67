package controlapi

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

const (
	maxPage = 1000
	noBound = 1<<63 - 1
)

// paymentsQuery selects a page of payments.
type paymentsQuery struct {
	fromNumber
	limited
	Phone     msisdn.Number   `query:"phone" is:"msisdn" doc:"Only those in which this phone pays or is paid."`
	Shortcode mpesa.Shortcode `query:"shortcode" is:"shortcode" doc:"Only of this business."`
	Kind      *control.Kind   `query:"kind" doc:"Only those of this kind."`
	State     *control.State  `query:"state" doc:"Only those in this state."`
	Result    string          `query:"result" is:"result code" doc:"Only those with this result code."`
	Brief     bool            `query:"brief" doc:"Leave transfers and callbacks out."`
}

// paymentQuery names a payment.
type paymentQuery struct {
	ID        string          `path:"id" doc:"Its number, receipt, ConversationID, MerchantRequestID, CheckoutRequestID or OriginatorConversationID."`
	Shortcode mpesa.Shortcode `query:"shortcode" is:"shortcode" doc:"Of businesses that chose the same OriginatorConversationID, the one whose payment is meant."`
}

// listPayments lists payments, newest first.
func (s *server) listPayments(r *request[paymentsQuery, none]) (*control.Page[control.Payment], error) {
	q := &r.Query
	f := store.PaymentFilter{Business: q.Shortcode, Party: mpesa.CustomerParty(q.Phone), State: valueOf[mpesa.State](q.State), Result: q.Result}
	if kind := valueOf[mpesa.Kind](q.Kind); kind != nil {
		f.Kind = *kind
	}
	rows, next, err := searchNewest(r.Context(), "ask for a result code, or look a payment up by one of its identifiers", store.Page{Before: q.After, Limit: q.Limit}, func(x mpesa.Subject) int64 { return x.Head().ID },
		func(ctx context.Context, p store.Page) ([]mpesa.Subject, error) { return s.Store.Activity(ctx, f, p) })
	if err != nil {
		return nil, err
	}
	shown := &control.Page[control.Payment]{Items: []control.Payment{}, Next: next}
	for _, x := range rows {
		item := s.summary(x)
		if !q.Brief {
			if err := s.detail(r.Context(), x.Head(), &item); err != nil {
				return nil, err
			}
		}
		shown.Items = append(shown.Items, item)
	}
	return shown, nil
}

// getPayment shows the payment that has an identifier, be it any of its own. Of businesses that chose the same
// OriginatorConversationID, ?shortcode tells which one's is meant.
func (s *server) getPayment(r *request[paymentQuery, none]) (*control.Payment, error) {
	id, owner := r.Query.ID, r.Query.Shortcode
	p, err := s.findPayment(r.Context(), id)
	if err == nil && p == nil {
		p, err = s.findByOriginator(r.Context(), owner, id)
	}
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, notFound.problem("%q is no payment's number, receipt, ConversationID, OriginatorConversationID, "+
			"MerchantRequestID or CheckoutRequestID; a receipt exists once a payment is completed", id)
	}
	shown, err := s.payment(r.Context(), p)
	return &shown, err
}

// findPayment finds the payment that an identifier belongs to. Most identifiers can be turned back into some number; whether
// that payment really has the identifier shows when its own are made again.
func (s *server) findPayment(ctx context.Context, id string) (x mpesa.Subject, err error) {
	if at, phone, ok := ids.ParseCheckoutRequest(id); ok {
		var p *mpesa.Payment
		if p, err = s.Store.PaymentAcceptedAt(ctx, at.UnixMilli(), mpesa.CustomerParty(phone)); p != nil {
			x = p
		}
	} else if number, ok := s.parseID(id); ok {
		x, err = store.Subject(ctx, s.Store, number)
	}
	if err != nil || x == nil || !slices.Contains(s.identifiers(x).all(), id) {
		return nil, err
	}
	return x, nil
}

// findByOriginator finds the payment that a business asked for with an OriginatorConversationID of its own choice: a given business,
// or the first that has used it (0).
func (s *server) findByOriginator(ctx context.Context, owner mpesa.Shortcode, id string) (mpesa.Subject, error) {
	var number int64
	var err error
	if owner != 0 {
		number, err = store.Holder(ctx, s.Store, mpesa.IdempotencyKey{Owner: owner.Party(), Name: id})
	} else {
		number, err = s.Store.Originated(ctx, id)
	}
	if err != nil || number == 0 {
		return nil, err
	}
	return store.Subject(ctx, s.Store, number)
}

func (s *server) parseID(id string) (number int64, ok bool) {
	if number, err := strconv.ParseInt(id, 10, 64); err == nil {
		return number, true
	}
	for _, parse := range []func(string) (int64, bool){s.Mint.ParseReceipt, s.Mint.ParseConversation, s.Mint.ParseMerchantRequest} {
		if number, ok := parse(id); ok {
			return number, true
		}
	}
	return 0, false
}

// identifiers are the names that a payment has on the wire; "" where it has none of the kind.
type identifiers struct {
	number, conversation, originator, merchantRequest, checkoutRequest, receipt string
}

func (s *server) identifiers(x mpesa.Subject) identifiers {
	h := x.Head()
	accepted := time.UnixMilli(h.AcceptedAt)
	i := identifiers{number: strconv.FormatInt(h.ID, 10), conversation: s.Mint.Conversation(h.ID, accepted)}
	receipt := h.State == mpesa.Completed
	switch x := x.(type) {
	case *mpesa.Payment:
		receipt = receipt || x.Details.ValidatedAt != 0
		switch {
		case x.Kind == mpesa.Express:
			payer, _ := x.Payer.Phone()
			i.merchantRequest, i.checkoutRequest = s.Mint.MerchantRequest(x.ID), ids.CheckoutRequest(accepted, payer)
		case x.Kind == mpesa.C2B, x.Kind.Initiated():
			i.originator = s.Mint.Originator(x.ID, x.Details.Originator)
		}
	case *mpesa.Query:
		i.originator = s.Mint.Originator(x.ID, "")
	}
	if receipt {
		i.receipt = s.Mint.Receipt(h.ID, time.UnixMilli(x.ReceiptAt()))
	}
	return i
}

func (i identifiers) all() []string {
	return []string{i.number, i.conversation, i.originator, i.merchantRequest, i.checkoutRequest, i.receipt}
}

// payment reads what there is to show of a payment, or of what else has a number.
func (s *server) payment(ctx context.Context, x mpesa.Subject) (control.Payment, error) {
	shown := s.summary(x)
	return shown, s.detail(ctx, x.Head(), &shown)
}

// summary is what a payment itself tells.
func (s *server) summary(x mpesa.Subject) control.Payment {
	h, i := x.Head(), s.identifiers(x)
	shown := control.Payment{
		ID: h.ID, Kind: control.Kind(h.Kind.String()), State: control.State(h.State.String()), Amount: control.Amount(h.Amount), Payer: party(h.Payer), Payee: party(h.Payee),
		MerchantRequestID: i.merchantRequest, CheckoutRequestID: i.checkoutRequest, OriginatorID: i.originator, ConversationID: i.conversation, Receipt: i.receipt,
		AcceptedAt: control.At(h.AcceptedAt), DueAt: control.At(h.DueAt), FinishedAt: control.At(h.FinishedAt), Transfers: []control.Transfer{}, Callbacks: []control.Callback{},
	}
	switch x := x.(type) {
	case *mpesa.Payment:
		addDetails(&shown, &x.Details)
	case *mpesa.Query:
		shown.TransactionType, shown.Description, shown.Occasion, shown.Initiator = x.Command, x.Remarks, x.Occasion, x.Initiator
		shown.CallBackURL, shown.TimeoutURL, shown.TimedOut, shown.Original, shown.OriginalID = x.ResultURL, x.TimeoutURL, x.TimedOut, x.Original, x.OriginalID
	case *mpesa.Order:
		shown.TransactionType, shown.Reference, shown.Description, shown.CallBackURL = x.Type, x.Reference, x.Description, x.CallBackURL
	}
	if h.Business != 0 {
		shown.Business = h.Business.String()
	}
	if h.State.Final() {
		shown.Result, shown.ResultDesc, shown.Reason = string(h.Result), h.Result.Desc(h.Kind.String()), h.Reason
		shown.Fix = fix(h)
	}
	return shown
}

func addDetails(shown *control.Payment, d *mpesa.Details) {
	shown.TransactionType, shown.Reference, shown.Description, shown.CallBackURL, shown.TimeoutURL = d.TransactionType, d.Reference, d.Description, d.CallBackURL, d.TimeoutURL
	shown.Initiator, shown.Occasion, shown.Original, shown.OriginalID = d.Initiator, d.Occasion, d.Original, d.OriginalID
	shown.ThirdPartyID, shown.TimedOut = d.ThirdPartyID, d.TimedOut
	if d.Requester != 0 {
		shown.Requester = d.Requester.String()
	}
}

// detail reads the transfers and callbacks of a payment.
func (s *server) detail(ctx context.Context, p *mpesa.Header, shown *control.Payment) error {
	transfers, err := s.Store.Transfers(ctx, p.ID)
	if err != nil {
		return err
	}
	for _, t := range transfers {
		shown.Transfers = append(shown.Transfers, control.Transfer{Debit: side(t.Debit), Credit: side(t.Credit), Amount: control.Amount(t.Amount), Kind: control.TransferKind(t.Kind.String())})
	}
	deliveries, err := s.deliveriesOf(ctx, p)
	for _, d := range deliveries {
		shown.Callbacks = append(shown.Callbacks, callback(d))
	}
	return err
}

// fix is what to do about a payment that failed; "" for others.
func fix(p *mpesa.Header) string {
	if entry, ok := p.Result.Entry(); ok && p.State == mpesa.Failed {
		return entry.Fix
	}
	return ""
}

func side(a mpesa.AccountID) control.Side {
	return control.Side{Party: party(a.Party()), Account: a.Kind().String()}
}

func party(p mpesa.Party) string {
	if p == mpesa.Provider {
		return "operator"
	}
	return p.String()
}
