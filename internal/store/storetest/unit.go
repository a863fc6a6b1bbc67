package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

var unitTests = map[string]func(*testing.T, Database){
	"EveryColumnIsKept":                       testEveryColumn,
	"RowsThatAreNotThereAreMissing":           testMissing,
	"LoadingAgainKeepsWhatWasDecided":         testLoadAgain,
	"AUnitThatIsRolledBackChangesNothing":     testRollback,
	"ACommitThatFailsChangesNothing":          testFailedCommit,
	"ACustomerHasOnePromptAtMost":             testOnePrompt,
	"APromptIsOfAnOrderToo":                   testOrdersPrompt,
	"ATransferLeavesTheOpenPromptOpen":        testTransferBesidePrompt,
	"UnitsOfManyRowsAreWrittenWhole":          testManyRows,
	"AUnitWithoutChangesLeavesNothingPending": testEmptyUnit,
	"ReadersReadWhileUnitsAreWritten":         testReadWhileWriting,
	"ACompletedPushKeepsItsDetails":           testKeepsDetails,
	"AnOperatorWhoIsDeletedIsGone":            testDeletedOperator,
}

// everything is a row of each kind with a value in every column, and the same rows with another in each that may change.
func everything() (before, after []any) {
	s := fill(&mpesa.Subscriber{}, 1000)
	a := fill(&mpesa.Account{}, 2000)
	p := fill(&mpesa.Payment{}, 3000)
	d := fill(&mpesa.Delivery{}, 4000)
	o := fill(&mpesa.Operator{}, 4200)
	g := fill(&mpesa.Organisation{}, 4400)
	p.State, d.State = mpesa.Prompting, mpesa.Pending
	x, r, k := fill(&mpesa.App{}, 4600), fill(&portal.BulkRow{}, 4700), fill(&portal.Task{}, 4800)
	k.State, k.Previous, k.PayeePrevious = mpesa.Approving, 0, 0
	q, h, so := fill(&mpesa.Query{}, 4900), fill(&ledger.Hold{}, 5000), fill(&mpesa.Order{}, 5100)
	before = []any{*s, *a, *p, *d, *o, *g, *x, *r, *k, *q, *h, *so}

	s2 := fill(&mpesa.Subscriber{}, 5000)
	a2 := fill(&mpesa.Account{}, 6000)
	p2 := fill(&mpesa.Payment{}, 7000)
	d2 := fill(&mpesa.Delivery{}, 8000)
	o2 := fill(&mpesa.Operator{}, 8200)
	g2 := fill(&mpesa.Organisation{}, 8400)
	s2.MSISDN, a2.ID, o2.Shortcode, o2.Username, g2.Shortcode = s.MSISDN, a.ID, o.Shortcode, o.Username, g.Shortcode
	p2.ID, p2.Kind, p2.Payer, p2.Business, p2.Amount, p2.AcceptedAt = p.ID, p.Kind, p.Payer, p.Business, p.Amount, p.AcceptedAt
	d2.ID, d2.Kind, d2.Owner, d2.URL = d.ID, d.Kind, d.Owner, d.URL
	p2.State, d2.State = mpesa.Failed, mpesa.Delivered
	x2, r2 := fill(&mpesa.App{}, 8600), *r
	x2.Key, r2.Payment = x.Key, 8700
	k2 := fill(&portal.Task{}, 8800)
	k2.Kind, k2.Payer, k2.Payee, k2.Business, k2.Amount, k2.AcceptedAt = k.Kind, k.Payer, k.Payee, k.Business, k.Amount, k.AcceptedAt
	k2.ID, k2.State, k2.Previous, k2.PayeePrevious = k.ID, mpesa.Failed, 0, 0
	q2 := fill(&mpesa.Query{}, 8900)
	q2.ID, q2.Kind, q2.Payer, q2.Payee, q2.Business, q2.Amount, q2.AcceptedAt = q.ID, q.Kind, q.Payer, q.Payee, q.Business, q.Amount, q.AcceptedAt
	so2 := fill(&mpesa.Order{}, 9900)
	so2.ID, so2.Kind, so2.Payer, so2.Payee, so2.Business, so2.Amount, so2.AcceptedAt = so.ID, so.Kind, so.Payer, so.Payee, so.Business, so.Amount, so.AcceptedAt
	h2 := fill(&ledger.Hold{}, 9000)
	h2.ID = h.ID
	return before, []any{*s2, *a2, *p2, *d2, *o2, *g2, *x2, r2, *k2, *q2, *h2, *so2}
}

func testEveryColumn(t *testing.T, s Database) {
	before, after := everything()
	put(t, s, before...)
	hasRows(t, "written", s, before)
	put(t, s, after...)
	hasRows(t, "changed", s, after)
	empty := []any{mpesa.Subscriber{MSISDN: achieng}, mpesa.Account{ID: 1}, mpesa.Payment{Header: mpesa.Header{ID: 1}}, mpesa.Delivery{ID: 1},
		mpesa.Operator{Shortcode: 1}, mpesa.Organisation{Shortcode: 1}, mpesa.App{}, portal.BulkRow{}, portal.Task{}, mpesa.Query{Header: mpesa.Header{ID: 1}}, mpesa.Order{Header: mpesa.Header{ID: 1, Payer: kamau1}}, key{}}
	put(t, s, empty...)
	hasRows(t, "empty", s, empty)

	transfer, token, unique := *fill(&mpesa.Transfer{}, 100), *fill(&mpesa.Token{}, 200), *fill(&key{}, 300)
	put(t, s, transfer, token, unique)
	hasRows(t, "written", s, []any{unique})
	same(t, "transfers", must[[]mpesa.Transfer](t)(s.Transfers(t.Context(), transfer.Payment())), []mpesa.Transfer{transfer})
	message, entry := *fill(&mpesa.Message{}, 400), *fill(&mpesa.AuditEntry{}, 500)
	put(t, s, message, entry)
	same(t, "messages", must[[]mpesa.Message](t)(s.Messages(t.Context(), message.Phone, store.Page{Limit: 2})), []mpesa.Message{message})
	same(t, "audit", must[[]mpesa.AuditEntry](t)(s.Audit(t.Context(), entry.Business, store.Page{Limit: 2})), []mpesa.AuditEntry{entry})
	token.Sole = false // that is not kept, but done
	same(t, "token", must[*mpesa.Token](t)(s.Token(t.Context(), token.Digest)), &token)

	if s.Again != nil { // a store that remembers rows has forgotten them now
		s.Store = s.Again(t)
		hasRows(t, "opened again", s, after)
		hasRows(t, "empty, opened again", s, append(empty, unique))
	}
}

// hasRows compares what readers and units see with what was stored.
func hasRows(t *testing.T, when string, s store.Store, rows []any) {
	t.Helper()
	ctx := t.Context()
	v := load(t, s, keys(rows)...)
	for _, want := range rows {
		name := fmt.Sprintf("%T %s", want, when)
		switch want := want.(type) {
		case mpesa.Subscriber:
			same(t, name+", read", must[*mpesa.Subscriber](t)(store.Get(ctx, s, mpesa.Subscribers, want.MSISDN)), &want)
			same(t, name+", loaded", row(v, mpesa.Subscribers, want.MSISDN), &want)
		case mpesa.Account:
			same(t, name+", read", must[*mpesa.Account](t)(store.Get(ctx, s, mpesa.Accounts, want.ID)), &want)
			same(t, name+", loaded", row(v, mpesa.Accounts, want.ID), &want)
		case ledger.Hold:
			same(t, name+", read", must[[]ledger.Reservation](t)(store.Held(ctx, s, want.ID.Number())), []ledger.Reservation{want.Reservation})
			same(t, name+", loaded", row(v, ledger.Holds, want.ID), &want)
		case mpesa.Payment:
			same(t, name+", read", must[*mpesa.Payment](t)(store.Get(ctx, s, mpesa.Payments, want.ID)), &want)
			same(t, name+", loaded", row(v, mpesa.Payments, want.ID), &want)
		case mpesa.Query:
			same(t, name+", read", must[*mpesa.Query](t)(store.Get(ctx, s, mpesa.Queries, want.ID)), &want)
			same(t, name+", loaded", row(v, mpesa.Queries, want.ID), &want)
		case mpesa.Order:
			same(t, name+", read", must[*mpesa.Order](t)(store.Get(ctx, s, mpesa.Orders, want.ID)), &want)
			same(t, name+", loaded", row(v, mpesa.Orders, want.ID), &want)
		case mpesa.Delivery:
			same(t, name+", read", must[*mpesa.Delivery](t)(store.Get(ctx, s, mpesa.Deliveries, want.ID)), &want)
			same(t, name+", loaded", row(v, mpesa.Deliveries, want.ID), &want)
		case mpesa.Operator:
			same(t, name+", read", must[*mpesa.Operator](t)(store.Get(ctx, s, mpesa.Operators, want.ID())), &want)
			same(t, name+", loaded", row(v, mpesa.Operators, want.ID()), &want)
		case mpesa.Organisation:
			same(t, name+", read", must[*mpesa.Organisation](t)(store.Get(ctx, s, mpesa.Registry, want.Shortcode)), &want)
			same(t, name+", loaded", row(v, mpesa.Registry, want.Shortcode), &want)
		case mpesa.App:
			same(t, name+", read", must[*mpesa.App](t)(store.Get(ctx, s, mpesa.Apps, want.Key)), &want)
			same(t, name+", loaded", row(v, mpesa.Apps, want.Key), &want)
		case portal.BulkRow:
			same(t, name+", read", must[[]portal.BulkRow](t)(s.BulkRows(ctx, want.ID.Bulk, want.ID.Line-1, 1)), []portal.BulkRow{want})
			same(t, name+", loaded", row(v, portal.BulkRows, want.ID), &want)
		case portal.Task:
			same(t, name+", read", must[*portal.Task](t)(store.Get(ctx, s, portal.Tasks, want.ID)), &want)
			same(t, name+", loaded", row(v, portal.Tasks, want.ID), &want)
		case key:
			same(t, name+", read", must[int64](t)(store.Holder(ctx, s, want.IdempotencyKey)), want.Payment)
			same(t, name+", loaded", row(v, mpesa.Idempotency, want.IdempotencyKey), (*mpesa.KeyHolder)(&want))
		}
	}
}

func testMissing(t *testing.T, s Database) {
	clerk, nobody := mpesa.OperatorID{Shortcode: shop, Username: "clerk"}, mpesa.OperatorID{Shortcode: till, Username: "clerk"}
	first, second := mpesa.IdempotencyKey{Owner: shop.Party(), Name: "1"}, mpesa.IdempotencyKey{Owner: shop.Party(), Name: "2"}
	put(t, s, mpesa.Subscriber{MSISDN: achieng}, mpesa.Account{ID: 1}, mpesa.Payment{Header: mpesa.Header{ID: 1, Payer: achieng1}}, mpesa.Delivery{ID: 1},
		mpesa.Operator{Shortcode: shop, Username: "clerk"}, mpesa.Organisation{Shortcode: shop}, key{first, 1})
	v := load(t, s, need(mpesa.Operators, nobody, clerk, nobody), need(mpesa.Registry, till, shop, till), need(mpesa.Idempotency, second, first, second),
		need(mpesa.Subscribers, kamau, achieng, kamau), need(mpesa.Accounts, 2, 1, 2), need(mpesa.Payments, 2, 1, 2), need(mpesa.Deliveries, 2, 1, 2),
		need(mpesa.OpenPrompts, kamau1, achieng1, kamau1))
	for name, there := range map[string][2]bool{
		"subscribers": {row(v, mpesa.Subscribers, achieng) != nil, row(v, mpesa.Subscribers, kamau) != nil},
		"accounts":    {row(v, mpesa.Accounts, 1) != nil, row(v, mpesa.Accounts, 2) != nil},
		"payments":    {row(v, mpesa.Payments, 1) != nil, row(v, mpesa.Payments, 2) != nil},
		"deliveries":  {row(v, mpesa.Deliveries, 1) != nil, row(v, mpesa.Deliveries, 2) != nil},
		"operators":   {row(v, mpesa.Operators, clerk) != nil, row(v, mpesa.Operators, nobody) != nil},
		"registry":    {row(v, mpesa.Registry, shop) != nil, row(v, mpesa.Registry, till) != nil},
		"idempotency": {row(v, mpesa.Idempotency, first) != nil, row(v, mpesa.Idempotency, second) != nil},
	} {
		same(t, name, there, [2]bool{true, false})
	}
	same(t, "open", prompts(v, achieng1, kamau1), []int64{1, 0})
}

func testLoadAgain(t *testing.T, s Database) {
	put(t, s, mpesa.Account{ID: 1, Balance: 1}, mpesa.Account{ID: 2, Balance: 2}, mpesa.Payment{Header: mpesa.Header{ID: 1, Payer: achieng1, DueAt: 7}})
	ctx, v := t.Context(), mpesa.NewView(mpesa.Policy{}, nil)
	u, err := s.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]wish{ // beside those before, which the view goes on wanting
		{need(mpesa.Payments, 1)},
		{need(mpesa.OpenPrompts, achieng1), need(mpesa.Accounts, 2, 1, 3)},
		{},
	} {
		if err := u.Load(ctx, want(v, more...)); err != nil {
			u.Rollback()
			t.Fatal(err)
		}
		mpesa.Payments.Put(v, 1, mpesa.Payment{Header: mpesa.Header{ID: 1, Payer: achieng1, DueAt: 70}})
		if mpesa.Accounts.Loaded(v, 1) {
			mpesa.Accounts.Put(v, 1, mpesa.Account{ID: 1, Balance: 10})
			mpesa.Accounts.Put(v, 3, mpesa.Account{ID: 3, Balance: 30})
		}
	}
	if err := u.Commit(ctx, &v.View); err != nil {
		t.Fatal(err)
	}
	hasRows(t, "committed", s, []any{mpesa.Account{ID: 1, Balance: 10}, mpesa.Account{ID: 2, Balance: 2}, mpesa.Account{ID: 3, Balance: 30},
		mpesa.Payment{Header: mpesa.Header{ID: 1, Payer: achieng1, DueAt: 70}}})
}

func testRollback(t *testing.T, s Database) {
	before, after := everything()
	put(t, s, before...)
	ctx, v := t.Context(), mpesa.NewView(mpesa.Policy{}, nil)
	u, err := s.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Load(ctx, want(v, keys(after)...)); err != nil {
		t.Fatal(err)
	}
	change(v, after)
	u.Rollback()
	hasRows(t, "rolled back", s, before)
	put(t, s, after...) // nothing is locked any more
}

func testFailedCommit(t *testing.T, s Database) {
	before, after := everything()
	taken := mpesa.Transfer{ID: 1, Debit: 1, Credit: 2, Amount: 3}
	put(t, s, append(before, taken)...)
	unique, clerk := key{mpesa.IdempotencyKey{Owner: shop.Party(), Name: "1"}, 9}, mpesa.Operator{Shortcode: shop, Username: "clerk"}
	created := []any{mpesa.Account{ID: 9}, mpesa.Payment{Header: mpesa.Header{ID: 9, Payer: achieng1}}, mpesa.Delivery{ID: 9}, mpesa.Subscriber{MSISDN: achieng},
		unique, clerk, mpesa.Organisation{Shortcode: shop}}
	settings := []any{mpesa.App{Key: "key"}, mpesa.Token{Digest: mpesa.DigestToken("token")}}
	if err := tryPut(t.Context(), s, append(append(append(created, settings...), after...), taken)...); err == nil {
		t.Fatal("a transfer was made twice")
	}
	hasRows(t, "after a failed commit", s, before)
	v := load(t, s, keys(created)...)
	if row(v, mpesa.Accounts, 9) != nil || row(v, mpesa.Payments, 9) != nil || row(v, mpesa.Deliveries, 9) != nil || row(v, mpesa.Subscribers, achieng) != nil {
		t.Error("a failed commit has created rows")
	}
	if row(v, mpesa.Idempotency, unique.IdempotencyKey) != nil || row(v, mpesa.Operators, clerk.ID()) != nil || row(v, mpesa.Registry, shop) != nil {
		t.Error("a failed commit has created rows of an organisation")
	}
	same(t, "app", must[*mpesa.App](t)(store.Get(t.Context(), s, mpesa.Apps, "key")), nil)
	same(t, "organisation", must[*mpesa.Organisation](t)(store.Get(t.Context(), s, mpesa.Registry, shop)), nil)
	same(t, "token", must[*mpesa.Token](t)(s.Token(t.Context(), mpesa.DigestToken("token"))), nil)
	put(t, s, after...)
	hasRows(t, "after the next commit", s, after)
}

func testOnePrompt(t *testing.T, s Database) {
	first := mpesa.Payment{Header: mpesa.Header{ID: 1, Payer: achieng1}}
	put(t, s, first, mpesa.Payment{Header: mpesa.Header{ID: 2, Payer: kamau1}})
	switch err := tryPut(t.Context(), s, mpesa.Payment{Header: mpesa.Header{ID: 3, Payer: achieng1}}); {
	case err == nil:
		t.Error("a customer has two prompts")
	case s.Shared() && !errors.Is(err, store.ErrConflict):
		t.Errorf("%v, want a conflict", err)
	}
	first.State = mpesa.Failed
	put(t, s, first)
	put(t, s, mpesa.Payment{Header: mpesa.Header{ID: 3, Payer: achieng1}})
	v := load(t, s, need(mpesa.OpenPrompts, achieng1, kamau1))
	same(t, "open", prompts(v, achieng1, kamau1), []int64{3, 2})
}

// A prompt is of a payment or of a standing order: whatever it is of is found by the phone, and leaves it when it has been answered.
func testOrdersPrompt(t *testing.T, s Database) {
	order := mpesa.Order{Header: mpesa.Header{ID: 1, Kind: mpesa.StandingOrder, Payer: achieng1}}
	put(t, s, order, mpesa.Payment{Header: mpesa.Header{ID: 2, Payer: kamau1}})
	if err := tryPut(t.Context(), s, mpesa.Order{Header: mpesa.Header{ID: 3, Kind: mpesa.StandingOrder, Payer: achieng1}}); err == nil {
		t.Error("a customer has two prompts")
	}
	v := load(t, s, need(mpesa.OpenPrompts, achieng1, kamau1))
	same(t, "open", prompts(v, achieng1, kamau1), []int64{1, 2})
	order.State = mpesa.Queued
	put(t, s, order)
	v = load(t, s, need(mpesa.OpenPrompts, achieng1, kamau1))
	same(t, "open no more", prompts(v, achieng1, kamau1), []int64{0, 2})
}

// A customer whose balance is set while a prompt is open is the payer of a payment that is final, beside the open one.
func testTransferBesidePrompt(t *testing.T, s Database) {
	put(t, s, mpesa.Payment{Header: mpesa.Header{ID: 1, Payer: achieng1}})
	put(t, s, mpesa.Payment{Header: mpesa.Header{ID: 2, Payer: achieng1, Kind: mpesa.Withdrawal, State: mpesa.Completed}})
	v := load(t, s, need(mpesa.OpenPrompts, achieng1))
	same(t, "open", prompts(v, achieng1), []int64{1})
}

func testManyRows(t *testing.T, s Database) {
	const n = 1200 // more than the engine's units have commands
	var rows []any
	for i := range int64(n) {
		rows = append(rows, mpesa.Subscriber{MSISDN: achieng + msisdn.Number(i)}, mpesa.Account{ID: mpesa.AccountID(i)},
			mpesa.Payment{Header: mpesa.Header{ID: i, Payer: mpesa.Party(i)}}, mpesa.Delivery{ID: i}, mpesa.Operator{Shortcode: mpesa.Shortcode(i % 7), Username: fmt.Sprint(i)},
			mpesa.Organisation{Shortcode: mpesa.Shortcode(i)}, mpesa.Transfer{ID: i, Amount: 1}, key{mpesa.IdempotencyKey{Owner: mpesa.Party(i % 7), Name: fmt.Sprint(i)}, i})
	}
	put(t, s, rows...)
	put(t, s, slices.DeleteFunc(rows, writtenOnce)...) // and once more
	b := must[store.Books](t)(s.Books(t.Context(), store.Evidence{}))
	same(t, "rows", [...]int64{b.Accounts, b.Payments, b.Open, b.Transfers}, [...]int64{n, n, n, n})
}

// writtenOnce reports whether a row never changes.
func writtenOnce(row any) bool {
	switch row.(type) {
	case mpesa.Transfer, key:
		return true
	}
	return false
}

// The details of a push that completes are those that it was accepted with, and are not written again, unless something was added.
func testKeepsDetails(t *testing.T, s Database) {
	accepted, other := *fill(&mpesa.Details{}, 100), *fill(&mpesa.Details{}, 200)
	accepted.Settled, other.Settled, other.ValidatedAt = false, false, 0
	settled, asked := other, other
	settled.Settled, asked.ValidatedAt = true, 1
	for id, test := range []struct {
		kind         mpesa.Kind
		state        mpesa.State
		ending, want mpesa.Details
	}{
		{mpesa.Express, mpesa.Completed, other, accepted},
		{mpesa.Express, mpesa.Completed, settled, settled},
		{mpesa.Express, mpesa.Completed, asked, asked},
		{mpesa.Express, mpesa.Failed, other, other},
		{mpesa.Express, mpesa.Validating, other, other},
		{mpesa.B2C, mpesa.Completed, other, other},
	} {
		p := mpesa.Payment{Header: mpesa.Header{ID: int64(id + 1), Kind: test.kind, State: mpesa.Queued, Payer: achieng1}, Details: accepted}
		put(t, s, p)
		p.State, p.Details = test.state, test.ending
		put(t, s, p)
		got := must[*mpesa.Payment](t)(store.Get(t.Context(), s, mpesa.Payments, p.ID))
		p.Details = test.want
		same(t, fmt.Sprintf("a %s that is %s", p.Kind, p.State), got, &p)
	}
}

func testDeletedOperator(t *testing.T, s Database) {
	clerk, other := mpesa.Operator{Shortcode: shop, Username: "clerk", Wrong: 3}, mpesa.Operator{Shortcode: till, Username: "clerk"}
	remove := func(put bool) {
		t.Helper()
		u, err := s.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer u.Rollback()
		v := mpesa.NewView(mpesa.Policy{}, nil)
		if err := u.Load(t.Context(), want(v, keys([]any{clerk})...)); err != nil {
			t.Fatal(err)
		}
		if put {
			mpesa.Operators.Put(v, clerk.ID(), clerk)
		}
		mpesa.Operators.Delete(v, clerk.ID())
		if err := u.Commit(t.Context(), &v.View); err != nil {
			t.Fatal(err)
		}
	}
	put(t, s, clerk, other)
	remove(false)
	remove(true) // made and deleted at once
	same(t, "read", must[*mpesa.Operator](t)(store.Get(t.Context(), s, mpesa.Operators, clerk.ID())), nil)
	same(t, "list", must[[]mpesa.Operator](t)(s.Operators(t.Context(), shop)), nil)
	same(t, "loaded", row(load(t, s, keys([]any{clerk})...), mpesa.Operators, clerk.ID()), nil)
	hasRows(t, "another one's", s, []any{other})
	put(t, s, mpesa.Operator{Shortcode: shop, Username: "clerk"})
	hasRows(t, "made again", s, []any{mpesa.Operator{Shortcode: shop, Username: "clerk"}})
}

func testEmptyUnit(t *testing.T, s Database) {
	put(t, s, mpesa.Account{ID: 1})
	for range 20 { // more than a pool may have connections
		u, err := s.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		v := mpesa.NewView(mpesa.Policy{}, nil)
		if err := u.Load(t.Context(), want(v, need(mpesa.Accounts, 1))); err != nil {
			t.Fatal(err)
		}
		if err := u.Commit(t.Context(), &v.View); err != nil {
			t.Fatal(err)
		}
		u.Rollback() // after the end it does nothing
	}
}

func testReadWhileWriting(t *testing.T, s Database) {
	put(t, s, paid...)
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if b, err := s.Books(t.Context(), store.Evidence{}); err != nil || b.Sum != 0 {
					t.Errorf("books %+v, %v", b, err)
				}
				if a, err := store.Get(t.Context(), s, mpesa.Accounts, wallet); err != nil || a == nil {
					t.Errorf("account %+v, %v", a, err)
				}
			}
		})
	}
	for n := range money.Amount(200) {
		put(t, s, mpesa.Account{ID: trust, Balance: -n}, mpesa.Account{ID: wallet, Balance: n})
	}
	close(stop)
	readers.Wait()
}
