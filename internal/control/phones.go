package control

import (
	"context"
	"net/http"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// getPhone shows a phone and the prompt that is open on it.
func (s *server) getPhone(r *http.Request) (answer, error) {
	var n msisdn.Number
	if err := readPath(r, "msisdn", phone(&n)); err != nil {
		return answer{}, err
	}
	shown, err := s.phone(r.Context(), n)
	return ok(shown), err
}

// putPhone creates a phone or changes what the body says of it.
func (s *server) putPhone(r *http.Request) (answer, error) {
	var c mpesa.PutPhone
	if err := readPath(r, "msisdn", phone(&c.Phone)); err != nil {
		return answer{}, err
	}
	if err := readBody(r, s.phoneFields(&c)); err != nil {
		return answer{}, err
	}
	if err := s.run(r, &c, func() bool { return c.Refused != "" }); err != nil {
		return answer{}, err
	}
	if c.Refused != "" {
		return answer{}, conflict.problem("%s", c.Refused)
	}
	a := s.changedPhone(r, &c.After)
	if c.Created {
		a.status = http.StatusCreated
	}
	return a, nil
}

// answerPrompt answers the prompt that is open on a phone, as the person who holds it would.
func (s *server) answerPrompt(r *http.Request) (answer, error) {
	var c mpesa.AnswerPrompt
	if err := readPath(r, "msisdn", phone(&c.Phone)); err != nil {
		return answer{}, err
	}
	if err := s.readAnswer(r, &c); err != nil {
		return answer{}, err
	}
	if err := s.spend(r, &c, &c.Payment, nil); err != nil {
		return answer{}, err
	}
	switch {
	case !c.Known:
		return answer{}, unknownPhone(c.Phone)
	case !c.Open:
		return answer{}, noPrompt.problem("no payment is waiting for an answer of %s", c.Phone)
	}
	return showPayment(s, r, c.Payment), nil
}

// listMessages lists the SMS that a phone got, newest first.
func (s *server) listMessages(r *http.Request) (answer, error) {
	var n msisdn.Number
	if err := readPath(r, "msisdn", phone(&n)); err != nil {
		return answer{}, err
	}
	limit := usualPage
	if err := readQuery(r, parameters{"limit": number(&limit, 1, maxPage)}); err != nil {
		return answer{}, err
	}
	known, err := s.Store.Subscriber(r.Context(), n)
	if err != nil {
		return answer{}, err
	}
	if known == nil {
		return answer{}, unknownPhone(n)
	}
	list, err := s.Messages(r.Context(), n, limit)
	shown := api.Messages{Messages: []api.Message{}}
	for _, m := range list {
		shown.Messages = append(shown.Messages, api.Message{At: api.Time{Time: m.At}, From: m.From, Text: m.Text, Payment: m.Payment})
	}
	return ok(shown), err
}

// phone reads what there is to show of a phone.
func (s *server) phone(ctx context.Context, n msisdn.Number) (*api.Phone, error) {
	x, err := s.Store.Subscriber(ctx, n)
	if err != nil {
		return nil, err
	}
	if x == nil {
		return nil, unknownPhone(n)
	}
	wallet, err := s.Store.Account(ctx, x.Party().Account(mpesa.Wallet))
	if err != nil {
		return nil, err
	}
	if wallet == nil {
		wallet = new(mpesa.Account)
	}
	pochi, err := s.Store.Account(ctx, x.Party().Account(mpesa.Pochi))
	if err != nil {
		return nil, err
	}
	if pochi == nil {
		pochi = new(mpesa.Account)
	}
	prompt, err := s.prompt(ctx, *x)
	if err != nil {
		return nil, err
	}
	return s.showPhone(&mpesa.PhoneState{Subscriber: *x, Wallet: *wallet, Pochi: *pochi}, prompt), nil
}

// changedPhone shows a phone as a command left it. What was kept was kept: a prompt that can't be read is left out.
func (s *server) changedPhone(r *http.Request, after *mpesa.PhoneState) answer {
	ctx, cancel := garnish(r)
	defer cancel()
	prompt, _ := s.prompt(ctx, after.Subscriber)
	return ok(s.showPhone(after, prompt))
}

func (s *server) showPhone(p *mpesa.PhoneState, prompt *api.Prompt) *api.Phone {
	x, wallet, pochi, now := &p.Subscriber, &p.Wallet, &p.Pochi, s.Clock.Now()
	return &api.Phone{
		MSISDN: x.MSISDN.String(), Name: x.Name, Balance: api.Amount(wallet.Balance), Available: api.Amount(wallet.Available()), Pochi: api.Amount(pochi.Balance), SpentToday: api.Amount(wallet.On(clock.Day(now)).Spent),
		Answers: api.Answers(x.Answers), AfterMS: api.Delay(x.AfterMS), PINLocked: s.pinLocked(x, now), WrongPINs: x.WrongPINs,
		Unfinished: x.Unfinished, Limits: x.Limits, Standing: api.Standing(x.Standing), Prompt: prompt,
		BlockedUntil: ahead(x.BlockedUntil, now), HeldUntil: ahead(x.HeldUntil, now),
	}
}

// prompt is what an open payment shows on the phone; nil when there is none.
func (s *server) prompt(ctx context.Context, x mpesa.Subscriber) (*api.Prompt, error) {
	p, err := s.Store.OpenPayment(ctx, x.Party())
	if err != nil || p == nil {
		return nil, err
	}
	payee, _ := p.Payee.Shortcode()
	o, err := s.Engine.Directory().Organisation(ctx, payee)
	if err != nil {
		return nil, err
	}
	accepted := api.At(p.AcceptedAt)
	return &api.Prompt{
		Payment: p.ID, CheckoutRequestID: ids.CheckoutRequest(accepted.Time, x.MSISDN), Text: mpesa.Prompt(*p, o), Amount: api.Amount(p.Amount),
		Organisation: payee.String(), OpenedAt: accepted, DueAt: api.At(p.DueAt),
	}, nil
}

func unknownPhone(n msisdn.Number) *api.Problem {
	return notFound.problem("%s is no customer's number; PUT makes it one", n)
}
