package control

import (
	"net/http"
	"time"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// listPhones lists customers' phones in the order of their numbers.
func (s *server) listPhones(r *http.Request) (answer, error) {
	var after msisdn.Number
	limit := usualPage
	if err := readQuery(r, parameters{"after": phone(&after), "limit": number(&limit, 1, maxPage)}); err != nil {
		return answer{}, err
	}
	list, err := s.Store.Subscribers(r.Context(), after, limit+1)
	if err != nil {
		return answer{}, err
	}
	list, next := cut(list, limit, func(x mpesa.Subscriber) string { return x.MSISDN.String() })
	now := s.Clock.Now()
	return ok(shownPage(list, next, func(x mpesa.Subscriber) api.PhoneLine { return s.phoneLine(&x, now) })), nil
}

func (s *server) phoneLine(x *mpesa.Subscriber, now time.Time) api.PhoneLine {
	return api.PhoneLine{
		MSISDN: x.MSISDN.String(), Name: x.Name, Answers: api.Answers(x.Answers), AfterMS: api.Delay(x.AfterMS), PINLocked: s.pinLocked(x, now),
		BlockedUntil: ahead(x.BlockedUntil, now), HeldUntil: ahead(x.HeldUntil, now), Limits: x.Limits, Standing: api.Standing(x.Standing),
	}
}

// pinLocked tells whether too many wrong PINs in a row were entered on a phone.
func (s *server) pinLocked(x *mpesa.Subscriber, now time.Time) bool {
	tries := s.Engine.Policy.Rules.Limits(x.Limits, now).PINTries
	return tries > 0 && x.WrongPINs >= tries
}

// ahead is a moment that is still to come, in milliseconds; none when it is over.
func ahead(ms int64, now time.Time) api.Time {
	if ms <= now.UnixMilli() {
		return api.Time{}
	}
	return api.At(ms)
}
