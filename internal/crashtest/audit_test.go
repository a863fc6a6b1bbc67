package crashtest

import (
	"context"
	"database/sql"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/proctest"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/postgres"
	"github.com/kivuko/kivuko/internal/store/sqlite"
	"github.com/kivuko/kivuko/internal/store/sqlread"
	"github.com/kivuko/kivuko/internal/store/storetest"
	"github.com/kivuko/kivuko/internal/store/tables"
)

// rest waits until every acknowledged request has had its callback, and nothing is open or pending in the database.
func (m *merchant) rest(t *testing.T, db string) {
	t.Helper()
	proctest.Await(t, "the callbacks of all acknowledged requests", func() bool { return m.unanswered() == 0 })
	awaitRest(t, db)
}

// awaitRest waits until nothing is open or pending in the database.
func awaitRest(t *testing.T, db string) {
	t.Helper()
	read := watch(t, db)
	proctest.Await(t, "the end of what nobody heard of", func() bool {
		prompts, err := read.Due(t.Context(), math.MaxInt64, 1)
		if err != nil {
			t.Fatal(err)
		}
		deliveries, err := read.DueDeliveries(t.Context(), math.MaxInt64, 1)
		if err != nil {
			t.Fatal(err)
		}
		return len(prompts)+len(deliveries) == 0
	})
}

// outcomes reads the callbacks by their requests' numbers, and makes sure that those for a request all say the same.
func (m *merchant) outcomes(t *testing.T) map[int]*daraja.STKCallback {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	outcomes, again := map[int]*daraja.STKCallback{}, 0
	for n, bodies := range m.bodies {
		if different := slices.Compact(slices.Clone(bodies)); len(different) > 1 {
			t.Errorf("the callbacks for request %d differ: %q", n, different)
		}
		again += len(bodies) - 1
		callback, err := daraja.ParseSTKCallback([]byte(bodies[0]))
		if err != nil {
			t.Fatalf("the callback for request %d: %v", n, err)
		}
		outcomes[n] = callback
	}
	t.Logf("%d requests, %d acknowledged, %d called back, %d callbacks more than once", len(m.requests), m.acked.Load(), len(outcomes), again)
	return outcomes
}

// checkQueries asks for each acknowledged request and compares with what its callback said.
func (m *merchant) checkQueries(t *testing.T, d *door, outcomes map[int]*daraja.STKCallback) {
	t.Helper()
	work := make(chan *request)
	var clients sync.WaitGroup
	for range 16 {
		clients.Go(func() {
			for r := range work {
				answer, err := d.client.STKQuery(t.Context(), daraja.STKQueryRequest{BusinessShortCode: r.business.String(), CheckoutRequestID: r.ack.CheckoutRequestID})
				called := outcomes[r.number]
				switch {
				case err != nil:
					t.Errorf("the query for request %d: %v", r.number, err)
				case answer.ResultCode != string(called.ResultCode) || answer.MerchantRequestID != r.ack.MerchantRequestID:
					t.Errorf("request %d: the query says %+v, the callback %+v", r.number, answer, called)
				}
			}
		})
	}
	for _, r := range m.acknowledged() {
		if c := outcomes[r.number]; c.CheckoutRequestID != r.ack.CheckoutRequestID || c.MerchantRequestID != r.ack.MerchantRequestID {
			t.Errorf("request %d was acknowledged as %+v, and its callback says %+v", r.number, r.ack, c)
		}
		work <- r
	}
	close(work)
	clients.Wait()
}

// audit reads the database, in which everything has come to rest, and compares it with what the outside was told.
func (m *merchant) audit(t *testing.T, s store.Reader) {
	t.Helper()
	outcomes := m.outcomes(t)
	checkRest(t, s)
	payments := m.payments(t, s)
	for _, r := range m.acknowledged() {
		if payments[r.number] == nil {
			t.Errorf("request %d was acknowledged with %+v and is not there", r.number, r.ack)
		}
	}
	m.compare(t, payments, outcomes)
	checkMoney(t, s, payments, outcomes)
	checkTurns(t, payments)
}

// checkRest makes sure that the books are in order and that every callback was sent.
func checkRest(t *testing.T, s store.Reader) {
	t.Helper()
	books, err := s.Books(t.Context(), store.Evidence{})
	if err != nil {
		t.Fatal(err)
	}
	if books.Open != 0 || !books.Balanced() {
		t.Errorf("the books are not in order: %+v", books)
	}
	pending := mpesa.Pending
	if left, err := s.Deliveries(t.Context(), 0, &pending, store.Page{Limit: 10}); err != nil || len(left) > 0 {
		t.Errorf("pending deliveries at rest: %+v, %v", left, err)
	}
	organisations, err := store.List(t.Context(), s, mpesa.Registry, 0, math.MaxInt32)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range organisations {
		accounts, err := s.Accounts(t.Context(), o.Shortcode.Party())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range accounts {
			if a.Entries > 1 { // of one there is no order, and the books count it
				storetest.CheckStatement(t, s, a)
			}
		}
	}
}

// open opens the database of nodes that have stopped.
func open(t *testing.T, db string) store.Store {
	t.Helper()
	if isPostgres(db) {
		return openPostgres(t, db)
	}
	s, err := sqlite.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// watch reads a database beside the nodes that work on it.
func watch(t *testing.T, db string) store.Reader {
	t.Helper()
	if isPostgres(db) {
		return openPostgres(t, db)
	}
	pool, err := sql.Open("sqlite", "file:"+db+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return sqlread.New(pool, tables.SQLite, sqlread.Limits{})
}

func openPostgres(t *testing.T, db string) store.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func isPostgres(db string) bool { return strings.HasPrefix(db, "postgres:") }

// payments lists the pushes in the database by the numbers of their requests; each has one payment at most.
func (m *merchant) payments(t *testing.T, s store.Reader) map[int]*mpesa.Payment {
	t.Helper()
	found := map[int]*mpesa.Payment{}
	eachPayment(t, s, func(p *mpesa.Payment) {
		u, err := url.Parse(p.Details.CallBackURL)
		if p.Kind != mpesa.Express || err != nil {
			return
		}
		n, err := strconv.Atoi(strings.TrimPrefix(u.Path, "/"))
		if err != nil || n < 1 || n > len(m.requests) {
			t.Fatalf("payment %d belongs to no request: %s", p.ID, p.Details.CallBackURL)
		}
		if twin := found[n]; twin != nil {
			t.Errorf("request %d has two payments, %d and %d", n, p.ID, twin.ID)
		}
		found[n] = p
	})
	return found
}

// eachPayment goes through all payments in the database.
func eachPayment(t *testing.T, s store.Reader, do func(*mpesa.Payment)) {
	t.Helper()
	for page := (store.Page{Limit: 2000}); ; {
		list, err := s.Payments(context.Background(), store.PaymentFilter{}, page)
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			do(&list[i])
			page.Before = list[i].ID
		}
		if len(list) < page.Limit {
			return
		}
	}
}

// compare holds every payment, acknowledged or not, against its callbacks, and the callbacks against the payments.
func (m *merchant) compare(t *testing.T, payments map[int]*mpesa.Payment, outcomes map[int]*daraja.STKCallback) {
	t.Helper()
	receipts := map[string]int{}
	for n, c := range outcomes {
		p, r := payments[n], m.requests[n-1]
		if p == nil {
			t.Errorf("a callback came for request %d, which is not there: %+v", n, c)
			continue
		}
		if string(p.Result) != string(c.ResultCode) || p.Payer != mpesa.CustomerParty(r.phone) || p.Payee != r.receiver.Party() {
			t.Errorf("request %d: the payment is %+v, the callback %+v", n, p, c)
		}
		if !p.State.Final() || p.FinishedAt < p.AcceptedAt || p.DueAt != 0 || (p.State == mpesa.Completed) != (c.Receipt() != "") {
			t.Errorf("request %d: the callback said %+v, and the payment is %+v", n, c, p)
		}
		if c.Receipt() == "" {
			continue
		}
		if twin := receipts[c.Receipt()]; twin != 0 {
			t.Errorf("requests %d and %d have the receipt %s", n, twin, c.Receipt())
		}
		receipts[c.Receipt()] = n
		if cents, _ := c.Amount(); money.Amount(cents) != p.Amount || p.Amount != money.Shillings(r.amount) {
			t.Errorf("request %d over %d: the callback says %+v, the payment is %+v", n, r.amount, c, p)
		}
	}
	for n, p := range payments {
		if _, called := outcomes[n]; !called {
			t.Errorf("request %d has the payment %+v and no callback", n, p)
		}
	}
}

// checkMoney adds up what the callbacks told of, for each customer and each organisation, and compares with the transfers
// and the wallets.
func checkMoney(t *testing.T, s store.Reader, payments map[int]*mpesa.Payment, outcomes map[int]*daraja.STKCallback) {
	t.Helper()
	told, moved, left := map[mpesa.Party]money.Amount{}, map[mpesa.Party]money.Amount{}, map[mpesa.Party]money.Amount{}
	for n, p := range payments {
		if c := outcomes[n]; c != nil {
			cents, _ := c.Amount()
			told[p.Payer] += money.Amount(cents)
			told[p.Payee] += money.Amount(cents)
		}
		transfers, err := s.Transfers(context.Background(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if (len(transfers) > 0) != (p.State == mpesa.Completed) {
			t.Errorf("payment %+v has the transfers %+v", p, transfers)
		}
		for _, x := range transfers {
			if x.Kind == mpesa.Principal {
				moved[x.Debit.Party()] += x.Amount
				moved[x.Credit.Party()] += x.Amount
			}
			left[x.Debit.Party()] -= x.Amount
		}
	}
	for party, amount := range told {
		if moved[party] != amount {
			t.Errorf("the callbacks told of %s for %s, and %s moved", amount, party, moved[party])
		}
		if phone, ok := party.Phone(); ok && amount > 0 {
			wallet, err := store.Get(context.Background(), s, mpesa.Accounts, mpesa.CustomerParty(phone).Account(mpesa.Wallet))
			if err != nil || wallet == nil || wallet.Balance != opening+left[party] {
				t.Errorf("%s began with %s, paid %s and has %+v (%v)", phone, opening, -left[party], wallet, err)
			}
		}
	}
}

// opening is what every customer who pays anything begins with.
const opening = 100_000 * money.Shilling

// checkTurns makes sure that no phone had two prompts at a time.
func checkTurns(t *testing.T, payments map[int]*mpesa.Payment) {
	t.Helper()
	turns := map[mpesa.Party][]*mpesa.Payment{}
	for _, p := range payments {
		turns[p.Payer] = append(turns[p.Payer], p)
	}
	for payer, list := range turns {
		slices.SortFunc(list, func(a, b *mpesa.Payment) int { return int(a.AcceptedAt - b.AcceptedAt) })
		for i, p := range list[1:] {
			if before := list[i]; p.AcceptedAt < before.FinishedAt {
				t.Errorf("%s had two prompts at a time: %+v and %+v", payer, before, p)
			}
		}
	}
}
