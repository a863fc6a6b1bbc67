package controlapi

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// draftQuery names an app and an API.
type draftQuery struct {
	App  string `query:"app" is:"appKey" jsonschema:"required" doc:"A consumer key."`
	Path string `query:"path" is:"api path" jsonschema:"required" doc:"Of one of the gateway's APIs, as the catalogue has it."`
}

// draft makes a request that works for an API, from the examples of the table.
func (s *server) draft(r *request[draftQuery, none]) (*control.Draft, error) {
	key := r.Query.App
	target, _ := findAPI(r.Query.Path) // nil for ""
	switch {
	case key == "":
		return nil, badParameter.of("app", "it is missing: which app asks?")
	case target == nil:
		return nil, badParameter.of("path", "it is missing: which API is asked?")
	}
	tables, err := s.tables()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(tables.APIs, func(a control.CatalogueAPI) bool {
		path, _, _ := strings.Cut(a.Path, "?")
		return path == target.Path
	})
	d := drafting{server: s, r: r.Request, app: key, draft: control.Draft{API: tables.APIs[i]}}
	if len(target.Fields) > 0 {
		err = d.fill(target)
	}
	return &d.draft, err
}

// drafting is a draft on its way.
type drafting struct {
	*server
	r     *http.Request
	app   string
	draft control.Draft

	members []apis.Member // of the body

	recent []mpesa.Payment // newest first
	by     players
}

// recentPayments bounds how far back a payment is looked for that the draft can speak of.
const recentPayments = 200

// fill makes the body of the fields' examples. Those that are optional and have none are left out.
func (d *drafting) fill(target *apis.Path) (err error) {
	if d.by, err = d.players(d.r.Context()); err != nil {
		return err
	}
	if d.recent, err = d.Store.Payments(d.r.Context(), store.PaymentFilter{}, store.Page{Limit: recentPayments}); err != nil {
		return err
	}
	for _, f := range target.Leaves() {
		if text := d.value(f.Name, f.Sample()); text != "" || !f.Optional {
			d.members = append(d.members, apis.Member{Name: f.Name, Text: text})
		}
	}
	d.draft.Body = apis.Body(d.members)
	return d.noteURLs(target)
}

// value is an example without the marks that can be filled in now.
func (d *drafting) value(field, example string) string {
	now := d.Clock.Now().In(clock.EAT)
	const day = "20060102"
	switch mark := apis.Mark(example); mark {
	case apis.MarkExpress, apis.MarkShortcode1, apis.MarkShortcode2, apis.MarkTill, apis.MarkPhone, apis.MarkInitiator:
		return d.player(field, mark)
	case apis.MarkToday:
		return now.Format(day)
	case apis.MarkNextMonth:
		return now.AddDate(0, 1, 0).Format(day)
	case apis.MarkYesterday:
		return now.AddDate(0, 0, -1).Format(time.DateTime)
	case apis.MarkTomorrow:
		return now.AddDate(0, 0, 1).Format(time.DateTime)
	case apis.MarkCallback:
		return d.callback(field)
	case apis.MarkReceipt, apis.MarkAmount, apis.MarkPaid, apis.MarkCheckout:
		return d.ofPayment(field, mark)
	}
	return example
}

// player is who plays a part in the database. When nobody does, a note says once how somebody is made who does.
func (d *drafting) player(field string, mark apis.Mark) string {
	who := d.by[mark]
	if i := slices.IndexFunc(testParts, func(x part) bool { return x.mark == mark }); who == "" && i >= 0 {
		makes := ". This makes one: " + d.by.lacks(&testParts[i])
		if !slices.ContainsFunc(d.draft.Notes, func(note string) bool { return strings.HasSuffix(note, makes) }) {
			d.note("%s is empty: %s%s", field, testParts[i].none, makes)
		}
	}
	return who
}

// callback is Kivuko's own URL, or nothing where callbacks may not go there.
func (d *drafting) callback(field string) string {
	d.draft.Callbacks = d.callbackURL(d.app)
	if d.draft.Callbacks == "" {
		d.note("%s is empty: by the strict profile's rules callbacks go to public https URLs only. Enter yours.", field)
	}
	return d.draft.Callbacks
}

// ofPayment is something of the latest payment that a mark can mean.
func (d *drafting) ofPayment(field string, mark apis.Mark) string {
	for _, p := range d.recent {
		payee, organisation := p.Payee.Shortcode()
		byCustomer := p.Kind == mpesa.Express || p.Kind == mpesa.C2B
		switch {
		case mark == apis.MarkCheckout && p.Kind == mpesa.Express:
			return d.identifiers(&p).checkoutRequest
		case mark == apis.MarkCheckout, !organisation, !byCustomer, p.State != mpesa.Completed:
		case mark == apis.MarkReceipt:
			return d.identifiers(&p).receipt
		case mark == apis.MarkPaid:
			return payee.String()
		case mark == apis.MarkAmount:
			shillings, _ := p.Amount.Whole() // customers pay whole ones
			return strconv.FormatInt(shillings, 10)
		}
	}
	d.note("%s is empty: no organisation was paid lately. Simulate M-Pesa Express first.", field)
	return ""
}

// noteURLs says so where a payment would be told to nobody.
func (d *drafting) noteURLs(target *apis.Path) error {
	if target.Name != apis.C2BSimulate {
		return nil
	}
	business, played := mpesa.ParseShortcode(d.by[apis.MarkShortcode1])
	if !played {
		return nil // which is noted
	}
	o, err := store.Get(d.r.Context(), d.Store, mpesa.Registry, business)
	if err == nil && o != nil && o.URLs == (mpesa.C2BURLs{}) {
		d.note("%s has registered no URLs, so nobody is told of the payment. Simulate C2B register URLs first.", o.Shortcode)
	}
	return err
}

func (d *drafting) note(format string, args ...any) {
	d.draft.Notes = append(d.draft.Notes, fmt.Sprintf(format, args...))
}
