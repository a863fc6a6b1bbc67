package cases

import (
	"context"
	"fmt"
	"slices"

	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// mostPayments bounds how many payments one look asks for.
const mostPayments = 200

// Look sees which test cases the latest requests of an app have met, but for those that passed tells to have succeeded. Of a case that
// came several times a success counts, and else the latest.
func Look(ctx context.Context, log *journal.Journal, payments store.Reader, app string, passed func(name string) bool) ([]mpesa.TestSeen, error) {
	l := look{payments: payments, found: map[string]mpesa.TestSeen{}}
	l.cases = slices.DeleteFunc(Cases(), func(c Case) bool { return passed(c.Name) })
	var entries []journal.Entry
	log.Entries(0, 0, 1, func(e *journal.Entry) bool {
		if e.App == app && slices.ContainsFunc(l.cases, func(c Case) bool { return c.concerns(e) }) {
			entries = append(entries, *e)
		}
		return false // what would be returned is copied and masked
	})
	for i := range entries {
		if err := l.at(ctx, &entries[i]); err != nil {
			return nil, err
		}
	}
	var seen []mpesa.TestSeen
	for _, c := range l.cases {
		if t, there := l.found[c.Name]; there {
			seen = append(seen, t)
		}
	}
	return seen, nil
}

// look is one look at the log.
type look struct {
	payments store.Reader
	cases    []Case // that are looked for
	found    map[string]mpesa.TestSeen
	asked    int // payments
}

// concerns reports whether a request may have met the case. The answer is decisive unless the case has a result.
func (c *Case) concerns(e *journal.Entry) bool {
	switch {
	case !slices.Contains(c.APIs, e.API):
		return false
	case c.Refusal != nil:
		return e.Code == c.Refusal.Code && e.Cause == apis.Refused(*c.Refusal).State
	case c.Result != "":
		return e.Payment != 0
	}
	return e.Status < 300 && e.Cause == ""
}

// at looks at one request.
func (l *look) at(ctx context.Context, e *journal.Entry) error {
	var outcome *outcome
	for i := range l.cases {
		c := &l.cases[i]
		if l.found[c.Name].OK || !c.concerns(e) {
			continue
		}
		if c.Result == "" {
			l.note(c, e, true, answer(e))
			continue
		}
		if outcome == nil {
			if l.asked++; l.asked > mostPayments {
				return nil
			}
			var err error
			if outcome, err = l.outcomeOf(ctx, e.Payment); err != nil {
				return err
			}
		}
		if outcome.final && outcome.result == string(c.Result) {
			l.note(c, e, outcome.taken, outcome.text)
		}
	}
	return nil
}

func (l *look) note(c *Case, e *journal.Entry, ok bool, text string) {
	if _, there := l.found[c.Name]; there && !ok {
		return // a later one failed too
	}
	l.found[c.Name] = mpesa.TestSeen{Case: c.Name, OK: ok, At: e.At.UnixMilli(), Entry: e.ID, Payment: e.Payment, Note: text}
}

func answer(e *journal.Entry) string {
	if e.Code == "" {
		return fmt.Sprintf("HTTP %d", e.Status)
	}
	return fmt.Sprintf("HTTP %d, %s", e.Status, e.Code)
}

// outcome is what became of a payment, and whether the app's server has heard of it.
type outcome struct {
	final  bool // with its result, and its callback delivered or given up
	result string
	taken  bool // the callback
	text   string
}

func (l *look) outcomeOf(ctx context.Context, id int64) (*outcome, error) {
	x, err := store.Subject(ctx, l.payments, id)
	if err != nil || x == nil || !x.Head().State.Final() {
		return &outcome{}, err
	}
	p := x.Head()
	d, err := store.Get(ctx, l.payments, mpesa.Deliveries, p.DeliveryID(apis.Told(p)))
	if err != nil {
		return nil, err
	}
	o := &outcome{final: true, result: string(p.Result)}
	switch {
	case d == nil:
		o.text = fmt.Sprintf("ResultCode %s, but nobody was told: there is no URL for it", p.Result)
	case d.State == mpesa.Delivered:
		o.taken, o.text = true, fmt.Sprintf("ResultCode %s, and the callback was taken", p.Result)
	case d.State == mpesa.Pending:
		o.final = false
	default:
		o.text = fmt.Sprintf("ResultCode %s, but the callback was not taken: %s", p.Result, refusalOf(d))
	}
	return o, nil
}

// refusalOf says what the merchant's server did with a callback.
func refusalOf(d *mpesa.Delivery) string {
	if len(d.Attempts) == 0 {
		return "it was not sent"
	}
	last := d.Attempts[len(d.Attempts)-1]
	if last.Status == 0 {
		return last.Error
	}
	return fmt.Sprintf("it was answered with HTTP %d", last.Status)
}
