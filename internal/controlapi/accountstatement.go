package controlapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// Statements of organisations' accounts. A page is read along the account's index, however many entries there are. What no index finds
// is looked for in the whole period.
const (
	usualPeriod = 30 // days of a statement when none are given
	scanPage    = 1000
	dayLayout   = time.DateOnly
)

// periodQuery selects an account and a period.
type periodQuery struct {
	inOrganisation
	Account control.AccountWord `query:"account" default:"working" doc:"The account."`
	From    time.Time           `query:"from" is:"day" doc:"The first day, in East Africa Time; thirty days before the last unless it is given."`
	To      time.Time           `query:"to" is:"day" doc:"The last day; today unless it is given."`
}

// searchQuery selects entries.
type searchQuery struct {
	Receipt string        `query:"receipt" doc:"All entries of the payment with this receipt, in any account and period. Of receipt, phone and amount one is taken."`
	Phone   msisdn.Number `query:"phone" is:"msisdn" doc:"Entries of a customer's payments."`
	Amount  money.Amount  `query:"amount" is:"search amount" doc:"Entries of an amount, in shillings."`
	After   string        `query:"after" doc:"What an earlier page gave as next."`
	limited
}

// statementPageQuery selects a page of entries.
type statementPageQuery struct {
	periodQuery
	searchQuery
}

// statementQuery is which entries are asked for.
type statementQuery struct {
	searchQuery
	kind     mpesa.AccountKind
	from, to time.Time // days

	account mpesa.AccountID
	period  store.Period
}

// readStatementQuery completes the query.
func (s *server) readStatementQuery(p *periodQuery, search *searchQuery) (*statementQuery, error) {
	q := &statementQuery{kind: kindOf(p.Account), from: p.From, to: p.To, searchQuery: *search}
	if q.Receipt != "" && (q.Phone != 0 || q.Amount != 0) || q.Phone != 0 && q.Amount != 0 {
		return nil, badParameter.of("receipt", "receipt, phone and amount are looked for one at a time")
	}
	if q.to.IsZero() {
		q.to = midnight(s.Clock.Now())
	}
	if q.from.IsZero() {
		q.from = q.to.AddDate(0, 0, -usualPeriod)
	}
	if q.from.After(q.to) {
		return nil, badParameter.of("to", "it may not be before the first day, %s", q.from.Format(dayLayout))
	}
	q.period = store.Period{From: q.from.UnixMilli(), To: q.to.AddDate(0, 0, 1).UnixMilli() - 1}
	return q, nil
}

// midnight is when a day began in East Africa.
func midnight(t time.Time) time.Time {
	y, m, d := t.In(clock.EAT).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, clock.EAT)
}

// getStatement shows entries of an organisation's account.
func (s *server) getStatement(r *request[statementPageQuery, none]) (*control.Statement, error) {
	q, o, err := s.statementOf(r.Request, &r.Query.periodQuery, &r.Query.searchQuery)
	if err != nil {
		return nil, err
	}
	shown := &control.Statement{Account: q.kind.String(), From: q.from.Format(dayLayout), To: q.to.Format(dayLayout), Page: control.Page[control.StatementEntry]{Items: []control.StatementEntry{}}}
	if shown.Opening, err = s.balanceAt(r.Context(), q.account, q.period.From-1); err != nil {
		return nil, err
	}
	if shown.Closing, err = s.balanceAt(r.Context(), q.account, q.period.To); err != nil {
		return nil, err
	}
	_, err = search(r.Context(), "choose a shorter period", func(ctx context.Context) (none, error) {
		w := s.statementWriter(ctx, o)
		switch {
		case q.Receipt != "":
			return none{}, w.byReceipt(q, shown)
		case q.Phone != 0:
			return none{}, w.byPhone(q, shown)
		}
		return none{}, w.inOrder(q, shown)
	})
	for i := range shown.Items {
		shown.PaidIn += shown.Items[i].PaidIn
		shown.Withdrawn += shown.Items[i].Withdrawn
	}
	return shown, err
}

// statementOf reads whose statement is asked for, by somebody who may see it.
func (s *server) statementOf(r *http.Request, p *periodQuery, search *searchQuery) (*statementQuery, *mpesa.Organisation, error) {
	q, err := s.readStatementQuery(p, search)
	if err != nil {
		return nil, nil, err
	}
	_, o, err := s.seeing(r, portal.ViewMoney, "view statement", q.kind.String())
	if err != nil {
		return nil, nil, err
	}
	q.account = o.Shortcode.Party().Account(q.kind)
	return q, o, nil
}

// balanceAt is what an account held at the end of a millisecond.
func (s *server) balanceAt(ctx context.Context, account mpesa.AccountID, at int64) (control.Amount, error) {
	list, err := s.Store.Entries(ctx, account, store.Period{To: at}, store.Entry{}, 1)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	_, after := sideOf(&list[0], account)
	return after, nil
}

// sideOf gives which of the account's entries a transfer is, and what the account held after it.
func sideOf(t *mpesa.Transfer, account mpesa.AccountID) (number int64, after control.Amount) {
	if t.Credit == account {
		return t.CreditEntry, control.Amount(t.CreditAfter)
	}
	return t.DebitEntry, control.Amount(t.DebitAfter)
}

// inOrder reads a page of entries, of one amount if one is asked for.
func (w *statementWriter) inOrder(q *statementQuery, shown *control.Statement) error {
	before, err := parseEntry(q.After)
	if err != nil {
		return err
	}
	size := q.Limit
	if q.Amount != 0 {
		size = scanPage
	}
	for {
		list, err := w.Store.Entries(w.ctx, q.account, q.period, before, size+1)
		if err != nil {
			return err
		}
		more := len(list) > size
		for i := range list[:min(size, len(list))] {
			t := &list[i]
			entry, _ := sideOf(t, q.account)
			before = store.Entry{At: t.At, Number: entry}
			if q.Amount != 0 && t.Amount != q.Amount {
				continue
			}
			if err := w.add(shown, t, q.account); err != nil {
				return err
			}
			if len(shown.Items) == q.Limit {
				if more || i+1 < len(list) {
					shown.Next = formatEntry(before)
				}
				return nil
			}
		}
		if !more {
			return nil
		}
	}
}

// formatEntry writes where a page goes on.
func formatEntry(e store.Entry) string {
	return strconv.FormatInt(e.At, 10) + "-" + strconv.FormatInt(e.Number, 10)
}

func parseEntry(s string) (e store.Entry, err error) {
	if s == "" {
		return e, nil
	}
	at, n, _ := strings.Cut(s, "-")
	if e.At, err = strconv.ParseInt(at, 10, 64); err == nil {
		e.Number, err = strconv.ParseInt(n, 10, 64)
	}
	if err != nil || e.At < 0 || e.Number < 1 {
		return e, badParameter.of("after", "it has to be what an earlier page gave as next")
	}
	return e, nil
}

// byReceipt finds the entries of one payment, in all the organisation's accounts.
func (w *statementWriter) byReceipt(q *statementQuery, shown *control.Statement) error {
	p, err := w.findPayment(w.ctx, strings.ToUpper(strings.TrimSpace(q.Receipt)))
	if err != nil || p == nil {
		return err
	}
	transfers, err := w.Store.Transfers(w.ctx, p.Head().ID)
	if err != nil {
		return err
	}
	for i := range transfers {
		for _, account := range []mpesa.AccountID{transfers[i].Debit, transfers[i].Credit} {
			if account.Party() == w.own {
				if err := w.add(shown, &transfers[i], account); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// byPhone finds the entries of a customer's payments along the chain of them, the newest first.
func (w *statementWriter) byPhone(q *statementQuery, shown *control.Statement) error {
	customer := mpesa.CustomerParty(q.Phone)
	next, err := w.chainHead(q, customer)
	if err != nil {
		return err
	}
	for next != 0 {
		p, err := store.Get(w.ctx, w.Store, mpesa.Payments, next)
		if err != nil || p == nil || p.FinishedAt < q.period.From && p.State.Final() {
			return err
		}
		if err := w.addThose(q, p, shown); err != nil {
			return err
		}
		if next = p.PreviousOf(customer); len(shown.Items) >= q.Limit {
			if next != 0 {
				shown.Next = inOrder(next)
			}
			return nil
		}
	}
	return nil
}

// chainHead is the payment of a customer's to begin at.
func (w *statementWriter) chainHead(q *statementQuery, customer mpesa.Party) (payment int64, err error) {
	if q.After != "" {
		if payment, err = strconv.ParseInt(q.After, 10, 64); err != nil || payment < 1 {
			return 0, badParameter.of("after", "it has to be what an earlier page gave as next")
		}
		return payment, nil
	}
	wallet, err := store.Get(w.ctx, w.Store, mpesa.Accounts, customer.Account(mpesa.Wallet))
	if err != nil || wallet == nil {
		return 0, err
	}
	return wallet.LastPayment, nil
}

// addThose adds the entries of a payment that are in the account and in the period.
func (w *statementWriter) addThose(q *statementQuery, p *mpesa.Payment, shown *control.Statement) error {
	if p.Payer != w.own && p.Payee != w.own && p.Business.Party() != w.own {
		return nil
	}
	transfers, err := w.Store.Transfers(w.ctx, p.ID)
	for i := range transfers {
		t := &transfers[i]
		if (t.Debit == q.account || t.Credit == q.account) && t.At >= q.period.From && t.At <= q.period.To {
			if err := w.add(shown, t, q.account); err != nil {
				return err
			}
		}
	}
	return err
}
