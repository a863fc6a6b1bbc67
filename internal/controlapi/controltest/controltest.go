// Package controltest starts the control API over a real engine, the real rules and an empty database in memory, for the
// tests of the API, of its client and of the commands that use it. Nothing happens there by itself: prompts wait and callbacks
// are not sent.
package controltest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/collector"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/keys"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store/sqlite"
	"github.com/kivuko/kivuko/internal/usage"
	"github.com/kivuko/kivuko/internal/weburl"
)

// Who lives in the world.
const (
	PayBill mpesa.Shortcode = 174379
	Till    mpesa.Shortcode = 300584
	Store   mpesa.Shortcode = 300585
	John    msisdn.Number   = 254708374149 // "John Doe", PIN 1234, KES 100,000
	Jane    msisdn.Number   = 254705912645 // "Jane Roe", the same
	Nobody  msisdn.Number   = 254799999999 // not a customer

	Passkey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"

	AppKey    = "test-key" // of an app with every product
	AppSecret = "test-secret"
)

// Start is when the clock starts: noon of a Friday in Nairobi.
var Start = time.Date(2026, time.November, 20, 12, 0, 0, 125e6, clock.EAT)

const promptLife = 90 * time.Second

// World is a running engine with the API over it.
type World struct {
	controlapi.Options
	Handler http.Handler
	Clock   *Clock
	Keys    *keys.Keys
	Faults  *Faults // the store

	mu     sync.Mutex
	Resent []int64 // deliveries, as they were asked for
}

// New starts a world. Each change may replace options before the API is made.
func New(t testing.TB, changes ...func(*controlapi.Options)) *World {
	t.Helper()
	rules, err := mpesa.NewRulebook()
	check(t, err)
	db, err := sqlite.Open(t.Context(), sqlite.Memory)
	check(t, err)
	secrets, err := keys.Load(t.Context(), keys.Memory{}, new(int64), true)
	check(t, err)
	w := &World{Clock: &Clock{now: Start}, Keys: secrets, Faults: &Faults{Store: db}}
	e := engine.New(engine.Options{SettleTime: 10 * time.Millisecond, Store: w.Faults, Clock: w.Clock, Log: slog.New(slog.DiscardHandler), Policy: mpesa.Policy{
		Rules: rules, OpeningPIN: func(phone msisdn.Number) mpesa.PINDigest { return digest(phone, "1234") }, OpeningBalance: money.Shillings(100_000),
		Answers: mpesa.Ask, AnswerAfter: time.Second, PromptLife: promptLife, IgnoredResult: codes.Unreachable, Lease: time.Minute,
		QueueTime: time.Minute,
	}})
	check(t, e.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = e.Stop(ctx) // which breaks off what can't be settled
		check(t, db.Close())
	})
	w.Options = controlapi.Options{
		Door:   &access.Door{},
		Engine: e, Store: w.Faults, Mint: ids.New([]byte("controltest")), Clock: w.Clock, Journal: journal.New(1000), Version: "test", Log: slog.New(slog.DiscardHandler),
		Limits: []string{"standard", "test-patient"}, PIN: digest, Sign: w.Keys.Sign, Certificate: w.Keys.Certificate, Messages: messages, Resend: w.resend, GiveUp: w.giveUp,
		CallbackBody: callbackBody, Advance: w.Clock.advance, Health: func(context.Context) []controlapi.Problem { return nil },
		About: func() control.About { return control.About{Database: sqlite.Memory, Phones: "ask", Ahead: "0s"} },
	}
	w.developersOptions()
	w.Usage, w.Profile = usage.New(), "sandbox"
	w.URLRules = []weburl.Rules{{Profile: "sandbox"}, weburl.Production("strict")}
	w.Journal.Listen(w.Usage.Note)
	for _, change := range changes {
		change(&w.Options)
	}
	w.Handler = controlapi.New(w.Options)
	w.Do(t, &populate{})
	for phone, name := range map[msisdn.Number]string{John: "John Doe", Jane: "Jane Roe"} {
		w.Do(t, &mpesa.PutPhone{Phone: phone, Name: &name})
	}
	return w
}

// Serve serves the API until the test ends, and gives its URL.
func (w *World) Serve(t testing.TB) string {
	server := httptest.NewServer(w.Handler)
	t.Cleanup(server.Close)
	return server.URL
}

// Do runs a command.
func (w *World) Do(t testing.TB, c mpesa.Command) {
	t.Helper()
	check(t, w.Engine.Do(t.Context(), c))
}

// Push opens a prompt of the pay bill on a phone.
func (w *World) Push(t testing.TB, phone msisdn.Number, shillings int64) mpesa.Payment {
	t.Helper()
	c := &mpesa.AcceptPush{Business: PayBill, Receiver: PayBill, Phone: phone, PartyA: phone, Type: mpesa.CustomerPayBillOnline,
		Amount: money.Shillings(shillings), CallBackURL: "http://127.0.0.1:9/callback?a=1&b=2", Reference: "INV-7", Description: "Shoes"}
	w.Do(t, c)
	if c.Refused != nil {
		t.Fatalf("the push was refused: %v %s", c.Refused, c.Reason)
	}
	return c.Payment
}

// Pay opens a prompt and answers it with the PIN.
func (w *World) Pay(t testing.TB, phone msisdn.Number, shillings int64, pin string) mpesa.Payment {
	t.Helper()
	w.Push(t, phone, shillings)
	c := &mpesa.AnswerPrompt{Phone: phone, PIN: digest(phone, pin)}
	w.Do(t, c)
	return mpesatest.PaymentOf(c.Subject)
}

// Ignore opens a prompt that nobody answers in its time.
func (w *World) Ignore(t testing.TB, phone msisdn.Number) {
	t.Helper()
	p := w.Push(t, phone, 10)
	w.Clock.Advance(promptLife)
	w.Do(t, &portal.FallDue{Due: mpesa.Due{Payment: p.ID, Payer: p.Payer}})
}

// Deposit pays money into an account.
func (w *World) Deposit(t testing.TB, into mpesa.AccountID, amount money.Amount) {
	t.Helper()
	w.Do(t, &deposit{into, amount})
}

// Attempt notes a try at the callback of a payment.
func (w *World) Attempt(t testing.TB, p mpesa.Payment, a mpesa.Attempt) {
	t.Helper()
	w.Do(t, &mpesa.Attempted{Delivery: p.ID << 4, Attempt: a})
}

func (w *World) resend(ctx context.Context, delivery int64) (time.Duration, error) {
	w.mu.Lock()
	w.Resent = append(w.Resent, delivery)
	w.mu.Unlock()
	c := &mpesa.Resend{Delivery: delivery}
	err := w.Engine.Do(ctx, c)
	return c.Wait, err
}

func (w *World) giveUp(ctx context.Context, delivery int64) (mpesa.DeliveryState, error) {
	c := &mpesa.GiveUp{Delivery: delivery}
	err := w.Engine.Do(ctx, c)
	return c.Was, err
}

// developersOptions are what the developers' part of the API needs: a gateway over the same world.
func (w *World) developersOptions() {
	var made atomic.Int64
	w.Random = func(n int) string { // the same in each run, and never twice the same
		sum := sha256.Sum256(fmt.Append(nil, made.Add(1)))
		return strings.Repeat(hex.EncodeToString(sum[:]), 1+n/64)[:n]
	}
	w.Credentials = credential.New(w.Keys.Decrypt, w.Clock.Now)
	w.Collector = collector.New(collector.Options{Clock: w.Clock, Sign: w.Keys.Sign})
	w.CallbackBase = "http://127.0.0.1:7070"
	w.Gateway = gateway.New(gateway.Options{Engine: w.Engine, Store: w.Store, Mint: w.Mint, Clock: w.Clock, Journal: w.Journal,
		Log: slog.New(slog.DiscardHandler), NewToken: func() string { return w.Random(28) }, Credentials: w.Credentials}).Answer
}

func messages(_ context.Context, phone msisdn.Number, limit int) ([]controlapi.Message, error) {
	list := []controlapi.Message{
		{At: Start.Add(time.Minute), From: "MPESA", Text: "UKK3H1Z08B Confirmed.", Payment: 100_003},
		{At: Start, From: "MPESA", Text: "Welcome " + phone.String()},
	}
	return list[:min(limit, len(list))], nil
}

func callbackBody(_ context.Context, d mpesa.Delivery) ([]byte, error) {
	return []byte(`{"Body":{"stkCallback":{"Balance":10.00}}}`), nil
}

func digest(phone msisdn.Number, pin string) mpesa.PINDigest {
	sum := sha256.Sum256([]byte(phone.String() + pin))
	return mpesa.PINDigest(sum[:16])
}

// populate makes the organisations.
type populate struct{}

func (populate) Need(*mpesa.View) {}

func (populate) Decide(v *mpesa.View, _ time.Time) {
	for _, o := range []mpesa.Organisation{
		{Shortcode: PayBill, Name: "Test Shop", Kind: mpesa.PayBill, Passkey: Passkey},
		{Shortcode: Till, Name: "Test Till", Kind: mpesa.Till, Store: Store},
		{Shortcode: Store, Name: "Test Store", Kind: mpesa.Store, Passkey: Passkey},
	} {
		mpesa.Registry.Create(v, o.Shortcode, o)
	}
	mpesa.Apps.Create(v, AppKey, mpesa.App{Key: AppKey, Secret: AppSecret, Name: "Test App", Products: apis.Products()})
}

// deposit moves money from trust.
type deposit struct {
	into   mpesa.AccountID
	amount money.Amount
}

func (c *deposit) Need(v *mpesa.View) {
	for _, id := range []mpesa.AccountID{mpesa.Provider.Account(mpesa.Trust), c.into} {
		mpesa.Accounts.Need(v, id)
	}
}

func (c *deposit) Decide(v *mpesa.View, now time.Time) {
	v.Transfer(mpesa.Deposit, mpesa.Provider, c.into.Party(), "test",
		[]mpesa.Posting{{Debit: mpesa.Provider.Account(mpesa.Trust), Credit: c.into, Amount: c.amount}}, now)
}

// Clock stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now implements clock.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(by time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
	return c.now
}

func (c *Clock) advance(_ context.Context, by time.Duration) (time.Time, error) {
	return c.Advance(by), nil
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
