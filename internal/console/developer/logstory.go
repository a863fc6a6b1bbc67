package developer

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/outcome"
)

// story is all that is known of a request: itself, the payment that came of it, what was answered on the phone, and the callbacks.
type story struct {
	Entry    *control.Entry   // nil where a payment's story is told
	Payment  *control.Payment // nil where there is none
	Requests []control.Entry  // about the payment that the journal still has, oldest first
	Steps    []step
	App      string // name of the app that asked
}

// step is something that happened to a payment.
type step struct {
	At    control.Time
	Title string
	Tone  string // class of its badge: "good", "bad", "wait" or ""
	Text  string
	Fix   string
	Phone string // who was asked
	Body  any    // of a callback

	Callback *control.Callback
}

func paymentPath(id int64) string { return "/developer/payments/" + strconv.FormatInt(id, 10) }

// showEntry tells a request's whole story.
func showEntry(q *page.Request) error {
	var e control.Entry
	if err := q.Call(http.MethodGet, "journal/"+q.Value("id"), nil, &e); err != nil {
		return err
	}
	s := &story{Entry: &e, App: e.App}
	if e.App != "" {
		if app, err := q.API().App(q.HTTP.Context(), e.App); err == nil { // it may have been deleted since
			s.App = app.Name
		}
	}
	if e.Payment != 0 {
		if err := s.tell(q, strconv.FormatInt(e.Payment, 10)); err != nil {
			return err
		}
	}
	return q.Show("entry", s)
}

// showPayment tells a payment's whole story, by any of its identifiers.
func showPayment(q *page.Request) error {
	s := &story{}
	if err := s.tell(q, q.Value("id")); err != nil {
		return err
	}
	return q.Show("payment", s)
}

// tell reads what is known of a payment.
func (s *story) tell(q *page.Request, id string) error {
	ctx := q.HTTP.Context()
	p, err := q.API().Payment(ctx, id)
	if err != nil {
		return err
	}
	s.Payment = p
	list, err := q.API().Journal(ctx, control.JournalFilter{Payment: p.ID, Limit: rows})
	if err != nil {
		return err
	}
	slices.Reverse(list.Items)
	s.Requests = list.Items
	s.Steps = steps(p)
	for i := range p.Callbacks {
		c := &p.Callbacks[i]
		full, err := q.API().Callback(ctx, c.ID)
		if err != nil {
			return err
		}
		s.Steps = append(s.Steps, called(full)...)
	}
	slices.SortStableFunc(s.Steps, func(a, b step) int { return cmp.Compare(a.At.UnixMilli(), b.At.UnixMilli()) })
	return nil
}

// steps are what happened to a payment besides its callbacks.
func steps(p *control.Payment) []step {
	accepted := step{At: p.AcceptedAt, Title: "Accepted", Text: "from " + p.Payer + " to " + p.Payee}
	switch p.Kind {
	case "stkpush", "b2bexpress", "ratiba":
		accepted.Title, accepted.Phone, accepted.Text = "Prompt sent", p.Payer, ""
	}
	came := outcome.Of(p)
	if p.Result == "" { // it is not final
		return []step{accepted, {At: p.DueAt, Title: string(p.State), Tone: came.Tone, Text: came.Line + ", until then at the latest"}}
	}
	text := p.ResultDesc
	if p.Reason != "" {
		text += " (" + p.Reason + ")"
	}
	return []step{accepted, {At: p.FinishedAt, Title: "Result " + p.Result, Tone: came.Tone, Text: text, Fix: p.Fix}}
}

// called are the attempts at a callback: the first has its body.
func called(c *control.Callback) (list []step) {
	for _, a := range c.Attempts {
		s := step{At: a.At, Title: string("Callback " + c.Kind), Callback: c}
		took := strconv.FormatFloat(a.TookMS, 'f', 1, 64) + " ms"
		switch {
		case a.Status == 0:
			s.Tone, s.Text = "bad", a.Error+" after "+took
		case a.Status/100 == 2:
			s.Tone, s.Text = "good", "HTTP "+strconv.Itoa(a.Status)+" in "+took
		default:
			s.Tone, s.Text = "bad", "HTTP "+strconv.Itoa(a.Status)+" in "+took+": only 200 to 299 counts as received"
		}
		list = append(list, s)
	}
	if len(list) == 0 {
		list = []step{{At: c.DueAt, Title: string("Callback " + c.Kind), Tone: "wait", Text: "is being sent", Callback: c}}
	}
	if len(c.Body) > 0 {
		list[0].Body = c.Body
	}
	return list
}
