package storetest

import (
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/unit"
)

var sharedTests = map[string]func(*testing.T, Database){
	"UnitsBesideEachOtherLoseNoUpdate":      testNoLostUpdate,
	"ACustomerWhoIsNewToTwoNodesIsMadeOnce": testNewToTwoNodes,
	"WhatOneUnitHasLoadedOthersWaitFor":     testLocked,
	"ASoleTokenIsSoleWhoeverIssuesIt":       testSoleAcrossNodes,
	"AllUnitsLockRowsInOneOrder":            testLockOrder,
	"WhatIsLookedAtIsNotLocked":             testLook,
	"NoLoadDeadlocks":                       testLoads,
}

// nodes are the stores of all nodes that may work on the database: two, or one.
func nodes(t *testing.T, s Database) []store.Store {
	if s.Shared() && s.Again != nil {
		return []store.Store{s.Store, s.Again(t)}
	}
	return []store.Store{s.Store}
}

// start runs an engine on the store until the test ends.
func start(tb testing.TB, s store.Store, c *manualClock) *engine.Engine {
	e := engine.New(engine.Options{Store: s, Clock: c, Policy: policy(tb), Log: slog.New(slog.DiscardHandler)})
	lifecycletest.Run(tb, e)
	return e
}

// manualClock stands still until it is moved.
type manualClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *manualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *manualClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// deposit is a command that pays an amount from the trust account to each of some others.
type deposit struct {
	to     []mpesa.AccountID
	amount money.Amount
}

func (c deposit) Need(v *mpesa.View) {
	for _, id := range append(c.to, trust) {
		mpesa.Accounts.Need(v, id)
	}
}

func (c deposit) Decide(v *mpesa.View, now time.Time) {
	var postings []mpesa.Posting
	for _, id := range c.to {
		postings = append(postings, mpesa.Posting{Debit: trust, Credit: id, Amount: c.amount})
	}
	v.Transfer(mpesa.Deposit, mpesa.Provider, achieng1, "test", postings, now)
}

func testNoLostUpdate(t *testing.T, s Database) {
	accounts := []mpesa.AccountID{wallet, kamau1.Account(mpesa.Wallet), shop.Party().Account(mpesa.Utility)}
	const senders, times = 4, 25
	stores := nodes(t, s)
	var all sync.WaitGroup
	for i, node := range stores {
		e := start(t, node, &manualClock{now: noon})
		for sender := range senders {
			all.Go(func() {
				for n := range times {
					if err := e.Do(t.Context(), deposit{[]mpesa.AccountID{accounts[(i+sender+n)%3], accounts[(i+sender+n+1)%3]}, money.Shilling}); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	deposits := int64(len(stores) * senders * times)
	same(t, "books", must[store.Books](t)(s.Books(t.Context(), store.Evidence{})), store.Books{Accounts: 4, Transfers: 2 * deposits, Payments: deposits})
	same(t, "trust", must[*mpesa.Account](t)(store.Get(t.Context(), s, mpesa.Accounts, trust)).Balance, money.Shillings(-2*deposits))
	CheckStatement(t, s, *must[*mpesa.Account](t)(store.Get(t.Context(), s, mpesa.Accounts, shopUtility)))
}

func testNewToTwoNodes(t *testing.T, s Database) {
	put(t, s, mpesa.Organisation{Shortcode: shop, Name: "Duka", Kind: mpesa.PayBill})
	const customers = 20
	var all sync.WaitGroup
	for _, node := range nodes(t, s) {
		e := start(t, node, &manualClock{now: noon})
		for i := range customers {
			all.Go(func() {
				push := &mpesa.AcceptPush{Business: shop, Receiver: shop, Phone: achieng + msisdn.Number(i), PartyA: achieng + msisdn.Number(i),
					Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(10)}
				if err := e.Do(t.Context(), push); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	b := must[store.Books](t)(s.Books(t.Context(), store.Evidence{}))
	same(t, "books", b, store.Books{Accounts: customers + 1, Transfers: customers, Payments: 2 * customers, Open: customers})
}

func testLocked(t *testing.T, s Database) {
	if !s.Shared() {
		t.Skip("the engine sends such a store one unit at a time")
	}
	put(t, s, mpesa.Account{ID: 1, Balance: 1})
	ctx := t.Context()
	first := mpesa.NewView(mpesa.Policy{}, nil)
	u, err := s.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Load(ctx, want(first, need(mpesa.Accounts, 1))); err != nil {
		t.Fatal(err)
	}
	seen := make(chan money.Amount)
	other := s.Again(t)
	go func() { seen <- row(load(t, other, need(mpesa.Accounts, 1)), mpesa.Accounts, 1).Balance }()
	mpesa.Accounts.Put(first, 1, mpesa.Account{ID: 1, Balance: 2})
	if err := u.Commit(ctx, &first.View); err != nil {
		t.Fatal(err)
	}
	same(t, "balance as the second unit sees it", <-seen, 2)
}

func testSoleAcrossNodes(t *testing.T, s Database) {
	put(t, s, mpesa.App{Key: "ours"})
	stores := nodes(t, s)
	var all sync.WaitGroup
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	for i, name := range names {
		if !s.Shared() {
			put(t, s, mpesa.Token{Digest: mpesa.DigestToken(name), App: "ours", Expires: 9, Sole: true})
			continue
		}
		all.Go(func() {
			if err := tryPut(t.Context(), stores[i%len(stores)], mpesa.Token{Digest: mpesa.DigestToken(name), App: "ours", Expires: 9, Sole: true}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	held := 0
	for _, name := range names {
		if must[*mpesa.Token](t)(s.Token(t.Context(), mpesa.DigestToken(name))) != nil {
			held++
		}
	}
	same(t, "tokens that hold", held, 1)
}

// inOrder are rows of each table that units lock, in the order in which they lock them.
var inOrder = []struct {
	table string
	row   wish
}{
	{mpesa.Registry.Name, need(mpesa.Registry, shop)},
	{mpesa.Apps.Name, need(mpesa.Apps, "ours")},
	{mpesa.Operators.Name, need(mpesa.Operators, mpesa.OperatorID{Shortcode: shop, Username: "clerk"})},
	{mpesa.Subscribers.Name, need(mpesa.Subscribers, achieng)},
	{portal.Tasks.Name, need(portal.Tasks, 1)},
	{mpesa.Payments.Name, need(mpesa.Payments, 1)},
	{mpesa.Queries.Name, need(mpesa.Queries, 1)},
	{mpesa.Orders.Name, need(mpesa.Orders, 1)},
	{portal.BulkRows.Name, need(portal.BulkRows, portal.BulkRowID{Bulk: 1, Line: 1})},
	{mpesa.Deliveries.Name, need(mpesa.Deliveries, 16)},
	{ledger.Holds.Name, need(ledger.Holds, 16)},
	{mpesa.Accounts.Name, need(mpesa.Accounts, 1)},
	{store.Chains.Name, need(store.Chains, 1)},
}

// unlocked are the tables whose rows are read without a lock, or are only added.
var unlocked = []string{mpesa.Idempotency.Name, mpesa.OpenPrompts.Name, mpesa.Organisations.Name, mpesa.Transfers.Name, mpesa.Tokens.Name, mpesa.Audit.Name,
	mpesa.Messages.Name, store.Links.Name, store.Anchors.Name}

// A unit that waits for a row holds only rows that come before it in the one order of all units: that is why they never wait for each
// other in a circle. It is tried with each pair of tables.
func testLockOrder(t *testing.T, s Database) {
	if !s.Shared() {
		t.Skip("the engine sends such a store one unit at a time")
	}
	try := func(second wish, first ...wish) error {
		u := must[store.Unit](t)(s.Begin(t.Context()))
		defer u.Rollback()
		v := mpesa.NewView(mpesa.Policy{}, nil)
		if err := u.Load(t.Context(), want(v, first...)); err != nil {
			t.Fatal(err)
		}
		if err := u.Load(t.Context(), &v.View); err != nil { // nothing new
			t.Error(err)
		}
		return u.Load(t.Context(), want(v, second))
	}
	all, tables := []wish{}, slices.Clone(unlocked)
	for i, a := range inOrder {
		all, tables = append(all, a.row), append(tables, a.table)
		for j, b := range inOrder {
			switch err := try(b.row, a.row); {
			case i < j && err != nil:
				t.Errorf("%s after %s: %v", b.table, a.table, err)
			case i > j && !errors.Is(err, store.ErrOrder):
				t.Errorf("%s after %s: %v, want ErrOrder", b.table, a.table, err)
			}
		}
	}
	if err := try(need(mpesa.Accounts, 1), need(mpesa.Accounts, 2)); !errors.Is(err, store.ErrOrder) {
		t.Errorf("an account after another one: %v, want ErrOrder", err)
	}
	for _, free := range []wish{need(mpesa.Idempotency, originator("1")), need(mpesa.OpenPrompts, achieng1)} {
		if err := try(free, all...); err != nil {
			t.Errorf("what is read without a lock: %v", err)
		}
	}
	same(t, "tables: each is locked in its place, or is read without a lock", slices.Sorted(slices.Values(tables)), slices.Sorted(slices.Values(unit.Names())))
}

// A unit that looks at a row waits for nobody, and keeps nobody waiting.
func testLook(t *testing.T, s Database) {
	if !s.Shared() {
		t.Skip("the engine sends such a store one unit at a time")
	}
	put(t, s, mpesa.Account{ID: 1, Balance: 1}, mpesa.Payment{Header: mpesa.Header{ID: 1, Payer: achieng1, DueAt: 7}},
		mpesa.Order{Header: mpesa.Header{ID: 2, Payer: achieng1 + 1}})
	ctx := t.Context()
	wishes := []wish{lead(mpesa.Accounts, 1, 2), lead(mpesa.OpenPrompts, achieng1, achieng1+1, kamau1)}
	holder, looker := must[store.Unit](t)(s.Begin(ctx)), must[store.Unit](t)(s.Begin(ctx))
	defer looker.Rollback()
	held, seen := mpesa.NewView(mpesa.Policy{}, nil), mpesa.NewView(mpesa.Policy{}, nil)
	if err := holder.Load(ctx, want(held, wishes...)); err != nil {
		t.Fatal(err)
	}
	mpesa.Accounts.Put(held, 1, mpesa.Account{ID: 1, Balance: 2})
	if err := looker.Look(ctx, want(seen, wishes...)); err != nil {
		t.Error(err)
	}
	same(t, "account", row(seen, mpesa.Accounts, 1), &mpesa.Account{ID: 1, Balance: 1})
	same(t, "no account", row(seen, mpesa.Accounts, 2), nil)
	same(t, "open", prompts(seen, achieng1, achieng1+1, kamau1), []int64{1, 2, 0})
	same(t, "order whose prompt is open", row(seen, mpesa.Orders, 2), &mpesa.Order{Header: mpesa.Header{ID: 2, Payer: achieng1 + 1}})
	same(t, "payment whose prompt is open", row(seen, mpesa.Payments, 1), &mpesa.Payment{Header: mpesa.Header{ID: 1, Payer: achieng1, DueAt: 7}})
	if err := holder.Commit(ctx, &held.View); err != nil {
		t.Fatal(err)
	}
	seen.Reset()
	if err := looker.Load(ctx, want(seen, wishes...)); err != nil {
		t.Fatal(err)
	}
	same(t, "account, loaded", row(seen, mpesa.Accounts, 1).Balance, 2)
	same(t, "payment of which only the number was asked for", mpesa.Payments.Loaded(seen, 1), false)
}
