package mpesa

import (
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// The transaction types of M-Pesa Express (MpesaExpressSimulate, request parameters).
const (
	CustomerPayBillOnline  = "CustomerPayBillOnline"
	CustomerBuyGoodsOnline = "CustomerBuyGoodsOnline"
)

// AcceptPush accepts an M-Pesa Express request that the gateway has checked, and opens the prompt on the phone.
type AcceptPush struct {
	Business    Shortcode // BusinessShortCode
	Receiver    Shortcode // PartyB
	Phone       msisdn.Number
	PartyA      msisdn.Number
	Type        string // one of the transaction types
	Amount      money.Amount
	CallBackURL string
	Reference   string
	Description string

	Payment Payment      // as accepted
	Refused *codes.Error // or why not; nothing has changed then
	Reason  string       // more about the refusal, for people
}

// Need names the customer and the business.
func (c *AcceptPush) Need(v *View) {
	v.needCustomer(c.Phone)
	Organisations.Need(v, c.Business)
	Organisations.Need(v, c.Receiver)
}

// Decide refuses, or opens a prompt, or ends the payment at once where no prompt can reach the phone.
func (c *AcceptPush) Decide(v *View, now time.Time) {
	c.Payment, c.Refused, c.Reason = Payment{}, nil, ""
	s, known := v.Customer(c.Phone, now)
	if !known {
		_, reason := NoCustomer(c.Phone)
		c.refuse(codes.SubscriberUnknown, reason)
		return
	}
	if open := OpenPrompts.Get(v, s.Party()); open != 0 {
		c.refuse(codes.SubscriberBusy, fmt.Sprintf("payment %d is waiting for an answer on %s", open, c.Phone))
		return
	}

	wallet := v.Account(s.Party().Account(Wallet))
	accepted := max(now.UnixMilli(), wallet.LastAccepted+1) // two pushes to a phone never have the same CheckoutRequestID
	p := Payment{
		Header: Header{ID: v.NewID(), Kind: Express, State: Prompting, Payer: s.Party(), Payee: c.Receiver.Party(), Business: c.Business,
			Amount: c.Amount, AcceptedAt: accepted},
		Details: Details{TransactionType: c.Type, CallBackURL: c.CallBackURL, Reference: c.Reference, Description: c.Description},
	}
	if c.PartyA != c.Phone {
		p.Details.PartyA = c.PartyA
	}
	v.ask(&p, s, now)
	c.Payment = p
}

// ask opens the prompt of a new payment, or ends the payment where none can reach the phone.
func (v *View) ask(p *Payment, s Subscriber, now time.Time) {
	if result, reason := v.openPrompt(&p.Header, p.prompt(Organisations.Get(v, Shortcode(p.Payee))), &s, now); result != codes.Success {
		v.Fail(p, result, now, reason)
	} else {
		Payments.Create(v, p.ID, *p)
	}
}

// openPrompt shows a prompt on the phone, or says why none can reach it.
func (v *View) openPrompt(h *Header, text string, s *Subscriber, now time.Time) (codes.Result, string) {
	limits := v.Policy.Rules.Limits(s.Limits, now)
	switch length := utf8.RuneCountInString(text); {
	case s.BlockedUntil > now.UnixMilli():
		return codes.Unreachable, fmt.Sprintf("%s is blocked until %s: %d prompts in a row came to no payment",
			s.MSISDN, time.UnixMilli(s.BlockedUntil).In(now.Location()).Format(time.DateTime), limits.Unfinished)
	case length > limits.PromptChars:
		return codes.PushFailed, fmt.Sprintf("the prompt has %d characters; %d fit", length, limits.PromptChars)
	}
	h.DueAt = v.promptDue(s, h)
	OpenPrompts.Put(v, s.Party(), h.ID)
	return codes.Success, ""
}

func (c *AcceptPush) refuse(e codes.Error, reason string) { c.Refused, c.Reason = &e, reason }

// Prompt is the text that the phone shows; "" for what shows none. Its length decides whether it can be sent (result 1025).
func Prompt(x Subject, receiver *Organisation) string {
	if p, ok := x.(prompted); ok {
		return p.prompt(receiver)
	}
	return ""
}

// called is the name by which prompts call a receiver.
func called(receiver *Organisation, payee Party) string {
	if receiver == nil {
		return payee.String()
	}
	return receiver.Name
}

func (p *Payment) prompt(receiver *Organisation) string {
	if p.Kind == B2BExpress {
		return checkoutPrompt(p)
	}
	name := called(receiver, p.Payee)
	if p.Details.TransactionType == CustomerBuyGoodsOnline {
		return fmt.Sprintf("Do you want to pay Ksh%s to %s? Enter M-PESA PIN:", p.Amount.Grouped(), name)
	}
	return fmt.Sprintf("Do you want to pay Ksh%s to %s Account no. %s? Enter M-PESA PIN:", p.Amount.Grouped(), name, p.Details.Reference)
}

// answers is how the phone answers a prompt when nobody touches it, and how long it takes.
func (v *View) answers(s *Subscriber, h *Header) (Answers, time.Duration) {
	answers, after := s.Answers, time.Duration(s.AfterMS)*time.Millisecond
	switch {
	case s.handed(h):
		answers = Ask
	case answers == AnswersByDefault:
		answers = v.Policy.Answers
	}
	if s.AfterMS < 0 {
		after = v.Policy.AnswerAfter
	}
	return answers, after
}

// promptDue is when something happens to an open prompt if nobody touches the phone, in milliseconds.
func (v *View) promptDue(s *Subscriber, h *Header) int64 {
	switch answers, after := v.answers(s, h); {
	case answers == Ask || answers == Ignore || after > v.Policy.PromptLife:
		return h.AcceptedAt + v.Policy.PromptLife.Milliseconds()
	default:
		return h.AcceptedAt + after.Milliseconds()
	}
}

// Known reports whether the number is a customer's.
func (v *View) Known(phone msisdn.Number) bool {
	_, known := Subscribers.Get(v, phone)
	return known
}

// Customer finds a customer, or makes one where the policy has it; known is false where there is none.
func (v *View) Customer(phone msisdn.Number, now time.Time) (s Subscriber, known bool) {
	s, known = Subscribers.Get(v, phone)
	if !known && v.Policy.Registers(phone) {
		return v.Register(phone, now), true
	}
	return s, known
}

// Registers reports whether a number that nobody knows becomes a customer on first use. Numbers that stand for a result don't: the test of a
// failure would succeed where no customer's state brings that result about.
func (p *Policy) Registers(phone msisdn.Number) bool {
	return p.RegisterUnknown && !StandsForResult(phone)
}

// StandsForResult reports whether a number is 254700 and a result code in six digits, a 9 and its digits for a code with letters.
func StandsForResult(phone msisdn.Number) bool {
	return phone >= 254_700_000_000 && phone <= 254_700_009_999 || phone >= 254_700_900_000 && phone <= 254_700_900_099
}

// Register makes a customer of a number nobody knows, as the policy has it.
func (v *View) Register(phone msisdn.Number, now time.Time) Subscriber {
	return v.register(phone, "", v.Policy.OpeningPIN(phone), v.Policy.OpeningBalance, now)
}

// register makes a customer and pays the opening balance into the wallet.
func (v *View) register(phone msisdn.Number, name string, pin PINDigest, balance money.Amount, now time.Time) Subscriber {
	if name == "" {
		name = defaultName(phone)
	}
	s := Subscriber{MSISDN: phone, Name: name, PIN: pin, AfterMS: -1}
	Subscribers.Put(v, phone, s)
	if balance > 0 {
		v.Transfer(Deposit, Provider, s.Party(), "registration", []ledger.Move{Principal.Move(Provider.Account(Trust), s.Party().Account(Wallet), balance)}, now)
	}
	return s
}

// defaultName gives a customer nobody named a name that differs from other customers'.
func defaultName(phone msisdn.Number) string {
	first := [...]string{"Achieng", "Wanjiru", "Kamau", "Njeri", "Otieno", "Mutua", "Chebet", "Halima", "Juma", "Nafula", "Kiprop", "Wambui", "Baraka"}
	last := [...]string{"Odhiambo", "Mwangi", "Kariuki", "Omondi", "Kilonzo", "Cherono", "Hassan", "Wekesa", "Koech", "Njoroge", "Mwende"}
	return first[int(phone)%len(first)] + " " + last[int(phone)%len(last)]
}

// Transfer makes a payment that is complete at once: money that enters, leaves or moves without anybody being asked.
func (v *View) Transfer(kind Kind, payer, payee Party, description string, moves []ledger.Move, now time.Time) Payment {
	at := now.UnixMilli()
	p := Payment{Header: Header{ID: v.NewID(), Kind: kind, State: Completed, Payer: payer, Payee: payee, AcceptedAt: at, FinishedAt: at,
		Result: codes.Success}, Details: Details{Description: description}}
	for _, m := range moves {
		p.Amount += m.Amount
	}
	v.post(&p, now, moves...)
	Payments.Create(v, p.ID, p)
	return p
}
