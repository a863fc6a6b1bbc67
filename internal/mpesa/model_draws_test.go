package mpesa_test

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
)

// What can happen in a market, each with the parts of it drawn.

var (
	phones = []msisdn.Number{john, mary, alien}
	shops  = []mpesa.Shortcode{payBill, bouquet, generous, till, store, full, mpesa.KRA}
)

func phone(t *rapid.T) msisdn.Number { return rapid.SampledFrom(phones).Draw(t, "phone") }

func shop(t *rapid.T) mpesa.Shortcode { return rapid.SampledFrom(shops).Draw(t, "shop") }

// counterOf is a shop that customers pay, with the transaction type that fits it most of the time.
func counterOf(t *rapid.T) (mpesa.Shortcode, string) {
	s := rapid.SampledFrom([]mpesa.Shortcode{payBill, bouquet, generous, till, full}).Draw(t, "shop")
	kind := mpesa.CustomerPayBillOnline
	if (s == till) != (rapid.IntRange(0, 9).Draw(t, "0: as another kind") == 0) {
		kind = mpesa.CustomerBuyGoodsOnline
	}
	return s, kind
}

// sum is an amount, often one at which a rule or a charge changes.
func sum(t *rapid.T) money.Amount {
	return rapid.OneOf(
		rapid.SampledFrom([]money.Amount{1_00, 9_99, 10_00, 49_00, 100_00, 101_00, 1000_00, 1500_01, 70_000_00, 249_999_00, 250_000_00, 250_000_01, 400_000_00}),
		rapid.Map(rapid.Int64Range(10, 3000), money.Shillings),
		rapid.Map(rapid.Int64Range(1, 20_000_00), func(n int64) money.Amount { return money.Amount(n) }),
	).Draw(t, "amount")
}

// maybePIN is a PIN as it is entered, or none where none is asked for.
func maybePIN(t *rapid.T, n msisdn.Number) *mpesa.PINDigest {
	return rapid.SampledFrom([]*mpesa.PINDigest{nil, nil, ptr(pin(n, "1234")), ptr(pin(n, "0000"))}).Draw(t, "PIN")
}

// payment is one that has been, rather a late one; ok is false when there was none.
func (m *market) payment(t *rapid.T) (p mpesa.Payment, ok bool) {
	for age := rapid.IntRange(0, 20).Draw(t, "how many payments ago"); age >= 0 && !ok; age-- {
		p = m.stands(m.lastID - int64(age))
		ok = p.ID != 0
	}
	return p, ok
}

func (m *market) drawPush(t *rapid.T) mpesa.Command {
	s, kind := counterOf(t)
	n := phone(t)
	c := pushed(to(s), from(n), func(c *mpesa.AcceptPush) { c.Type, c.Amount = kind, sum(t) })
	if s == till {
		c.Business = store
	}
	return c
}

func (m *market) drawAnswer(t *rapid.T) mpesa.Command {
	n := phone(t)
	c := &mpesa.AnswerPrompt{Phone: n, PIN: pin(n, "1234")}
	switch rapid.IntRange(0, 5).Draw(t, "0: wrong PIN, 1: cancel") {
	case 0:
		c.PIN = pin(n, "0000")
	case 1:
		c.Entered = mpesa.PressedCancel
	}
	return c
}

func (m *market) drawWalkUp(t *rapid.T) mpesa.Command {
	s, kind := counterOf(t)
	n := phone(t)
	return &mpesa.PayBusiness{Phone: n, Business: s, Type: kind, Amount: sum(t), Reference: "7", PIN: maybePIN(t, n)}
}

// initiated draws what requests by initiators have in common.
func (m *market) initiated(t *rapid.T, p mpesa.Payment) mpesa.Command {
	drawCredential(t, &p)
	p.Details.Originator = rapid.SampledFrom([]string{"", "", "a", "b", "c"}).Draw(t, "OriginatorConversationID")
	return &mpesa.AcceptRequest{Request: p}
}

func drawCredential(t *rapid.T, p *mpesa.Payment) {
	if rapid.IntRange(0, 9).Draw(t, "0: bad credential") == 0 {
		badCredential(p)
	}
}

func (m *market) drawRequest(t *rapid.T) mpesa.Command {
	return m.initiated(t, m.drawPayment(t, rapid.SampledFrom([]mpesa.Shortcode{payBill, bouquet, till}).Draw(t, "initiator")))
}

// drawPayment draws a payment by a business.
func (m *market) drawPayment(t *rapid.T, business mpesa.Shortcode) mpesa.Payment {
	operations := slices.DeleteFunc(mpesa.Operations(), func(op mpesa.Operation) bool { return op.Kind == mpesa.Reversal || !op.Kind.MovesMoney() })
	op := rapid.SampledFrom(operations).Draw(t, "operation")
	p := asking(op.Command, initiator(business), cents(sum(t)))
	switch {
	case op.Kind == mpesa.B2C || op.Kind == mpesa.B2Pochi:
		p.Payee = mpesa.CustomerParty(phone(t))
	case op.Own && rapid.IntRange(0, 9).Draw(t, "0: to another") > 0:
		p.Payee = p.Payer
	case op.Kind == mpesa.B2B:
		p.Payee = shop(t).Party()
	}
	return p
}

func (m *market) drawReversal(t *rapid.T) mpesa.Command {
	original, ok := m.payment(t)
	if list := m.reversible(); len(list) > 0 && rapid.IntRange(0, 4).Draw(t, "0: any payment") > 0 {
		original, ok = rapid.SampledFrom(list).Draw(t, "original"), true
	}
	if !ok {
		return nil
	}
	business, paid := original.Payee.Shortcode()
	if !paid || rapid.IntRange(0, 9).Draw(t, "0: by another") == 0 {
		business = shop(t)
	}
	p := asking(mpesa.TransactionReversal, initiator(business), about(original))
	if rapid.IntRange(0, 9).Draw(t, "0: another amount") == 0 {
		p.Amount = sum(t)
	}
	return m.initiated(t, p)
}

// reversible lists the payments of kinds that can be reversed, those that have been too.
func (m *market) reversible() (list []mpesa.Payment) {
	for id := m.lastID; id > 0 && len(list) < 10; id-- {
		p, there := m.payments[id]
		if !there {
			break
		}
		if p.State == mpesa.Completed && (p.Kind == mpesa.Express || p.Kind == mpesa.C2B || p.Kind == mpesa.B2B || p.Kind == mpesa.B2C || p.Kind == mpesa.B2Pochi) {
			list = append(list, p)
		}
	}
	return list
}

func (m *market) drawQuery(t *rapid.T) mpesa.Command {
	original, ok := m.payment(t)
	p := asking(mpesa.AccountBalance, initiator(shop(t)))
	if ok && !rapid.Bool().Draw(t, "balance") {
		p = asking(mpesa.TransactionStatusQuery, initiator(shop(t)), about(original))
	}
	drawCredential(t, &p)
	return &mpesa.AcceptQuery{Request: mpesatest.QueryOf(p)}
}

// drawDue looks at any payment, due or not, waiting or over: as a queue does that was read anew, or another node.
func (m *market) drawDue(t *rapid.T) mpesa.Command {
	p, ok := m.payment(t)
	if !ok {
		return nil
	}
	return falls(p)
}

func (m *market) drawVerdict(t *rapid.T) mpesa.Command {
	p, ok := m.payment(t)
	id := p.DeliveryID(mpesa.Validation)
	if _, asked := m.deliveries[id]; !ok || !asked {
		return nil
	}
	v := rapid.SampledFrom([]mpesa.Verdict{accepted, accepted, rejected, silent}).Draw(t, "verdict")
	attempt := mpesa.Attempt{At: m.now.UnixMilli()}
	if v.Answered {
		attempt.Status = 200
	}
	return &mpesa.Attempted{Delivery: id, Attempt: attempt, Verdict: &v}
}

// drawDelivery finds a delivery that is no validation.
func (m *market) drawDelivery(t *rapid.T) (id int64, ok bool) {
	p, _ := m.payment(t)
	id = p.ID<<4 | rapid.Int64Range(0, 1).Draw(t, "delivery")
	d, ok := m.deliveries[id]
	return id, ok && d.Kind != mpesa.Validation
}

func (m *market) drawAttempt(t *rapid.T) mpesa.Command {
	id, ok := m.drawDelivery(t)
	if !ok {
		return nil
	}
	return &mpesa.Attempted{Delivery: id, Attempt: mpesa.Attempt{At: m.now.UnixMilli(), Status: rapid.SampledFrom([]int{0, 200, 500}).Draw(t, "status")}}
}

func (m *market) drawResend(t *rapid.T) mpesa.Command {
	id, ok := m.drawDelivery(t)
	if !ok {
		return nil
	}
	return &mpesa.Resend{Delivery: id}
}

func (m *market) drawPortal(t *rapid.T) mpesa.Command {
	s := shop(t)
	switch rapid.IntRange(0, 5).Draw(t, "0: move, 1: withdraw, 2: deposit") {
	case 0:
		return &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: s}}, Asked: mpesa.MoveTask(s, rapid.SampledFrom(mpesa.OwnRoutes()).Draw(t, "route"), sum(t))}
	case 1:
		return &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: s}}, Asked: mpesa.WithdrawalTask(s, sum(t))}
	case 2:
		return &portal.DepositFromBank{Business: s, To: rapid.SampledFrom(mpesa.DepositAccounts()).Draw(t, "account"), Amount: sum(t)}
	default:
		return &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: s}}, Asked: mpesa.SettlementTask(s)}
	}
}

func (m *market) drawCash(t *rapid.T) mpesa.Command {
	n, amount := phone(t), sum(t)
	switch rapid.IntRange(0, 3).Draw(t, "0: deposit, 1: withdraw, 2: send") {
	case 0:
		return &mpesa.DepositCash{Phone: n, Amount: amount}
	case 1:
		return &mpesa.WithdrawCash{Phone: n, Amount: amount, PIN: maybePIN(t, n)}
	case 2:
		return &mpesa.SendToCustomer{Phone: n, To: phone(t), Pochi: rapid.Bool().Draw(t, "Pochi"), Amount: amount, PIN: maybePIN(t, n)}
	default:
		return &mpesa.EmptyPochi{Phone: n, Amount: amount, PIN: maybePIN(t, n)}
	}
}

func (m *market) drawCheckout(t *rapid.T) mpesa.Command {
	return &mpesa.AcceptCheckout{From: shop(t), To: shop(t), Amount: sum(t), CallBackURL: "http://merchant.example/checkout", Reference: "7", Partner: "Vendor", RequestID: "r"}
}

func (m *market) drawOrder(t *rapid.T) mpesa.Command {
	s, kind := counterOf(t)
	today := time.Date(m.now.Year(), m.now.Month(), m.now.Day(), 0, 0, 0, 0, clock.EAT)
	first := today.AddDate(0, 0, rapid.IntRange(0, 2).Draw(t, "first day"))
	return &mpesa.AcceptOrder{Business: s, Phone: phone(t), Type: kind, Amount: sum(t), CallBackURL: "http://merchant.example/order", Reference: "7", Schedule: mpesa.Schedule{
		Name: rapid.SampledFrom([]string{"rent", "water", "power"}).Draw(t, "name"), Frequency: mpesa.Frequency(rapid.IntRange(1, 4).Draw(t, "frequency")),
		First: first.UnixMilli(), Last: first.AddDate(0, 0, rapid.IntRange(0, 8).Draw(t, "days")).UnixMilli(),
	}}
}

func (m *market) drawPhone(t *rapid.T) mpesa.Command {
	c := &mpesa.PutPhone{Phone: phone(t)}
	switch rapid.IntRange(0, 5).Draw(t, "0: balance, 1: standing, 2: answers, 3: PIN, 4: hold") {
	case 0:
		c.Balance = ptr(rapid.SampledFrom([]money.Amount{0, 200_00, 100_000_00, 499_999_00, 900_000_00}).Draw(t, "balance"))
	case 1:
		c.Standing = ptr(rapid.SampledFrom(append(mpesa.AllStandings(), mpesa.GoodStanding, mpesa.GoodStanding)).Draw(t, "standing"))
	case 2:
		c.Answers, c.AfterMS = ptr(rapid.SampledFrom(mpesa.AllAnswers()).Draw(t, "answers")), ptr(rapid.Int64Range(-1, 100_000).Draw(t, "after"))
	case 3:
		c.PIN = ptr(pin(c.Phone, "1234"))
	case 4:
		return &mpesa.HoldPhone{Phone: c.Phone, By: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "by"), For: time.Duration(rapid.IntRange(0, 60).Draw(t, "seconds")) * time.Second}
	default:
		c.Unblock, c.Standing = true, ptr(mpesa.GoodStanding)
	}
	return c
}

func (m *market) drawBusiness(t *rapid.T) mpesa.Command {
	var change func(*mpesa.Organisation)
	switch rapid.IntRange(0, 5).Draw(t, "0: standing, 1: fault, 2: validation, 3: URLs, 4: tariffs") {
	case 0:
		standing := rapid.SampledFrom(mpesa.AllOrganisationStandings()).Draw(t, "standing")
		change = func(o *mpesa.Organisation) { o.Standing = standing }
	case 1:
		fault := rapid.SampledFrom(mpesa.AllFaults()).Draw(t, "fault")
		change = func(o *mpesa.Organisation) { o.Fault = fault }
	case 2:
		change = func(o *mpesa.Organisation) { o.Validates = !o.Validates }
	case 3:
		registered := rapid.SampledFrom([]mpesa.C2BURLs{{}, urls(mpesa.ResponseCompleted), urls(mpesa.ResponseCancelled)}).Draw(t, "URLs")
		change = func(o *mpesa.Organisation) { o.URLs = registered }
	case 4:
		tariff := rapid.SampledFrom([]string{"", "mgao", "customer-bouquet", "none"}).Draw(t, "tariff")
		change = func(o *mpesa.Organisation) { o.Tariff, o.Payouts = tariff, tariff }
	default:
		change = func(o *mpesa.Organisation) {
			o.Standing, o.Fault, o.Tariff, o.Payouts = mpesa.Active, mpesa.NoFault, "", ""
		}
	}
	return &portal.ChangeOrganisation{Shortcode: shop(t), Change: func(o *mpesa.Organisation, _ bool) error { change(o); return nil }}
}

func (m *market) drawOperator(t *rapid.T) mpesa.Command {
	wrong := rapid.SampledFrom([]int{0, 0, 4, 5}).Draw(t, "wrong passwords")
	return &portal.ChangeOperator{ID: mpesa.OperatorID{Shortcode: shop(t), Username: testapi}, Change: func(o *mpesa.Operator, _ bool) error {
		o.Password, o.Roles, o.Wrong = "set", mpesa.AllRoles(), wrong
		return nil
	}}
}
