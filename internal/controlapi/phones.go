package controlapi

import (
	"context"
	"net/http"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

// onPhone names a phone.
type onPhone struct {
	MSISDN msisdn.Number `path:"msisdn" is:"msisdn" doc:"254708374149, +254708374149 or 0708374149."`
}

// getPhone shows a phone and the prompt that is open on it.
func (s *server) getPhone(r *request[onPhone, none]) (*control.Phone, error) {
	return s.phone(r.Context(), r.Query.MSISDN)
}

// putPhone creates a phone or changes what the body says of it.
func (s *server) putPhone(r *request[onPhone, control.PhoneChange]) (x created[*control.Phone], err error) {
	n, b := r.Query.MSISDN, &r.Body
	c := &mpesa.PutPhone{Phone: n, Name: b.Name, PIN: s.digest(n, b.PIN), Balance: (*money.Amount)(b.Balance), Answers: (*mpesa.Answers)(b.Answers),
		AfterMS: (*int64)(b.AfterMS), Limits: b.Limits, Standing: (*mpesa.Standing)(b.Standing), Unblock: b.Blocked != nil, SwapSIM: b.SIMSwapped}
	if b.PINLocked != nil {
		c.WrongPINs = new(int64)
	}
	if err := s.run(r.Request, c, func() bool { return c.Refused != "" }); err != nil {
		return x, err
	}
	if c.Refused != "" {
		return x, conflict.problem("%s", c.Refused)
	}
	return created[*control.Phone]{s.changedPhone(r.Request, &c.After), c.Created}, nil
}

// digest is that of a PIN that was given; nil where none was.
func (s *server) digest(n msisdn.Number, pin *string) *mpesa.PINDigest {
	if pin == nil {
		return nil
	}
	return new(s.PIN(n, *pin))
}

// entered is the digest of a PIN that somebody enters; nil where none was given, and the owner enters the right one.
func (s *server) entered(n msisdn.Number, pin string) *mpesa.PINDigest {
	if pin == "" {
		return nil
	}
	return new(s.PIN(n, pin))
}

// answerPrompt answers the prompt that is open on a phone, as the person who holds it would.
func (s *server) answerPrompt(r *request[onPhone, control.Answer]) (*control.Payment, error) {
	c := &mpesa.AnswerPrompt{Phone: r.Query.MSISDN, Asked: r.Body.Payment, Entered: mpesa.PressedCancel}
	if !r.Body.Cancel {
		c.Entered, c.PIN = mpesa.EnteredPIN, s.PIN(c.Phone, r.Body.PIN)
	}
	if err := s.spend(r.Request, c, &c.Answered, nil); err != nil {
		return nil, err
	}
	switch {
	case !c.Known:
		return nil, unknownPhone(c.Phone)
	case !c.Open:
		return nil, noPrompt.problem("no payment is waiting for an answer of %s", c.Phone)
	}
	return s.shownPayment(r.Request, c.Subject), nil
}

// messagesQuery selects messages of a phone.
type messagesQuery struct {
	onPhone
	limited
}

// listMessages lists the SMS that a phone got, newest first.
func (s *server) listMessages(r *request[messagesQuery, none]) (*control.Messages, error) {
	n := r.Query.MSISDN
	known, err := store.Get(r.Context(), s.Store, mpesa.Subscribers, n)
	if err != nil {
		return nil, err
	}
	if known == nil {
		return nil, unknownPhone(n)
	}
	list, err := s.Messages(r.Context(), n, r.Query.Limit)
	shown := &control.Messages{Messages: []control.Message{}}
	for _, m := range list {
		shown.Messages = append(shown.Messages, control.Message{At: control.Time{Time: m.At}, From: m.From, Text: m.Text, Payment: m.Payment})
	}
	return shown, err
}

// phone reads what there is to show of a phone.
func (s *server) phone(ctx context.Context, n msisdn.Number) (*control.Phone, error) {
	x, err := store.Get(ctx, s.Store, mpesa.Subscribers, n)
	if err != nil {
		return nil, err
	}
	if x == nil {
		return nil, unknownPhone(n)
	}
	wallet, err := store.Get(ctx, s.Store, mpesa.Accounts, x.Party().Account(mpesa.Wallet))
	if err != nil {
		return nil, err
	}
	if wallet == nil {
		wallet = new(mpesa.Account)
	}
	pochi, err := store.Get(ctx, s.Store, mpesa.Accounts, x.Party().Account(mpesa.Pochi))
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
func (s *server) changedPhone(r *http.Request, after *mpesa.PhoneState) *control.Phone {
	ctx, cancel := garnish(r)
	defer cancel()
	prompt, _ := s.prompt(ctx, after.Subscriber)
	return s.showPhone(after, prompt)
}

func (s *server) showPhone(p *mpesa.PhoneState, prompt *control.Prompt) *control.Phone {
	x, wallet, pochi, now := &p.Subscriber, &p.Wallet, &p.Pochi, s.Clock.Now()
	return &control.Phone{
		MSISDN: x.MSISDN.String(), Name: x.Name, Balance: control.Amount(wallet.Balance), Available: control.Amount(wallet.Available()), Pochi: control.Amount(pochi.Balance), SpentToday: control.Amount(wallet.On(clock.Day(now)).Spent),
		Answers: control.Answers(x.Answers), AfterMS: control.Delay(x.AfterMS), PINLocked: s.pinLocked(x, now), WrongPINs: x.WrongPINs,
		Unfinished: x.Unfinished, Limits: x.Limits, Standing: control.Standing(x.Standing), Prompt: prompt,
		SIMSwappedAt: control.At(x.SwappedAt), BlockedUntil: ahead(x.BlockedUntil, now), HeldUntil: ahead(x.HeldUntil, now),
	}
}

// prompt is what a phone shows; nil when there is none.
func (s *server) prompt(ctx context.Context, x mpesa.Subscriber) (*control.Prompt, error) {
	open, err := s.Store.Activity(ctx, store.PaymentFilter{Payer: x.Party(), State: new(mpesa.Prompting)}, store.Page{Limit: 1})
	if err != nil || len(open) == 0 {
		return nil, err
	}
	p := open[0].Head()
	payee, _ := p.Payee.Shortcode()
	o, err := s.Engine.Directory().Organisation(ctx, payee)
	if err != nil {
		return nil, err
	}
	accepted := control.At(p.AcceptedAt)
	return &control.Prompt{
		Payment: p.ID, CheckoutRequestID: ids.CheckoutRequest(accepted.Time, x.MSISDN), Text: mpesa.Prompt(open[0], o), Amount: control.Amount(p.Amount),
		Organisation: payee.String(), OpenedAt: accepted, DueAt: control.At(p.DueAt),
	}, nil
}

func unknownPhone(n msisdn.Number) *control.Problem {
	return notFound.problem("%s is no customer's number; PUT makes it one", n)
}
