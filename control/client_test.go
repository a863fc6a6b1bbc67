package control_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
)

func start(t *testing.T, changes ...func(*controlapi.Options)) (*controltest.World, *control.Client) {
	w := controltest.New(t, changes...)
	return w, control.New(w.Serve(t))
}

// got fails the test on an error, and is the value otherwise.
func got[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// problem fails the test unless the error is a problem of the kind.
func problem(t *testing.T, err error, kind string) *control.Problem {
	t.Helper()
	p, ok := errors.AsType[*control.Problem](err)
	if !ok || p.Type != "urn:kivuko:problem:"+kind {
		t.Fatalf("got %v, want the problem %s", err, kind)
	}
	return p
}

func TestPhones(t *testing.T) {
	_, c := start(t)
	change := control.PhoneChange{Name: new("Amina"), PIN: new("4321"), Balance: new(control.Amount(5050)), Answers: new(control.AnswersOff), AfterMS: new(control.Delay(20)),
		Limits: new("test-patient"), Standing: new(control.StandingNoProducts), Blocked: new(false)}
	phone, created, err := c.PutPhone(t.Context(), "+254799999999", change)
	if err != nil || !created {
		t.Fatal(created, err)
	}
	want := &control.Phone{MSISDN: "254799999999", Name: "Amina", Balance: 5050, Available: 5050, Answers: "off", AfterMS: 20, Limits: "test-patient", Standing: "no-products"}
	if diff := cmp.Diff(want, phone); diff != "" {
		t.Error(diff)
	}
	phone, created, err = c.PutPhone(t.Context(), "0799999999", control.PhoneChange{AfterMS: new(control.DefaultDelay)})
	if want.AfterMS = control.DefaultDelay; err != nil || created || *phone != *want {
		t.Errorf("got %+v %t %v", phone, created, err)
	}
	if again := got[*control.Phone](t)(c.Phone(t.Context(), "799999999")); *again != *want {
		t.Errorf("got %+v, want %+v", again, want)
	}
	if list := got[[]control.Message](t)(c.Messages(t.Context(), "0799999999", 1)); len(list) != 1 || list[0].From != "MPESA" {
		t.Errorf("got %+v", list)
	}
}

func TestAnswers(t *testing.T) {
	w, c := start(t)
	w.Push(t, controltest.John, 10)
	if p := got[*control.Payment](t)(c.Cancel(t.Context(), "0708374149")); p.Result != "1032" {
		t.Errorf("got %+v", p)
	}
	w.Push(t, controltest.John, 10)
	if p := got[*control.Payment](t)(c.Answer(t.Context(), "0708374149", "1234")); p.Result != "0" {
		t.Errorf("got %+v", p)
	}
	_, err := c.Answer(t.Context(), "0708374149", "1234")
	problem(t, err, "no-prompt")
}

func TestPaymentsAndCallbacks(t *testing.T) {
	w, c := start(t)
	failed, paid := w.Pay(t, controltest.John, 10, "0000"), w.Pay(t, controltest.John, 10, "1234")
	w.Push(t, controltest.Jane, 10)
	list := got[*control.Page[control.Payment]](t)(c.Payments(t.Context(), control.PaymentFilter{After: strconv.FormatInt(paid.ID+1, 10), Limit: 1, Phone: "0708374149", Shortcode: "174379"}))
	if len(list.Items) != 1 || list.Items[0].ID != paid.ID || list.Next != strconv.FormatInt(paid.ID, 10) {
		t.Errorf("got %+v", list)
	}
	list = got[*control.Page[control.Payment]](t)(c.Payments(t.Context(), control.PaymentFilter{State: "failed", Result: "2001"}))
	if len(list.Items) != 1 || list.Items[0].ID != failed.ID || list.Next != "" {
		t.Errorf("got %+v", list)
	}
	if p := got[*control.Payment](t)(c.Payment(t.Context(), list.Items[0].CheckoutRequestID)); p.ID != failed.ID {
		t.Errorf("got %+v", p)
	}
	if list = got[*control.Page[control.Payment]](t)(c.Payments(t.Context(), control.PaymentFilter{Shortcode: "174379", Result: "0"})); len(list.Items) != 1 || list.Items[0].ID != paid.ID {
		t.Errorf("those that succeeded are %+v", list)
	}
	callbacks := got[*control.Page[control.Callback]](t)(c.Callbacks(t.Context(), control.CallbackFilter{Limit: 1, Shortcode: "174379", State: "pending"}))
	if len(callbacks.Items) != 1 || callbacks.Items[0].Payment != paid.ID || callbacks.Next == "" {
		t.Errorf("got %+v", callbacks)
	}
	w.Attempt(t, paid, mpesa.Attempt{At: 1, Status: 200})
	if x := got[*control.Callback](t)(c.Callback(t.Context(), paid.ID<<4)); x.State != "delivered" || !json.Valid(x.Body) {
		t.Errorf("got %+v", x)
	}
	if x := got[*control.Callback](t)(c.Resend(t.Context(), paid.ID<<4)); x.State != "pending" {
		t.Errorf("got %+v", x)
	}
	_, err := c.Callback(t.Context(), 7)
	problem(t, err, "not-found")
}

func TestTheRest(t *testing.T) {
	w, c := start(t)
	w.Journal.Add(journal.Entry{At: controltest.Start, Path: "/a", App: "key", Status: 400})
	w.Journal.Add(journal.Entry{At: controltest.Start, Path: "/a", App: "key", Status: 200})
	if h := got[*control.Health](t)(c.Health(t.Context())); h.Status != "ok" {
		t.Errorf("got %+v", h)
	}
	certificate := got[[]byte](t)(w.Keys.Certificate(t.Context()))
	if pem := got[[]byte](t)(c.Certificate(t.Context())); string(pem) != string(certificate) {
		t.Errorf("got %s", pem)
	}
	if o := got[*control.Organisation](t)(c.Organisation(t.Context(), "174379")); o.Name != "Test Shop" || o.Passkey != "" {
		t.Errorf("got %+v", o)
	}
	if b := got[*control.Books](t)(c.Books(t.Context())); !b.Balanced() || b.Transfers != 2 {
		t.Errorf("got %+v", b)
	}
	f := control.JournalFilter{After: "3", Limit: 5, Path: "/a", App: "key", Status: 400}
	if j := got[*control.Journal](t)(c.Journal(t.Context(), f)); len(j.Items) != 1 || j.Items[0].ID != 1 {
		t.Errorf("got %+v", j)
	}
	if now := got[time.Time](t)(c.Advance(t.Context(), 36*time.Hour)); !now.Equal(controltest.Start.Add(36 * time.Hour)) {
		t.Errorf("it is %s", now)
	}
}

func TestAProblemSaysWhichFieldIsWrong(t *testing.T) {
	_, c := start(t)
	_, _, err := c.PutPhone(t.Context(), "0708374149", control.PhoneChange{PIN: new("12")})
	if p := problem(t, err, "bad-field"); p.Field != "pin" || !strings.HasPrefix(err.Error(), "pin: it has to be") {
		t.Errorf("got %v", err)
	}
}

func TestThePasswordGoesIntoTheURL(t *testing.T) {
	w := controltest.New(t, func(o *controlapi.Options) { o.Door.Password = access.NewPassword("pass/word") })
	server := httptest.NewServer(w.Handler)
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	_, err := control.New(server.URL).Books(t.Context())
	problem(t, err, "wrong-password")
	got[*control.Books](t)(control.New("http://:pass%2Fword@" + address).Books(t.Context()))
}

func TestNobodyThere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	_, foreign := control.New(server.URL).Books(t.Context())
	server.Close()
	_, nobody := control.New(server.URL).Books(t.Context())
	if !errors.Is(foreign, control.ErrForeign) || !errors.Is(nobody, control.ErrUnreachable) {
		t.Errorf("got %v and %v", foreign, nobody)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := control.New(server.URL).Books(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAnswersThatNobodyWantsToRead(t *testing.T) {
	_, c := start(t)
	if err := c.Call(t.Context(), http.MethodPost, "phones/0708374149/deposit", control.Cash{Amount: 100_00}, nil); err != nil {
		t.Error(err)
	}
	if err := c.Call(t.Context(), http.MethodPost, "phones/0708374149/deposit", control.Cash{}, nil); err == nil {
		t.Error("a problem was not told")
	}
	if err := c.Call(t.Context(), http.MethodGet, "certificate", nil, nil); !errors.Is(err, control.ErrForeign) {
		t.Errorf("of what is no JSON: %v", err)
	}
}

func TestATableComesFromAKivukoOnly(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<p>Sign in</p>"))
	}))
	defer server.Close()
	var to strings.Builder
	if err := control.New(server.URL).StatementCSV(t.Context(), "174379", control.StatementQuery{}, &to); !errors.Is(err, control.ErrForeign) || to.Len() != 0 {
		t.Errorf("got %q, %v", to.String(), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := control.New(server.URL).StatementCSV(ctx, "174379", control.StatementQuery{}, &to); !errors.Is(err, context.Canceled) || errors.Is(err, control.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
}

func TestMoney(t *testing.T) {
	_, c := start(t)
	ctx := t.Context()
	completed := func(p *control.Payment, err error) {
		t.Helper()
		if err != nil || p.State != "completed" {
			t.Errorf("got %+v, %v", p, err)
		}
	}
	completed(c.Pay(ctx, "0708374149", control.Pay{Shortcode: "174379", Account: "A", Amount: 1500_00, PIN: "1234"}))
	completed(c.Send(ctx, "0708374149", control.Send{To: "0705912645", Pochi: true, Amount: 1000_00}))
	completed(c.EmptyPochi(ctx, "0705912645", control.Cash{Amount: 100_00}))
	completed(c.WithdrawCash(ctx, "0705912645", control.Cash{Amount: 100_00}))
	completed(c.DepositCash(ctx, "0705912645", 100_00))
	completed(c.Settle(ctx, "174379"))
	completed(c.DepositFromBank(ctx, "174379", control.BankDeposit{Amount: 100_00}))
	completed(c.Move(ctx, "174379", control.Move{From: "working", To: "utility", Amount: 10_00}))
	completed(c.WithdrawToBank(ctx, "174379", 10_50))
	_, err := c.WithdrawToBank(ctx, "174379", 10_000_00)
	if p, ok := errors.AsType[*control.Problem](err); !ok || p.Status != http.StatusConflict || p.Field != "amount" {
		t.Errorf("got %v", err)
	}
	if b := got[*control.Books](t)(c.Books(ctx)); !b.Balanced() {
		t.Errorf("got %+v", b)
	}
}

func TestOrganisationsOperatorsAndApps(t *testing.T) {
	_, c := start(t)
	ctx := t.Context()
	o, created, err := c.PutOrganisation(ctx, "888880", control.OrganisationChange{Name: new("Duka"), Kind: new(control.Till), Products: &[]string{"C2B"}, MaxBalance: new(control.Amount(100_50))})
	if err != nil || !created || o.Name != "Duka" || o.MaxBalance != 100_50 {
		t.Errorf("got %+v %t %v", o, created, err)
	}
	if list := got[*control.Page[control.Organisation]](t)(c.Organisations(ctx, control.ListQuery{After: "300585"})); len(list.Items) != 1 || list.Items[0].Shortcode != "888880" {
		t.Errorf("got %+v", list)
	}
	want := control.URLs{Version: 2, ResponseType: "Completed", Confirmation: "http://127.0.0.1:9/c", Validation: "http://127.0.0.1:9/v"}
	if urls := got[*control.URLs](t)(c.PutURLs(ctx, "888880", want)); *urls != want {
		t.Errorf("got %+v", urls)
	}
	if urls := got[*control.URLs](t)(c.URLs(ctx, "888880")); *urls != want {
		t.Errorf("got %+v", urls)
	}
	if err := c.DeleteURLs(ctx, "888880"); err != nil {
		t.Error(err)
	}
	problem(t, c.DeleteURLs(ctx, "888880"), "not-found")
	x, created, err := c.PutOperator(ctx, "888880", "clerk", control.OperatorChange{Password: new("Safaricom999!*!"), Roles: &[]string{"Org Reversals Initiator"}})
	if err != nil || !created || x.State != control.OperatorActive {
		t.Errorf("got %+v %t %v", x, created, err)
	}
	if x := got[*control.Operator](t)(c.UnlockOperator(ctx, "888880", "clerk")); x.Wrong != 0 {
		t.Errorf("got %+v", x)
	}
	if list := got[[]control.Operator](t)(c.Operators(ctx, "888880")); len(list) != 1 || list[0].Username != "clerk" {
		t.Errorf("got %+v", list)
	}
	if err := c.DeleteOperator(ctx, "888880", "clerk"); err != nil {
		t.Error(err)
	}
	_, err = c.Operator(ctx, "888880", "clerk")
	problem(t, err, "not-found")
	app, created, err := c.PutApp(ctx, "my-key", control.AppChange{Secret: new("secret"), Quota: new(int64(-1))})
	if err != nil || !created || app.Quota != -1 {
		t.Errorf("got %+v %t %v", app, created, err)
	}
	if app := got[*control.App](t)(c.App(ctx, "my-key")); app.Name != "my-key" || app.Secret != "" {
		t.Errorf("got %+v", app)
	}
}

// Every list that comes in pages has an iterator beside it, and both have the same rows.
func TestIteratorsGoThroughAllPages(t *testing.T) {
	w, c := start(t)
	var want []int64
	for n := range int64(5) {
		want = append(want, w.Pay(t, controltest.John, 10+n, "1234").ID)
	}
	slices.Reverse(want)
	list := c.AllPayments(t.Context(), control.PaymentFilter{Shortcode: "174379", Limit: 2})
	for range 2 { // from the beginning, each time
		var ids []int64
		for p, err := range list {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, p.ID)
		}
		if !slices.Equal(ids, want) {
			t.Errorf("got %v, want %v", ids, want)
		}
	}
	for _, err := range c.AllPayments(t.Context(), control.PaymentFilter{After: "x"}) {
		if p, ok := errors.AsType[*control.Problem](err); !ok || p.Field != "after" {
			t.Errorf("a wrong place gives %v", err)
		}
	}
	client := reflect.TypeFor[*control.Client]()
	for m := range client.Methods() {
		if m.Type.NumOut() == 0 || m.Type.Out(0).Kind() != reflect.Pointer || m.Type.Out(0).Elem().Kind() != reflect.Struct {
			continue
		}
		if _, paged := m.Type.Out(0).Elem().FieldByName("Next"); !paged {
			continue
		}
		if _, ok := client.MethodByName("All" + m.Name); !ok {
			t.Errorf("%s comes in pages, and there is no All%s", m.Name, m.Name)
		}
	}
}
