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

// prompted is what a customer is asked about by a prompt: a payment or a standing order.
type prompted interface {
	Subject
	prompt(receiver *Organisation) string // the text
	put(v *View)                          // keeps a change to what waits for the answer
	answered(v *View, s Subscriber, result codes.Result, reason string, now time.Time)
}

// shown is what the prompt asks about that is open on a customer's phone; nil: none is.
func (v *View) shown(s Subscriber) prompted {
	x, _ := Find(v, OpenPrompts.Get(v, s.Party())).(prompted)
	return x
}

// AnswerPrompt is a person's answer to the prompt that is open on a phone.
type AnswerPrompt struct {
	Phone   msisdn.Number
	Entered Entered
	PIN     PINDigest
	Asked   int64 // what the prompt that they saw is of; 0: the one that is open

	Known    bool    // the phone is a customer's
	Open     bool    // there was a prompt to answer
	Answered Header  // of what was answered
	Subject  Subject // all of it; nil: there was no prompt to answer

	shown int64 // what the prompt was of before the unit of work began
}

// Need names the customer, the open prompt and what the answer leads to.
func (c *AnswerPrompt) Need(v *View) {
	v.needCustomer(c.Phone)
	if c.shown = v.needPrompt(c.Phone); c.shown != 0 {
		v.NeedPayment(c.shown)
		v.needOrder(c.shown)
	}
}

// Decide settles by the answer what was asked. A prompt that was opened in the same unit of work isn't on the phone yet.
func (c *AnswerPrompt) Decide(v *View, now time.Time) {
	s, known := Subscribers.Get(v, c.Phone)
	open := OpenPrompts.Get(v, s.Party())
	c.Known, c.Open, c.Answered, c.Subject = known, known && open != 0 && open == c.shown && (c.Asked == 0 || c.Asked == open), Header{}, nil
	if !c.Open {
		return
	}
	x := v.shown(s)
	result, reason := c.answer(v, x.Head(), &s, now)
	x.answered(v, s, result, reason, now)
	c.Answered, c.Subject = *x.Head(), x
}

// answer is what the answer comes to: Success is that the customer wants what they were asked about.
func (c *AnswerPrompt) answer(v *View, h *Header, s *Subscriber, now time.Time) (codes.Result, string) {
	switch {
	case v.outlived(h, now):
		return v.expired(s)
	case c.Entered == PressedCancel:
		return cancelled(s)
	}
	return v.checkPIN(s, c.PIN == s.PIN, now)
}

// unattended is what comes of a prompt on a phone that nobody holds, which answers by itself, or when its time is over. over is false where
// the prompt has been put off.
func (v *View) unattended(h *Header, s *Subscriber, now time.Time) (result codes.Result, reason string, over bool) {
	switch answers, _ := v.answers(s, h); {
	case answers == Off:
		result, reason = codes.Unreachable, fmt.Sprintf("%s is off", s.MSISDN)
	case answers == NoSignal:
		result, reason = codes.Unreachable, fmt.Sprintf("%s has no signal", s.MSISDN)
	case answers == Ask || answers == Ignore:
		if !v.outlived(h, now) { // it was told to wait after the prompt had opened
			h.DueAt = h.AcceptedAt + v.Policy.PromptLife.Milliseconds()
			return "", "", false
		}
		result, reason = v.Policy.IgnoredResult, fmt.Sprintf("nobody answered the prompt on %s within %s", s.MSISDN, v.Policy.PromptLife)
	case answers == Late || v.outlived(h, now):
		result, reason = v.expired(s)
	case answers == Busy:
		result, reason = codes.SubscriberLocked, fmt.Sprintf("the owner of %s is in a session of their own", s.MSISDN)
	case answers == Lost: // M-PESA learns that the customer saw it and not what they did: no PIN is counted (DarajaTutorial, API errors)
		result, reason = codes.AnswerLost, fmt.Sprintf("the network lost the answer of %s", s.MSISDN)
	case answers == Cancel:
		result, reason = cancelled(s)
	default:
		result, reason = v.checkPIN(s, answers != WrongPIN, now)
	}
	return result, reason, true
}

// outlived reports whether the prompt's time to live is over. At its very end it still counts as unanswered, not as expired.
func (v *View) outlived(h *Header, now time.Time) bool {
	return now.UnixMilli() >= h.AcceptedAt+v.Policy.PromptLife.Milliseconds()
}

func (v *View) expired(s *Subscriber) (codes.Result, string) {
	return codes.Expired, fmt.Sprintf("the answer of %s came after the prompt's %s", s.MSISDN, v.Policy.PromptLife)
}

func cancelled(s *Subscriber) (codes.Result, string) {
	return codes.CancelledByUser, fmt.Sprintf("%s pressed cancel", s.MSISDN)
}

// leavePhone closes the prompt of what no longer waits for an answer to it.
func (v *View) leavePhone(h *Header) {
	if h.State != Prompting && OpenPrompts.Get(v, h.Payer) == h.ID {
		v.closePrompt(h)
	}
}

// closePrompt leaves the phone to other prompts, and counts those in a row that came to no payment: the API "does not allow one to perform
// more than 5 consecutive STK requests without completing them. This is marked as phishing", and blocks the number for a day
// (DarajaTutorial, Lipa na M-Pesa Online). How such a prompt ended makes no difference.
func (v *View) closePrompt(h *Header) {
	OpenPrompts.Put(v, h.Payer, 0)
	phone, _ := h.Payer.Phone()
	s, _ := Subscribers.Get(v, phone)
	ended := time.UnixMilli(h.FinishedAt)
	switch most := v.Policy.Rules.Limits(s.Limits, ended).Unfinished; {
	case h.State != Failed && s.Unfinished == 0:
		return
	case h.State != Failed:
		s.Unfinished = 0
	case s.Unfinished+1 < most || most == 0:
		s.Unfinished++
	default:
		s.Unfinished, s.BlockedUntil = 0, ended.Add(blockedFor).UnixMilli()
	}
	Subscribers.Put(v, phone, s)
}

// answered goes on with a payment that its payer wants made, or fails it by the result that their answer came to.
func (p *Payment) answered(v *View, s Subscriber, result codes.Result, reason string, now time.Time) {
	if result != codes.Success {
		v.Fail(p, result, now, reason)
	} else {
		v.approve(p, s, now)
	}
}

func (p *Payment) put(v *View) { Payments.Put(v, p.ID, *p) }

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
