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
	"github.com/kivuko/kivuko/internal/portal"
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
	rows, next, err := searchNewest(r.Context(), "ask for a result code, or look a payment up by one of its identifiers", store.Page{Before: q.After, Limit: q.Limit}, func(p mpesa.Payment) int64 { return p.ID },
		func(ctx context.Context, p store.Page) ([]mpesa.Payment, error) { return s.Store.Payments(ctx, f, p) })
	if err != nil {
		return nil, err
	}
	shown := &control.Page[control.Payment]{Items: []control.Payment{}, Next: next}
	for _, p := range rows {
		x := s.summary(p)
		if !q.Brief {
			if err := s.detail(r.Context(), p, &x); err != nil {
				return nil, err
			}
		}
		shown.Items = append(shown.Items, x)
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
	shown, err := s.payment(r.Context(), *p)
	return &shown, err
}

// findPayment finds the payment that an identifier belongs to. Most identifiers can be turned back into some number; whether
// that payment really has the identifier shows when its own are made again.
func (s *server) findPayment(ctx context.Context, id string) (p *mpesa.Payment, err error) {
	if at, phone, ok := ids.ParseCheckoutRequest(id); ok {
		p, err = s.Store.PaymentAcceptedAt(ctx, at.UnixMilli(), mpesa.CustomerParty(phone))
	} else if number, ok := s.parseID(id); ok {
		p, err = s.paymentOrTask(ctx, number)
	}
	if err != nil || p == nil || !slices.Contains(s.identifiers(*p).all(), id) {
		return nil, err
	}
	return p, nil
}

// paymentOrTask reads the payment with a number, or the task with it that has become none, as the payment that it would be.
func (s *server) paymentOrTask(ctx context.Context, number int64) (*mpesa.Payment, error) {
	p, err := store.Get(ctx, s.Store, mpesa.Payments, number)
	if p != nil || err != nil {
		return p, err
	}
	t, err := store.Get(ctx, s.Store, portal.Tasks, number)
	if t == nil || err != nil {
		return nil, err
	}
	return &t.Payment, nil
}

// findByOriginator finds the payment that a business asked for with an OriginatorConversationID of its own choice: a given business,
// or the first that has used it (0).
func (s *server) findByOriginator(ctx context.Context, owner mpesa.Shortcode, id string) (*mpesa.Payment, error) {
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
	return store.Get(ctx, s.Store, mpesa.Payments, number)
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

func (s *server) identifiers(p mpesa.Payment) identifiers {
	accepted := time.UnixMilli(p.AcceptedAt)
	i := identifiers{number: strconv.FormatInt(p.ID, 10), conversation: s.Mint.Conversation(p.ID, accepted)}
	switch {
	case p.Kind == mpesa.Express:
		payer, _ := p.Payer.Phone()
		i.merchantRequest, i.checkoutRequest = s.Mint.MerchantRequest(p.ID), ids.CheckoutRequest(accepted, payer)
	case p.Kind == mpesa.C2B, p.Kind.Initiated():
		i.originator = s.Mint.Originator(p.ID, p.Details.Originator)
	}
	if p.State == mpesa.Completed || p.Details.ValidatedAt != 0 {
		i.receipt = s.Mint.Receipt(p.ID, time.UnixMilli(p.ReceiptAt()))
	}
	return i
}

func (i identifiers) all() []string {
	return []string{i.number, i.conversation, i.originator, i.merchantRequest, i.checkoutRequest, i.receipt}
}

// payment reads what there is to show of a payment.
func (s *server) payment(ctx context.Context, p mpesa.Payment) (control.Payment, error) {
	shown := s.summary(p)
	return shown, s.detail(ctx, p, &shown)
}

// summary is what a payment itself tells.
func (s *server) summary(p mpesa.Payment) control.Payment {
	i := s.identifiers(p)
	shown := control.Payment{
		ID: p.ID, Kind: control.Kind(p.Kind.String()), State: control.State(p.State.String()), Amount: control.Amount(p.Amount), Payer: party(p.Payer), Payee: party(p.Payee),
		TransactionType: p.Details.TransactionType, Reference: p.Details.Reference, Description: p.Details.Description,
		CallBackURL: p.Details.CallBackURL, TimeoutURL: p.Details.TimeoutURL, MerchantRequestID: i.merchantRequest,
		CheckoutRequestID: i.checkoutRequest, OriginatorID: i.originator, ConversationID: i.conversation, Receipt: i.receipt,
		Initiator: p.Details.Initiator, Occasion: p.Details.Occasion, Original: p.Details.Original, OriginalID: p.Details.OriginalID,
		ThirdPartyID: p.Details.ThirdPartyID, TimedOut: p.Details.TimedOut, AcceptedAt: control.At(p.AcceptedAt), DueAt: control.At(p.DueAt),
		FinishedAt: control.At(p.FinishedAt), Transfers: []control.Transfer{}, Callbacks: []control.Callback{},
	}
	if p.Details.Requester != 0 {
		shown.Requester = p.Details.Requester.String()
	}
	if p.Business != 0 {
		shown.Business = p.Business.String()
	}
	if p.State.Final() {
		shown.Result, shown.ResultDesc, shown.Reason = string(p.Result), p.Result.Desc(p.Kind.String()), p.Reason
		shown.Fix = fix(p)
	}
	return shown
}

// detail reads the transfers and callbacks of a payment.
func (s *server) detail(ctx context.Context, p mpesa.Payment, shown *control.Payment) error {
	transfers, err := s.Store.Transfers(ctx, p.ID)
	if err != nil {
		return err
	}
	for _, t := range transfers {
		shown.Transfers = append(shown.Transfers, control.Transfer{Debit: side(t.Debit), Credit: side(t.Credit), Amount: control.Amount(t.Amount), Kind: control.TransferKind(t.Kind.String())})
	}
	deliveries, err := s.deliveriesOf(ctx, &p)
	for _, d := range deliveries {
		shown.Callbacks = append(shown.Callbacks, callback(d))
	}
	return err
}

// fix is what to do about a payment that failed; "" for others.
func fix(p mpesa.Payment) string {
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
