package storetest

import (
	"strconv"

	"pgregory.net/rapid"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/store"
)

// request has an initiator ask for something, once or, by mistake, several times at once.
func (m *model) request(t *rapid.T) {
	m.accept(t, m.draw(t), rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(t, "times"))
}

// requestAgain sends an earlier request once more, word for word.
func (m *model) requestAgain(t *rapid.T) {
	earlier := map[int64]mpesa.Payment{}
	for _, list := range []map[int64]mpesa.Payment{m.waiting, m.ended} {
		for id, p := range list {
			if p.Kind.Initiated() && !m.isTask(p) && p.Kind != mpesa.Reversal { // whose payee is filled in
				earlier[id] = p
			}
		}
	}
	if len(earlier) == 0 {
		t.Skip("nothing was requested")
	}
	p := some(t, earlier)
	d := p.Details
	m.accept(t, mpesa.Payment{Header: mpesa.Header{Kind: p.Kind, Business: p.Business, Payer: p.Payer, Payee: p.Payee, Amount: p.Amount}, Details: mpesa.Details{
		TransactionType: d.TransactionType, CallBackURL: d.CallBackURL, TimeoutURL: d.TimeoutURL, Originator: d.Originator, Initiator: d.Initiator,
		BadCredential: d.BadCredential, Original: d.Original, OriginalID: d.OriginalID,
	}}, 1)
}

// draw makes up a request.
func (m *model) draw(t *rapid.T) mpesa.Payment {
	kind := rapid.SampledFrom([]mpesa.Kind{mpesa.B2C, mpesa.B2Pochi, mpesa.B2B, mpesa.B2B, mpesa.Tax, mpesa.Reversal, mpesa.Reversal, mpesa.StatusQuery, mpesa.BalanceQuery}).Draw(t, "kind")
	op, _ := mpesa.FindOperation(kind, rapid.SampledFrom(mpesa.Commands(kind)).Draw(t, "command"))
	p := mpesa.Payment{Header: mpesa.Header{Kind: op.Kind, Business: rapid.SampledFrom([]mpesa.Shortcode{m.bill, m.bill, m.other}).Draw(t, "business"), Amount: amount(t)}}
	p.Payer = p.Business.Party()
	p.Details = mpesa.Details{TransactionType: op.Command, CallBackURL: "http://shop/result", TimeoutURL: "http://shop/timeout"}
	p.Details.Initiator = "api"
	if seldom(t, "wrong initiator") {
		p.Details.Initiator = rapid.SampledFrom([]string{"norole", "nobody"}).Draw(t, "initiator")
	}
	if seldom(t, "wrong credential") {
		p.Details.BadCredential = "it is wrong"
	}
	switch op.Kind {
	case mpesa.B2C, mpesa.B2Pochi:
		p.Payee = mpesa.CustomerParty(m.customer(t))
		p.Details.Originator = rapid.SampledFrom([]string{"", "feb-1", "feb-2", "feb-3"}).Draw(t, "originator")
	case mpesa.B2B:
		p.Payee = rapid.SampledFrom([]mpesa.Shortcode{m.bill, m.other, m.till, m.store, 9999}).Draw(t, "receiver").Party()
		switch likely := !seldom(t, "any receiver"); {
		case likely && op.Own:
			p.Payee = p.Payer
		case likely && op.Till:
			p.Payee = m.till.Party()
		case likely:
			p.Payee = (m.bill + m.other - p.Business).Party() // the other one
		}
	case mpesa.Tax:
		p.Payee = mpesa.KRA.Party()
	case mpesa.Reversal, mpesa.StatusQuery:
		m.drawOriginal(t, &p)
	}
	return p
}

// drawOriginal chooses the payment that a request is about, most often one that could be reversed.
func (m *model) drawOriginal(t *rapid.T, p *mpesa.Payment) {
	p.Details.OriginalID = "RECEIPT"
	candidates := map[int64]mpesa.Payment{}
	for id, x := range m.ended {
		if p.Kind == mpesa.StatusQuery || x.Payee == p.Payer && x.State == mpesa.Completed {
			candidates[id] = x
		}
	}
	if len(candidates) == 0 || seldom(t, "any payment") {
		candidates = m.ended
	}
	if len(candidates) == 0 {
		return
	}
	original := some(t, candidates)
	p.Details.Original = original.ID
	if !seldom(t, "another amount") {
		p.Amount = original.Amount
	}
}

// accept sends a request several times at once. With an OriginatorConversationID one of them is accepted, if it is new.
func (m *model) accept(t *rapid.T, request mpesa.Payment, times int) {
	if request.Kind == mpesa.StatusQuery || request.Kind == mpesa.BalanceQuery {
		m.ask(t, mpesatest.QueryOf(request), times)
		return
	}
	var commands []mpesa.Command
	for range times {
		commands = append(commands, &mpesa.AcceptRequest{Request: request})
	}
	m.do(t, commands...)
	want := times
	k := mpesa.IdempotencyKey{Owner: request.Payer, Name: request.Details.Originator}
	if k.Name != "" {
		want = 1
		if m.keys[k] != 0 {
			want = 0
		}
	}
	for _, x := range commands {
		c := x.(*mpesa.AcceptRequest)
		if c.Refused != nil {
			same(t, "refusal", *c.Refused, codes.DuplicateOriginator)
			continue
		}
		want--
		if k.Name != "" {
			m.keys[k] = c.Payment.ID
		}
		m.note(t, c.Payment)
	}
	same(t, "requests that should have been accepted and were not", want, 0)
}

// ask sends a query several times at once.
func (m *model) ask(t *rapid.T, request mpesa.Query, times int) {
	var commands []mpesa.Command
	for range times {
		commands = append(commands, &mpesa.AcceptQuery{Request: request})
	}
	m.do(t, commands...)
	for _, c := range commands {
		m.note(t, mpesatest.PaymentOf(&c.(*mpesa.AcceptQuery).Query))
	}
}

// unlock forgets the wrong credentials of an operator.
func (m *model) unlock(t *rapid.T) {
	put(t, m.Database, mpesa.Operator{Shortcode: m.bill, Username: "api", Password: "set", Roles: mpesa.AllRoles()})
}

// endRequest notes the end of a request: who asked had the right to, and what failed for want of money had none.
func (m *model) endRequest(t *rapid.T, p mpesa.Payment) {
	if p.Details.TimedOut {
		tell(m.told, p.ID, mpesa.QueueTimeout)
		same(t, "result of what waited too long", p.Result, codes.QueueTimedOut)
		return
	}
	if m.isTask(p) {
		m.endTask(t, p)
	} else {
		tell(m.told, p.ID, mpesa.Result)
	}
	if (p.Details.Initiator != "api" || p.Details.BadCredential != "") && p.State == mpesa.Completed && !m.isTask(p) {
		t.Errorf("%q may not do this: %+v", p.Details.Initiator, p)
	}
	op, _ := mpesa.FindOperation(p.Kind, p.Details.TransactionType)
	from, to := p.Payer.Account(op.From), p.Payee.Account(op.To)
	switch p.Kind {
	case mpesa.StatusQuery:
		m.endStatus(t, p)
		return
	case mpesa.BalanceQuery:
		return // its funds are compared as those of all others
	case mpesa.Reversal:
		var ok bool
		if to, from, ok = m.endReversal(t, p); !ok {
			return
		}
	}
	if available := m.available(from); m.alone && (p.State == mpesa.Completed && p.Amount > available || p.Result == codes.InsufficientFunds && p.Amount <= available) {
		t.Errorf("%s had %s before %+v", from, available, p)
	}
	if p.State != mpesa.Completed {
		return
	}
	m.move(from, to, p.Amount)
	m.move(p.Payer.Account(mpesa.ChargesPaid), fees, m.charge(t, op, p))
}

// charge is what an organisation pays for an operation.
func (m *model) charge(t *rapid.T, op mpesa.Operation, p mpesa.Payment) money.Amount {
	if op.Tariff == "" {
		return 0
	}
	_, charge, err := m.rules.Charges(op.Tariff, p.Amount, m.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return charge
}

// endReversal finds the accounts of a reversal's original. ok: the original can be reversed, as far as its parties and its past tell.
func (m *model) endReversal(t *rapid.T, p mpesa.Payment) (debited, credited mpesa.AccountID, ok bool) {
	original, there := m.ended[p.Details.Original]
	op, _ := mpesa.FindOperation(original.Kind, original.Details.TransactionType)
	switch original.Kind {
	case mpesa.Express, mpesa.C2B:
		op.From, op.To = mpesa.Wallet, mpesa.Utility
		if original.Payee == m.till.Party() {
			op.To = mpesa.Merchant
		}
	case mpesa.B2B:
		there = there && !op.Own
	case mpesa.B2C, mpesa.B2Pochi:
		there = there && m.isTask(p)
	default:
		there = false
	}
	ok = there && original.State == mpesa.Completed && (original.Payee == p.Business.Party() || original.Payer == p.Business.Party() && original.Kind != mpesa.B2B) && original.Amount == p.Amount
	by, before := m.reversed[original.ID]
	if m.alone && p.Result == codes.NotReversible && ok || p.Result == codes.AlreadyReversed && !(ok && before) && m.alone || p.State == mpesa.Completed && (!ok || before) {
		t.Errorf("%+v of %+v, which payment %d has reversed", p, original, by)
	}
	if p.State == mpesa.Completed {
		m.reversed[original.ID] = p.ID
		same(t, "who gets it back", p.Payee, original.Payer)
	}
	return original.Payer.Account(op.From), original.Payee.Account(op.To), ok
}

// endStatus compares what a status query found with what the model knows.
func (m *model) endStatus(t *rapid.T, p mpesa.Payment) {
	original, there := m.ended[p.Details.Original]
	if task, is := m.tasks[p.Details.Original]; is && !task.Made() {
		there = false // it has become no payment
	}
	there = there && (original.Payer == p.Payer || original.Payee == p.Payer || original.Business == p.Business)
	switch {
	case p.State == mpesa.Completed && (!there || must[*mpesa.Query](t)(store.Get(t.Context(), m, mpesa.Queries, p.ID)).Found != original.State):
		t.Errorf("%+v found %+v", p, original)
	case p.Result == codes.ReceiptUnknown && there:
		t.Error("payment " + strconv.FormatInt(original.ID, 10) + " was not found")
	}
}
