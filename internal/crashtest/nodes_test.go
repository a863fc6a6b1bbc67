package crashtest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/proctest"
	"github.com/kivuko/kivuko/internal/store"
)

// node is one of several on a database, with a client of its own.
type node struct {
	*proctest.Server
	*door
	control *control.Client
}

// twoNodes starts two nodes on an empty PostgreSQL database at the same moment: both want to make its tables and its world.
func twoNodes(t *testing.T, db string, flags ...string) (a, b *node) {
	t.Helper()
	var nodes [2]*node
	var processes [2]*proctest.Process
	for i := range processes {
		processes[i] = proctest.Run(t, serve(db, flags...))
	}
	for i, p := range processes {
		s, err := proctest.Listening(p)
		if err != nil {
			t.Fatal(err)
		}
		nodes[i] = &node{s, newDoor(t), control.New(s.URL)}
		nodes[i].leads(s.URL)
	}
	return nodes[0], nodes[1]
}

func TestNodesShareCustomersPromptsAndTokens(t *testing.T) {
	t.Parallel()
	db := pgtest.Start(t).Database(t)
	a, b := twoNodes(t, db, "--phones=ask")
	m := newMerchant(t)

	token := a.token(t)
	first := m.mustPush(t, a.door, customer(100))
	if payment, err := b.control.Answer(t.Context(), customer(100).String(), "1234"); err != nil || payment.State != control.Completed {
		t.Errorf("answering %+v on the other node: %+v, %v", first, payment, err)
	}
	a.leads(b.URL) // the client comes to the other node with its token
	m.mustPush(t, a.door, customer(101))
	if now := a.token(t); now != token {
		t.Errorf("the token %s of one node was not good at the other, which gave %s", token, now)
	}
	a.leads(a.URL)

	for n := range 40 {
		m.pushAtOnce(t, a, b, customer(200+n/2)) // every other time the customer is a new one, whom both nodes want to register
	}
	if _, err := a.control.Advance(t.Context(), 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	m.rest(t, db)
	m.checkQueries(t, b.door, m.outcomes(t))
	a.Stop(t)
	b.Stop(t)
	m.audit(t, open(t, db))
}

// pushAtOnce asks a customer on two nodes at the same moment: one prompt opens, and is then cancelled.
func (m *merchant) pushAtOnce(t *testing.T, a, b *node, phone msisdn.Number) {
	t.Helper()
	var refusals [2]string
	var both sync.WaitGroup
	for i, at := range []*node{a, b} {
		both.Go(func() {
			refused, err := m.push(t.Context(), at.door, m.newRequest(phone, 0, 10))
			if err != nil {
				t.Error(err)
			}
			if refused != nil {
				refusals[i] = refused.Code
			}
		})
	}
	both.Wait()
	if refusals != [2]string{"", "500.001.1001"} && refusals != [2]string{"500.001.1001", ""} {
		t.Errorf("%s was asked on two nodes at once, which answered %q", phone, refusals)
	}
	if _, err := b.control.Cancel(t.Context(), phone.String()); err != nil {
		t.Error(err)
	}
}

func TestNodeTakesOverFromOneThatWasKilled(t *testing.T) {
	t.Parallel()
	dice := chance(t)
	db := pgtest.StartWith(t, pgtest.Options{Durable: true}).Database(t)
	a, b := twoNodes(t, db)
	m := newMerchant(t)
	onA, onB := m.startLoad(t, a.door, dice.Uint64()), m.startLoad(t, b.door, dice.Uint64())
	onB.goesOnFor(300 + dice.Int64N(300))
	b.Kill()
	killed := time.Now()
	onB.stop()
	onA.goesOnFor(dice.Int64N(300))
	onA.stop()
	m.rest(t, db)
	t.Logf("everything was taken over %s after the kill", time.Since(killed).Round(time.Second))
	m.checkQueries(t, a.door, m.outcomes(t))
	a.Stop(t)
	m.audit(t, open(t, db))
}

// A queue has 128 connections: with more callbacks waiting than it can deliver within a lease, the lease must be renewed, or else
// the other node would make them too.
func TestSlowMerchantIsCalledOnceByTwoNodes(t *testing.T) {
	t.Parallel()
	db := pgtest.Start(t).Database(t)
	a, b := twoNodes(t, db, "--answer-after=60s", "--callback-timeout=1s")
	m := newMerchant(t)
	m.slow = func(int) time.Duration { return 700 * time.Millisecond }
	var pushing sync.WaitGroup
	for i := range 8 {
		pushing.Go(func() {
			for n := range 200 {
				r := m.newRequest(customer(1000+200*i+n), 0, 5)
				if refused, err := m.push(t.Context(), a.door, r); refused != nil || err != nil {
					t.Errorf("%v, %v", refused, err)
				}
			}
		})
	}
	pushing.Wait()
	if _, err := a.control.Advance(t.Context(), time.Minute); err != nil { // everybody answers at once
		t.Fatal(err)
	}
	m.rest(t, db)
	a.Stop(t)
	b.Stop(t)
	m.mu.Lock()
	defer m.mu.Unlock()
	for n, bodies := range m.bodies {
		if len(bodies) > 1 {
			t.Errorf("the callback of request %d came %d times", n, len(bodies))
		}
	}
	checkAttempts(t, open(t, db))
}

// checkAttempts makes sure that every delivery is on record with one attempt.
func checkAttempts(t *testing.T, s store.Reader) {
	t.Helper()
	list, err := s.Deliveries(t.Context(), 0, nil, store.Page{Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if len(d.Attempts) != 1 {
			t.Errorf("%+v", d)
		}
	}
}

func TestAHundredPayoutsWithOneIDOnTwoNodesPayOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.Start(t).Database(t)
	first, second := twoNodes(t, db)
	b := newBusiness(t)
	doors := []*door{b.open(t, first.URL), b.open(t, second.URL)}
	o := &order{number: 1, kind: mpesa.B2C, phone: customer(100), amount: 50}
	b.orders = append(b.orders, o)

	const times = 100
	answers := make(chan string, times)
	var all sync.WaitGroup
	for i := range times {
		all.Go(func() {
			ack, err := b.post(t.Context(), doors[i%2], o)
			refusal, refused := errors.AsType[*daraja.Error](err)
			switch {
			case refused:
				answers <- refusal.Code
			case err != nil:
				t.Error(err)
			default:
				o.ack, o.acked = ack, true // once, or the answers below are wrong
				answers <- "accepted"
			}
		})
	}
	all.Wait()
	close(answers)
	got := map[string]int{}
	for answer := range answers {
		got[answer]++
	}
	if got["accepted"] != 1 || got["500.002.1001"] != times-1 {
		t.Errorf("a hundred requests with one OriginatorConversationID were answered with %v", got)
	}
	proctest.Await(t, "the result", func() bool { return b.unanswered() == 0 })
	awaitRest(t, db)
	first.Stop(t)
	second.Stop(t)
	b.audit(t, open(t, db))
}
