package controlapi

import (
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

// phonesQuery selects a page of phones.
type phonesQuery struct {
	After msisdn.Number `query:"after" is:"msisdn" doc:"Only those after this one: the next of the page before."`
	limited
}

// listPhones lists customers' phones in the order of their numbers.
func (s *server) listPhones(r *request[phonesQuery, none]) (*control.Page[control.PhoneLine], error) {
	list, err := store.List(r.Context(), s.Store, mpesa.Subscribers, r.Query.After, r.Query.Limit+1)
	if err != nil {
		return nil, err
	}
	list, next := cut(list, r.Query.Limit, func(x mpesa.Subscriber) string { return x.MSISDN.String() })
	now := s.Clock.Now()
	return shownPage(list, next, func(x mpesa.Subscriber) control.PhoneLine { return s.phoneLine(&x, now) }), nil
}

func (s *server) phoneLine(x *mpesa.Subscriber, now time.Time) control.PhoneLine {
	return control.PhoneLine{
		MSISDN: x.MSISDN.String(), Name: x.Name, Answers: control.Answers(x.Answers), AfterMS: control.Delay(x.AfterMS), PINLocked: s.pinLocked(x, now),
		BlockedUntil: ahead(x.BlockedUntil, now), HeldUntil: ahead(x.HeldUntil, now), Limits: x.Limits, Standing: control.Standing(x.Standing),
	}
}

// pinLocked reports whether too many wrong PINs in a row were entered on a phone.
func (s *server) pinLocked(x *mpesa.Subscriber, now time.Time) bool {
	tries := s.Engine.Policy.Rules.Limits(x.Limits, now).PINTries
	return tries > 0 && x.WrongPINs >= tries
}

// ahead is a moment that is still to come, in milliseconds; none when it is over.
func ahead(ms int64, now time.Time) control.Time {
	if ms <= now.UnixMilli() {
		return control.Time{}
	}
	return control.At(ms)
}
