package storetest

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

func (m *model) push(t *rapid.T) { m.pushTo(t, m.customer(t)) }

func (m *model) pushSeveral(t *rapid.T) { m.pushTo(t, m.customers...) }

// amount draws an amount: few differ often, and some are beyond the limits.
func amount(t *rapid.T) money.Amount {
	usual := rapid.Int64Range(1, 5000)
	return money.Shillings(rapid.OneOf(rapid.SampledFrom([]int64{1, 50, 1500}), usual, usual, rapid.Int64Range(1, 300_000)).Draw(t, "shillings"))
}

// seldom draws true once in eight times.
func seldom(t *rapid.T, what string) bool { return rapid.IntRange(1, 8).Draw(t, what) == 8 }

// transactionType is what is paid at a till, or to a pay bill, and seldom the other way round.
func transactionType(t *rapid.T, till bool) string {
	if till != seldom(t, "wrong type") {
		return mpesa.CustomerBuyGoodsOnline
	}
	return mpesa.CustomerPayBillOnline
}

// pushTo asks customers for money, all at the same time.
func (m *model) pushTo(t *rapid.T, phones ...msisdn.Number) {
	var commands []mpesa.Command
	for _, phone := range phones {
		c := &mpesa.AcceptPush{Business: m.bill, Receiver: m.bill, Phone: phone, PartyA: phone, CallBackURL: "http://shop/"}
		if rapid.Bool().Draw(t, "till") {
			c.Business, c.Receiver = m.store, m.till
		}
		c.Type = transactionType(t, c.Receiver == m.till)
		c.Amount = amount(t)
		commands = append(commands, c)
	}
	m.do(t, commands...)
	for _, x := range commands {
		c := x.(*mpesa.AcceptPush)
		same(t, "refused", c.Refused != nil, m.open[mpesa.CustomerParty(c.Phone)] != 0)
		if c.Refused == nil {
			m.note(t, c.Payment)
		}
	}
}

// prompted draws a customer, seldom one without a prompt if there is one with.
func (m *model) prompted(t *rapid.T) msisdn.Number {
	var list []msisdn.Number
	for _, phone := range m.customers {
		if m.open[mpesa.CustomerParty(phone)] != 0 {
			list = append(list, phone)
		}
	}
	if len(list) == 0 || seldom(t, "anybody") {
		list = m.customers
	}
	return rapid.SampledFrom(list).Draw(t, "customer")
}

func (m *model) answer(t *rapid.T) {
	c := &mpesa.AnswerPrompt{Phone: m.prompted(t), PIN: rightPIN}
	if seldom(t, "cancel") {
		c.Entered = mpesa.PressedCancel
	}
	if seldom(t, "wrong PIN") {
		c.PIN = mpesa.PINDigest{}
	}
	m.do(t, c)
	open := m.open[mpesa.CustomerParty(c.Phone)]
	same(t, "open", c.Open, open != 0)
	if c.Open {
		same(t, "answered", c.Answered.ID, open)
		m.agreed[open] = c.Entered == mpesa.EnteredPIN && c.PIN == rightPIN
		m.note(t, mpesatest.PaymentOf(c.Subject))
	}
}

// payBusiness has a customer pay from the phone, with the PIN or, as in the simulator, without.
func (m *model) payBusiness(t *rapid.T) {
	c := &mpesa.PayBusiness{Phone: m.customer(t), Reference: "account"}
	c.Business = rapid.SampledFrom([]mpesa.Shortcode{m.bill, m.bill, m.other, m.till, 9999}).Draw(t, "business")
	c.Type = transactionType(t, c.Business == m.till)
	c.Amount = amount(t)
	pin := rapid.SampledFrom([]*mpesa.PINDigest{nil, nil, nil, {}, &rightPIN, &rightPIN, &rightPIN}).Draw(t, "PIN")
	c.PIN = pin
	m.do(t, c)
	if c.Business == 9999 { // nobody's, and not among those that are looked through at the end
		same(t, "result", c.Payment.State, mpesa.Failed)
		return
	}
	m.agreed[c.Payment.ID] = pin == nil || *pin == rightPIN
	m.note(t, c.Payment)
}

// changeURLs registers URLs, or takes them away, and switches validation on or off.
func (m *model) changeURLs(t *rapid.T) {
	business := rapid.SampledFrom([]mpesa.Shortcode{m.bill, m.till}).Draw(t, "business")
	urls := mpesa.C2BURLs{Version: 2, ResponseType: rapid.SampledFrom([]string{mpesa.ResponseCompleted, mpesa.ResponseCancelled}).Draw(t, "response type")}
	urls.Validation = rapid.SampledFrom([]string{"http://shop/validation", "http://shop/validation", ""}).Draw(t, "validation")
	urls.Confirmation = rapid.SampledFrom([]string{"http://shop/confirmation", ""}).Draw(t, "confirmation")
	validates := rapid.IntRange(1, 4).Draw(t, "validates") > 1
	register := &mpesa.RegisterURLs{Shortcode: business, URLs: urls, Once: rapid.Bool().Draw(t, "once")}
	m.do(t, register)
	same(t, "refused", register.Refused != nil, register.Once && m.urls[business].Confirmation != "")
	if register.Refused == nil {
		m.urls[business] = urls
	}
	m.do(t, &portal.ChangeOrganisation{Shortcode: business, Change: func(o *mpesa.Organisation, there bool) error {
		if !there {
			return fmt.Errorf("%s is gone", business)
		}
		o.Validates = validates
		return nil
	}})
	m.asks[business] = validates
}

// verdicts are what businesses say to a validation request.
var verdicts = []mpesa.Verdict{
	{Answered: true, Code: "0", ThirdPartyID: "1234567890"}, {Answered: true, Code: "0"}, {Answered: true, Code: "C2B00011"}, {Reason: "no answer"},
}

// say has a business answer a validation request, or two of its servers at once.
func (m *model) say(t *rapid.T) {
	asked := m.validating()
	if len(asked) == 0 {
		t.Skip("nobody was asked")
	}
	p := some(t, asked)
	words := rapid.SliceOfN(rapid.SampledFrom(verdicts), 1, 2).Draw(t, "verdicts")
	var commands []mpesa.Command
	for _, v := range words {
		commands = append(commands, m.attempt(p, v))
	}
	m.said[p.ID] = words
	m.do(t, commands...)
	m.look(t, p.ID)
	if _, waits := m.waiting[p.ID]; waits {
		t.Errorf("%+v still waits after the business has said %+v", p, words)
	}
}

// attempt is a validation request that a business answered.
func (m *model) attempt(p mpesa.Payment, v mpesa.Verdict) *mpesa.Attempted {
	a := mpesa.Attempt{At: m.clock.Now().UnixMilli()}
	if v.Answered {
		a.Status = 200
	}
	return &mpesa.Attempted{Delivery: p.DeliveryID(mpesa.Validation), Attempt: a, Verdict: &v}
}

// checkVerdict holds the end of a payment against what the business said about it.
func (m *model) checkVerdict(t *rapid.T, p mpesa.Payment) {
	words := m.said[p.ID]
	if len(words) == 0 {
		words = []mpesa.Verdict{{}} // it was not heard of in time
	}
	refused := p.Result == codes.ValidationFailed
	if !slices.ContainsFunc(words, func(v mpesa.Verdict) bool { return m.refuses(p, v) == refused }) {
		t.Errorf("the business said %+v about %+v", words, p)
	}
	if accepted := words[0]; len(words) == 1 && p.State == mpesa.Completed && accepted.Answered {
		same(t, "third party's id", p.Details.ThirdPartyID, accepted.ThirdPartyID)
	}
	same(t, "still reserved", len(m.holds[p.ID]), 0)
}

func (m *model) refuses(p mpesa.Payment, v mpesa.Verdict) bool {
	if v.Answered {
		return v.Code != "0"
	}
	return m.urls[mpesa.Shortcode(p.Payee)].ResponseType != mpesa.ResponseCompleted
}

// sayTooLate has a business answer about a payment that has ended: that is noted and changes nothing.
func (m *model) sayTooLate(t *rapid.T) {
	over := map[int64]mpesa.Payment{}
	for id, p := range m.ended {
		if m.told[id][mpesa.Validation] {
			over[id] = p
		}
	}
	if len(over) == 0 {
		t.Skip("nobody was asked")
	}
	p := some(t, over)
	before := must[*mpesa.Delivery](t)(store.Get(t.Context(), m, mpesa.Deliveries, p.DeliveryID(mpesa.Validation)))
	m.do(t, m.attempt(p, rapid.SampledFrom(verdicts).Draw(t, "verdict")))
	after := must[*mpesa.Delivery](t)(store.Get(t.Context(), m, mpesa.Deliveries, before.ID))
	same(t, "attempts", len(after.Attempts), len(before.Attempts)+1)
}
