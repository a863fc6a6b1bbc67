package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// Entered is what somebody did with a prompt.
type Entered int

// What can be done with a prompt.
const (
	EnteredPIN Entered = iota // a PIN, by its digest
	PressedCancel
)

// AnswerPrompt is a person's answer to the prompt that is open on a phone.
type AnswerPrompt struct {
	Phone   msisdn.Number
	Entered Entered
	PIN     PINDigest
	Asked   int64 // the payment whose prompt the person saw; 0: the one that is open

	Known   bool    // the phone is a customer's
	Open    bool    // there was a prompt to answer
	Payment Payment // the one that was answered

	shown int64 // the open payment before the unit of work began
}

// Need names the customer, the open prompt and the accounts that the payment would move.
func (c *AnswerPrompt) Need(v *View) {
	v.needCustomer(c.Phone)
	if c.shown = v.needPrompt(c.Phone); c.shown != 0 {
		v.NeedPayment(c.shown)
	}
}

// Decide settles the payment by the answer. A prompt that was opened in the same unit of work isn't on the phone yet.
func (c *AnswerPrompt) Decide(v *View, now time.Time) {
	s, known := Subscribers.Get(v, c.Phone)
	open := OpenPrompts.Get(v, s.Party())
	c.Known, c.Open, c.Payment = known, known && open != 0 && open == c.shown && (c.Asked == 0 || c.Asked == open), Payment{}
	if !c.Open {
		return
	}
	p, _ := Payments.Get(v, open)
	switch {
	case v.outlived(p, now):
		v.expire(&p, s, now)
	case c.Entered == PressedCancel:
		v.cancel(&p, s, now)
	default:
		v.enterPIN(&p, s, c.PIN == s.PIN, now)
	}
	c.Payment = p
}

// unattended answers as a phone does that nobody holds, or ends a prompt whose time is over.
func (v *View) unattended(p Payment, now time.Time) {
	phone, _ := p.Payer.Phone()
	s, _ := Subscribers.Get(v, phone)
	switch answers, _ := v.answers(s, p); {
	case answers == Off:
		v.Fail(&p, codes.Unreachable, now, fmt.Sprintf("%s is off", phone))
	case answers == NoSignal:
		v.Fail(&p, codes.Unreachable, now, fmt.Sprintf("%s has no signal", phone))
	case answers == Ask || answers == Ignore:
		if !v.outlived(p, now) { // it was told to wait after the prompt had opened
			p.DueAt = p.AcceptedAt + v.Policy.PromptLife.Milliseconds()
			Payments.Put(v, p.ID, p)
			return
		}
		v.Fail(&p, v.Policy.IgnoredResult, now, fmt.Sprintf("nobody answered the prompt on %s within %s", phone, v.Policy.PromptLife))
	case answers == Late || v.outlived(p, now):
		v.expire(&p, s, now)
	case answers == Busy:
		v.Fail(&p, codes.SubscriberLocked, now, fmt.Sprintf("the owner of %s is in a session of their own", phone))
	case answers == Lost:
		v.lose(&p, s, now)
	case answers == Cancel:
		v.cancel(&p, s, now)
	default:
		v.enterPIN(&p, s, answers != WrongPIN, now)
	}
}

// outlived reports whether the prompt's time to live is over. At its very end it still counts as unanswered, not as expired.
func (v *View) outlived(p Payment, now time.Time) bool {
	return now.UnixMilli() >= p.AcceptedAt+v.Policy.PromptLife.Milliseconds()
}

func (v *View) expire(p *Payment, s Subscriber, now time.Time) {
	v.Fail(p, codes.Expired, now, fmt.Sprintf("the answer of %s came after the prompt's %s", s.MSISDN, v.Policy.PromptLife))
}

func (v *View) cancel(p *Payment, s Subscriber, now time.Time) {
	v.Fail(p, codes.CancelledByUser, now, fmt.Sprintf("%s pressed cancel", s.MSISDN))
}

// lose ends a prompt whose answer never arrives. M-PESA learns that the customer saw it and not what they did: no PIN is counted
// (DarajaTutorial, API errors).
func (v *View) lose(p *Payment, s Subscriber, now time.Time) {
	v.Fail(p, codes.AnswerLost, now, fmt.Sprintf("the network lost the answer of %s", s.MSISDN))
}

// closePrompt leaves the phone to other prompts, and counts those in a row that came to no payment: the API "does not allow one to perform
// more than 5 consecutive STK requests without completing them. This is marked as phishing", and blocks the number for a day
// (DarajaTutorial, Lipa na M-Pesa Online). How such a prompt ended makes no difference.
func (v *View) closePrompt(p *Payment) {
	OpenPrompts.Put(v, p.Payer, 0)
	phone, _ := p.Payer.Phone()
	s, _ := Subscribers.Get(v, phone)
	ended := time.UnixMilli(p.FinishedAt)
	switch most := v.Policy.Rules.Limits(s.Limits, ended).Unfinished; {
	case p.State != Failed && s.Unfinished == 0:
		return
	case p.State != Failed:
		s.Unfinished = 0
	case s.Unfinished+1 < most || most == 0:
		s.Unfinished++
	default:
		s.Unfinished, s.BlockedUntil = 0, ended.Add(blockedFor).UnixMilli()
	}
	Subscribers.Put(v, phone, s)
}

// enterPIN checks the PIN and then the payment.
func (v *View) enterPIN(p *Payment, s Subscriber, right bool, now time.Time) {
	if result, reason := v.checkPIN(&s, right, now); result != codes.Success {
		v.Fail(p, result, now, reason)
		return
	}
	v.approve(p, s, now)
}

// checkPIN counts the PIN that was entered: wrong ones in a row lock it, and a right one makes up for those before.
func (v *View) checkPIN(s *Subscriber, right bool, now time.Time) (codes.Result, string) {
	tries := v.Policy.Rules.Limits(s.Limits, now).PINTries
	switch {
	case tries > 0 && s.WrongPINs >= tries:
		return codes.CredentialLocked, fmt.Sprintf("the PIN of %s is locked after %d wrong ones", s.MSISDN, s.WrongPINs)
	case !right:
		s.WrongPINs++
		Subscribers.Put(v, s.MSISDN, *s)
		return codes.InvalidInitiator, fmt.Sprintf("wrong PIN, number %d in a row", s.WrongPINs)
	case s.WrongPINs != 0:
		s.WrongPINs = 0
		Subscribers.Put(v, s.MSISDN, *s)
	}
	return codes.Success, ""
}
