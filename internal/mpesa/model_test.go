package mpesa_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// The rules hold under any order of events: rapid has customers, businesses, their servers, operators and the clock do whatever comes
// to its mind, by itself and several things in one unit of work, and checks after each step what must always be so
// (model_checks_test.go).
func TestTheBooksAreRightWhateverHappens(t *testing.T) {
	ends := map[mpesa.Kind]map[codes.Result]int{}
	rapid.Check(t, func(t *rapid.T) {
		m := newMarket(t)
		for range days {
			t.Repeat(map[string]func(*rapid.T){
				"":                m.check,
				"one thing":       m.oneThing,
				"several at once": m.severalAtOnce,
				"run the queue":   m.runQueue,
				"let time pass":   m.letTimePass,
				"restart":         m.restart,
			})
		}
		m.letEverythingEnd(t)
		for _, p := range m.all() {
			if ends[p.Kind] == nil {
				ends[p.Kind] = map[codes.Result]int{}
			}
			ends[p.Kind][p.Result]++
		}
	})
	for kind := mpesa.Express; kind <= mpesa.Bulk; kind++ {
		t.Logf("%-10s %v", kind, ends[kind])
	}
}

// days is how often a run goes on for as many steps as rapid usually takes.
const days = 3

// market is a world that rapid plays with.
type market struct {
	*bench
	asked map[mpesa.IdempotencyKey]bool // OriginatorConversationIDs that were used
}

func newMarket(t *rapid.T) *market {
	m := &market{bench: newOffice(t), asked: map[mpesa.IdempotencyKey]bool{}}
	m.staff(payBill)
	m.staff(till)
	m.policy.RegisterUnknown = rapid.Bool().Draw(t, "unknown numbers are registered")
	m.policy.Answers = rapid.SampledFrom(mpesa.AllAnswers()).Draw(t, "phones answer by themselves")
	m.policy.Retries = map[mpesa.DeliveryKind][]time.Duration{mpesa.Result: {time.Minute}, mpesa.Confirmation: {time.Second, time.Minute}}
	for _, s := range shops {
		if rapid.Bool().Draw(t, "registers URLs") {
			m.register(s, rapid.SampledFrom([]string{mpesa.ResponseCompleted, mpesa.ResponseCancelled}).Draw(t, "without an answer"))
			validates, owner := rapid.Bool().Draw(t, "validates"), rapid.SampledFrom(phones).Draw(t, "owner")
			m.change(s, func(o *mpesa.Organisation) { o.Validates, o.Owner = validates, owner })
		}
	}
	m.organisations[payBill].Moves = "b2b-2017"
	return m
}

// draw draws one of the things that can happen, by how often each should; nil where it can't happen yet.
func (m *market) draw(t *rapid.T) mpesa.Command {
	things := []struct {
		often int
		draw  func(*rapid.T) mpesa.Command
	}{
		{4, m.drawPush}, {6, m.drawAnswer}, {4, m.drawWalkUp}, {10, m.drawRequest}, {6, m.drawReversal}, {2, m.drawQuery},
		{8, m.drawDue}, {6, m.drawVerdict}, {3, m.drawAttempt}, {1, m.drawResend},
		{3, m.drawPortal}, {8, m.drawTask}, {8, m.drawDecision}, {4, m.drawCash}, {2, m.drawCheckout}, {2, m.drawOrder}, {3, m.drawBulk},
		{3, m.drawPhone}, {2, m.drawBusiness}, {1, m.drawOperator},
	}
	all := 0
	for _, x := range things {
		all += x.often
	}
	n := rapid.IntRange(0, all-1).Draw(t, "what happens")
	i := 0
	for ; n >= things[i].often; i++ {
		n -= things[i].often
	}
	return things[i].draw(t)
}

// letTimePass moves the clock as an outage does: what falls due meanwhile finds nobody who looks.
func (m *market) letTimePass(t *rapid.T) { m.advance(someTime(t)) }

// runQueue lets time pass in which everything that waits is looked at when it is due.
func (m *market) runQueue(t *rapid.T) { m.runUntil(t, m.now.Add(someTime(t))) }

// restart looks at everything that waits, due or not, in any order and at each payment twice: at all of it in one unit of work, or at
// one after the other.
func (m *market) restart(t *rapid.T) {
	var unit []mpesa.Command
	for _, p := range rapid.Permutation(m.waiting()).Draw(t, "order") {
		unit = append(unit, falls(p))
	}
	unit = append(unit, unit...)
	if rapid.Bool().Draw(t, "in one unit") {
		m.carryOut(t, unit...)
		return
	}
	for _, c := range unit {
		m.carryOut(t, c)
	}
}

func (m *market) runUntil(t *rapid.T, end time.Time) {
	for range 1000 {
		p, ok := m.next()
		if !ok || p.DueAt > end.UnixMilli() {
			m.now = end
			return
		}
		if now := m.due(p); reflect.DeepEqual(now, p) {
			t.Fatalf("payment %d was due and stays as it was: %+v", p.ID, now)
		}
	}
	t.Fatalf("until %s this is due and doesn't end: %+v", end, m.waiting())
}

func someTime(t *rapid.T) time.Duration {
	return rapid.SampledFrom([]time.Duration{time.Millisecond, 50 * time.Millisecond, time.Second, 10 * time.Second, time.Minute, 90 * time.Second,
		2 * time.Minute, time.Hour, 13 * time.Hour, 24 * time.Hour}).Draw(t, "time")
}

func (m *market) oneThing(t *rapid.T) { m.carryOut(t, m.draw(t)) }

// severalAtOnce has several things happen in one unit of work.
func (m *market) severalAtOnce(t *rapid.T) {
	var unit []mpesa.Command
	for range rapid.IntRange(2, 8).Draw(t, "things") {
		unit = append(unit, m.draw(t))
	}
	m.carryOut(t, unit...)
}

// carryOut carries out commands in one unit of work.
func (m *market) carryOut(t *rapid.T, unit ...mpesa.Command) {
	unit = slices.DeleteFunc(slices.Clone(unit), func(c mpesa.Command) bool { return c == nil })
	m.run(unit...)
	for _, c := range unit {
		if request, ok := c.(*mpesa.AcceptRequest); ok {
			m.checkAccepted(t, request)
		}
	}
}

// letEverythingEnd moves the clock until nothing waits any more: nothing waits for good.
func (m *market) letEverythingEnd(t *rapid.T) {
	m.runUntil(t, m.now.AddDate(0, 0, 30))
	if waiting := m.waiting(); len(waiting) > 0 {
		t.Fatalf("a month later this waits: %+v", waiting)
	}
	m.check(t)
}

// next is the payment that is due first.
func (m *market) next() (next mpesa.Payment, ok bool) {
	for _, p := range m.waiting() {
		if !ok || p.DueAt < next.DueAt {
			next, ok = p, true
		}
	}
	return next, ok
}

// waiting lists the payments that are not over, the oldest first.
func (m *market) waiting() (list []mpesa.Payment) {
	for _, p := range m.all() {
		if !p.State.Final() {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(p, q mpesa.Payment) int { return int(p.ID - q.ID) })
	return list
}
