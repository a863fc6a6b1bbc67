package controlapi

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// callbacksQuery selects a page of callbacks.
type callbacksQuery struct {
	fromNumber
	limited
	Shortcode mpesa.Shortcode        `query:"shortcode" is:"shortcode" doc:"Only of this business."`
	State     *control.CallbackState `query:"state" doc:"Only those in this state."`
}

// onCallback names a callback.
type onCallback struct {
	ID string `path:"id" doc:"Its number."`
}

// listCallbacks lists what merchants' URLs are or were told, newest first.
func (s *server) listCallbacks(r *request[callbacksQuery, none]) (*control.Page[control.Callback], error) {
	q := &r.Query
	rows, next, err := searchNewest(r.Context(), "ask for those that are pending or have failed, or look at the payment", store.Page{Before: q.After, Limit: q.Limit}, func(d mpesa.Delivery) int64 { return d.ID },
		func(ctx context.Context, p store.Page) ([]mpesa.Delivery, error) {
			return s.Store.Deliveries(ctx, q.Shortcode, valueOf[mpesa.DeliveryState](q.State), p)
		})
	if err != nil {
		return nil, err
	}
	return shownPage(rows, next, callback), nil
}

// getCallback shows a callback with its body.
func (s *server) getCallback(r *request[onCallback, none]) (*control.Callback, error) {
	d, err := s.findDelivery(r.Request)
	if err != nil {
		return nil, err
	}
	body, err := s.CallbackBody(r.Context(), *d)
	if err != nil {
		return nil, err
	}
	shown := callback(*d)
	shown.Body = readable(body)
	return &shown, nil
}

// resend makes a callback due once more, whatever came of it before.
func (s *server) resend(r *request[onCallback, none]) (*control.Callback, error) {
	d, err := s.findDelivery(r.Request)
	if err != nil {
		return nil, err
	}
	wait, err := s.Resend(r.Context(), d.ID) // deliveries stay: it is found
	if err != nil {
		return nil, err
	}
	if wait > 0 {
		return nil, tooSoon.problem("callback %d was resent just before; a callback is resent once a second at most: try again in %d ms", d.ID, max(1, wait.Milliseconds()))
	}
	d.State = mpesa.Pending
	return new(callback(s.changedDelivery(r.Request, *d))), nil
}

// giveUp has no more attempts made at a callback, until it is resent.
func (s *server) giveUp(r *request[onCallback, none]) (*control.Callback, error) {
	d, err := s.findDelivery(r.Request)
	if err != nil {
		return nil, err
	}
	switch was, err := s.GiveUp(r.Context(), d.ID); {
	case err != nil:
		return nil, err
	case was != mpesa.Pending:
		return nil, conflict.problem("callback %d is %s, and no attempt is to come: only a pending one can be given up", d.ID, was)
	}
	d.State, d.DueAt = mpesa.Abandoned, 0
	return new(callback(s.changedDelivery(r.Request, *d))), nil
}

// changedDelivery is a delivery as it stands after a command; known, if that can't be read: what was kept was kept.
func (s *server) changedDelivery(r *http.Request, known mpesa.Delivery) mpesa.Delivery {
	ctx, cancel := garnish(r)
	defer cancel()
	if d, err := store.Get(ctx, s.Store, mpesa.Deliveries, known.ID); err == nil && d != nil {
		return *d
	}
	return known
}

// findDelivery reads the delivery that the path names.
func (s *server) findDelivery(r *http.Request) (*mpesa.Delivery, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, unknownDelivery(r)
	}
	d, err := store.Get(r.Context(), s.Store, mpesa.Deliveries, id)
	if err == nil && d == nil {
		err = unknownDelivery(r)
	}
	return d, err
}

func unknownDelivery(r *http.Request) *control.Problem {
	return notFound.problem("%q is no callback's number; %scallbacks lists them", r.PathValue("id"), control.Root)
}

// deliveriesOf lists what merchants are told because of a payment. Deliveries are fromNumber from their payment, and a payment has some
// of the kinds.
func (s *server) deliveriesOf(ctx context.Context, p *mpesa.Header) (list []mpesa.Delivery, err error) {
	var ids []int64
	for _, kind := range mpesa.DeliveryKinds() {
		ids = append(ids, p.DeliveryID(kind))
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		d, err := store.Get(ctx, s.Store, mpesa.Deliveries, id)
		if err != nil {
			return nil, err
		}
		if d != nil {
			list = append(list, *d)
		}
	}
	return list, nil
}

// valueOf is the value of a catalogue of the rules whose values count up, by its name; nil for none.
func valueOf[T interface {
	~int64
	String() string
}, W ~string](name *W) *T {
	if name == nil {
		return nil
	}
	value := T(0)
	for value.String() != string(*name) {
		value++
	}
	return &value
}

func callback(d mpesa.Delivery) control.Callback {
	shown := control.Callback{ID: d.ID, Payment: d.Payment(), Kind: control.CallbackKind(d.Kind.String()), Shortcode: d.Owner.String(), URL: d.URL,
		State: control.CallbackState(d.State.String()), DueAt: control.At(d.DueAt), Tried: d.Tried(), Attempts: []control.Attempt{}}
	for _, a := range d.Attempts {
		shown.Attempts = append(shown.Attempts, control.Attempt{At: control.At(a.At), Status: a.Status, TookMS: float64(a.Micros) / 1000, Error: a.Error})
	}
	return shown
}
