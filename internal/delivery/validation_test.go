package delivery_test

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/delivery"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// validated has the pay bill asked, and what it registered for having no answer.
func validated(responseType string) func(*mpesa.Organisation) {
	return func(o *mpesa.Organisation) { o.Validates, o.URLs.ResponseType = true, responseType }
}

// ended waits until a payment has its result, and wants nothing to be reserved for it any more.
func (b *bench) ended(t testing.TB, p mpesa.Payment) mpesa.Payment {
	t.Helper()
	p = b.Payment(t, func(x mpesa.Payment) bool { return x.ID == p.ID && x.State.Final() })
	wallet, err := store.Get(t.Context(), b.Store, mpesa.Accounts, p.Payer.Account(mpesa.Wallet))
	if err != nil || wallet == nil || wallet.Held != 0 {
		t.Errorf("of %+v something is still reserved: %v", wallet, err)
	}
	if held, err := store.Held(t.Context(), b.Store, p.ID); err != nil || len(held) > 0 {
		t.Errorf("%+v is still reserved for %s: %v", held, p.Payer, err)
	}
	return p
}

// decided wants a payment to have ended as it should, and the business to have been told of it if it was made.
func (b *bench) decided(t testing.TB, c *kivukotest.Collector, p mpesa.Payment, completed bool) mpesa.Payment {
	t.Helper()
	p = b.ended(t, p)
	b.over(t, mpesa.Delivery{ID: p.DeliveryID(mpesa.Validation)})
	confirmation := mpesa.Delivery{ID: p.DeliveryID(mpesa.Confirmation)}
	switch {
	case completed:
		if p.Result != codes.Success {
			t.Errorf("the result is %s: %s", p.Result, p.Reason)
		}
		r := c.At(t, "/confirmation")
		if got := r.C2BPayment(t); got.TransID != b.Mint.Receipt(p.ID, time.UnixMilli(p.ReceiptAt())) || got.ThirdPartyTransID != p.Details.ThirdPartyID {
			t.Errorf("%s tells of %+v", r.Body, p)
		}
		want(t, b.over(t, confirmation), mpesa.Delivered, answered(200))
	default:
		if p.Result != codes.ValidationFailed || p.Reason == "" {
			t.Errorf("the result is %s: %q", p.Result, p.Reason)
		}
		if d, err := store.Get(t.Context(), b.Store, mpesa.Deliveries, confirmation.ID); d != nil || err != nil {
			t.Errorf("it is confirmed: %+v, %v", d, err)
		}
	}
	return p
}

// A business that says something decides, whatever it has registered for saying nothing.
func TestBusinessDecides(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	for _, responseType := range []string{mpesa.ResponseCompleted, mpesa.ResponseCancelled} {
		b.register(t, 600_000, c, validated(responseType))
		for name, test := range map[string]struct {
			answer   http.HandlerFunc
			accepted bool
			third    string
		}{
			"accepted with a number":     {kivukotest.Status(200), true, ""},
			"accepted with text":         {kivukotest.Say(`{"ResultCode":"0","ResultDesc":"Accepted"}`), true, ""},
			"accepted with an id":        {kivukotest.Say(`{"ResultCode":"0","ResultDesc":"Accepted","ThirdPartyTransID":"T-1 \"x\""}`), true, `T-1 "x"`},
			"accepted with a number id":  {kivukotest.Say(`{"ResultCode":0,"ThirdPartyTransID":1234567890123456789}`), true, "1234567890123456789"},
			"accepted, chunked":          {chunked, true, ""},
			"accepted with 202":          {kivukotest.Status(202), true, ""},
			"rejected as in the seeds":   {kivukotest.Say(`{"ResultCode":1,"ResultDesc":"Rejected"}`), false, ""},
			"rejected below zero":        {kivukotest.Say(`{"ResultCode":-1}`), false, ""},
			"rejected with another code": {kivukotest.Say(`{"ResultCode":"SOMETHING"}`), false, ""},
			"wrong number":               {reject(daraja.C2BInvalidMSISDN), false, ""},
			"wrong account":              {reject(daraja.C2BInvalidAccountNumber), false, ""},
			"wrong amount":               {reject(daraja.C2BInvalidAmount), false, ""},
			"wrong KYC details":          {reject(daraja.C2BInvalidKYCDetails), false, ""},
			"wrong shortcode":            {reject(daraja.C2BInvalidShortcode), false, ""},
			"another error":              {reject(daraja.C2BOtherError), false, ""},
		} {
			t.Run(responseType+"/"+name, func(t *testing.T) {
				c.AnswerAt("/validation", test.answer)
				p := b.pay(t, 600_000, money.Shillings(10))
				if p.State != mpesa.Validating {
					t.Fatalf("it is %s", p.State)
				}
				asked := c.At(t, "/validation")
				if got := asked.C2BPayment(t); got.OrgAccountBalance != "" || got.ThirdPartyTransID != "" || got.TransAmount != "10.00" || got.TransID != b.Mint.Receipt(p.ID, testworld.Noon) {
					t.Errorf("it was asked %s", asked.Body)
				}
				if ended := b.decided(t, c, p, test.accepted); ended.Details.ThirdPartyID != test.third {
					t.Errorf("its id is %q", ended.Details.ThirdPartyID)
				}
			})
		}
	}
	b.Books(t)
}

func reject(code daraja.ResultCode) http.HandlerFunc {
	return kivukotest.Say(fmt.Sprintf(`{"ResultCode":%q,"ResultDesc":"Rejected"}`, code))
}

func chunked(w http.ResponseWriter, _ *http.Request) {
	for _, part := range []string{`{"ResultCode"`, `:0}`} {
		io.WriteString(w, part)
		w.(http.Flusher).Flush()
	}
}

// A business whose answer can't be understood has said beforehand what is to happen.
func TestBusinessThatDoesNotAnswer(t *testing.T) {
	closed := kivukotest.Collect(t)
	closed.Close()
	for _, completed := range []bool{true, false} {
		responseType := map[bool]string{true: mpesa.ResponseCompleted, false: mpesa.ResponseCancelled}[completed]
		b := newBench(t, settings{options: func(o *delivery.Options) { o.Validation = 200 * time.Millisecond }})
		c := kivukotest.Collect(t)
		for name, test := range map[string]struct {
			answer http.HandlerFunc
			url    string
			state  mpesa.DeliveryState
			want   mpesa.Attempt
		}{
			"an error":            {answer: kivukotest.Status(500), want: answered(500), state: mpesa.GivenUp},
			"no such page":        {answer: kivukotest.Status(404), want: answered(404), state: mpesa.GivenUp},
			"a redirect":          {answer: kivukotest.Redirect("/elsewhere"), want: answered(307), state: mpesa.GivenUp},
			"no content":          {answer: kivukotest.Status(204), want: answered(204), state: mpesa.Delivered},
			"nothing":             {answer: kivukotest.Say(""), want: answered(200), state: mpesa.Delivered},
			"a page":              {answer: kivukotest.Say("<html>OK</html>"), want: answered(200), state: mpesa.Delivered},
			"no code":             {answer: kivukotest.Say(`{"ResultDesc":"Accepted"}`), want: answered(200), state: mpesa.Delivered},
			"half an answer":      {answer: half, want: mpesa.Attempt{Status: 200, Error: "the connection was closed without an answer"}, state: mpesa.Delivered},
			"too long an answer":  {answer: kivukotest.Say(`{"ResultCode":0,"x":"` + strings.Repeat("x", 64<<10) + `"}`), want: mpesa.Attempt{Status: 200, Error: "the answer's body is longer than 64 KiB"}, state: mpesa.Delivered},
			"closes":              {answer: kivukotest.CloseConnection, want: unanswered("the connection was closed without an answer"), state: mpesa.GivenUp},
			"takes too long":      {answer: c.Hang, want: unanswered("no answer within 200ms"), state: mpesa.GivenUp},
			"takes too long over": {answer: stuck(c), want: mpesa.Attempt{Status: 200, Error: "no answer within 200ms"}, state: mpesa.Delivered},
			"refuses":             {url: closed.URL, want: unanswered("connection refused"), state: mpesa.GivenUp},
		} {
			t.Run(responseType+"/"+name, func(t *testing.T) {
				b.register(t, 600_000, c, validated(responseType), func(o *mpesa.Organisation) {
					if test.url != "" {
						o.URLs.Validation = test.url
					}
				})
				if test.answer != nil {
					c.AnswerAt("/validation", test.answer)
				}
				p := b.pay(t, 600_000, money.Shillings(10))
				asked := b.over(t, mpesa.Delivery{ID: p.DeliveryID(mpesa.Validation)})
				want(t, asked, test.state, test.want)
				p = b.ended(t, p)
				if completed != (p.Result == codes.Success) || !completed && p.Result != codes.ValidationFailed {
					t.Errorf("the result is %s: %s", p.Result, p.Reason)
				}
				if completed {
					c.At(t, "/confirmation")
					b.over(t, mpesa.Delivery{ID: p.DeliveryID(mpesa.Confirmation)})
				}
			})
		}
		for _, r := range c.Left() {
			if r.Path != "/validation" {
				t.Errorf("%s came", r)
			}
		}
		b.Books(t)
	}
}

func half(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	io.WriteString(w, `{"ResultCode":0`)
}

// stuck begins an answer and never ends it.
func stuck(c *kivukotest.Collector) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, `{"ResultCode":0`)
		w.(http.Flusher).Flush()
		c.Hang(w, r)
	}
}

// gate answers when it is opened.
type gate chan struct{}

func (g gate) behind(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-g:
			answer(w, r)
		case <-r.Context().Done():
		}
	}
}

// The payment ends when its time is over, whether its business's answer is still to come or not. When it comes, it changes nothing.
func TestAnswerThatComesTooLate(t *testing.T) {
	for _, completed := range []bool{true, false} {
		b, c, late := newBench(t, settings{}), kivukotest.Collect(t), make(gate)
		answer := kivukotest.Status(200)
		if completed {
			answer = reject(daraja.C2BOtherError)
		}
		c.AnswerAt("/validation", late.behind(answer))
		b.register(t, 600_000, c, validated(map[bool]string{true: mpesa.ResponseCompleted, false: mpesa.ResponseCancelled}[completed]))
		p := b.pay(t, 600_000, money.Shillings(10))
		c.At(t, "/validation")
		b.Clock.Advance(10*time.Second - time.Millisecond)
		b.Do(t, &portal.FallDue{Due: mpesa.Due{Payment: p.ID, Payer: p.Payer}}) // not yet
		b.Clock.Advance(time.Millisecond)
		b.Do(t, &portal.FallDue{Due: mpesa.Due{Payment: p.ID, Payer: p.Payer}})
		ended := b.ended(t, p)
		if ended.FinishedAt != p.AcceptedAt+10_000 || (ended.State == mpesa.Completed) != completed {
			t.Errorf("it is %s, %d ms after it was accepted", ended.State, ended.FinishedAt-p.AcceptedAt)
		}
		close(late)
		want(t, b.over(t, mpesa.Delivery{ID: p.DeliveryID(mpesa.Validation)}), mpesa.Delivered, answered(200))
		if completed {
			c.At(t, "/confirmation")
			b.over(t, mpesa.Delivery{ID: p.DeliveryID(mpesa.Confirmation)})
		}
		if now, err := store.Get(t.Context(), b.Store, mpesa.Payments, p.ID); err != nil || now.State != ended.State || now.Result != ended.Result || now.Reason != ended.Reason {
			t.Errorf("the late answer has changed %+v to %+v, %v", ended, now, err)
		}
		b.nothingMore(t, c)
		b.Books(t)
	}
}

// A question whose time is over before it could be asked is not asked: the payment has ended, or is about to.
func TestQuestionThatWaitsTooLongIsNotAsked(t *testing.T) {
	b := newBench(t, settings{options: func(o *delivery.Options) { o.PerHost = 1 }})
	c, busy := kivukotest.Collect(t), make(gate)
	c.AnswerAt("/validation", busy.behind(kivukotest.Status(200)))
	b.register(t, 600_000, c, validated(mpesa.ResponseCancelled))
	first := b.pay(t, 600_000, money.Shillings(10))
	c.At(t, "/validation")
	second := b.pay(t, 600_000, money.Shillings(20), 254_705_912_645)
	b.Clock.Advance(10 * time.Second)
	close(busy)
	b.decided(t, c, first, true) // whose Due nobody has noticed: its answer was there before
	d := b.over(t, mpesa.Delivery{ID: second.DeliveryID(mpesa.Validation)})
	if len(d.Attempts) != 1 || d.State != mpesa.GivenUp || d.Attempts[0].Error != "not sent: the time for an answer was over" || d.Attempts[0].Status != 0 {
		t.Errorf("it is %+v", d)
	}
	b.Do(t, &portal.FallDue{Due: mpesa.Due{Payment: second.ID, Payer: second.Payer}})
	if p := b.ended(t, second); p.Result != codes.ValidationFailed {
		t.Errorf("the result is %s", p.Result)
	}
	b.nothingMore(t, c)
}

// What an earlier run has asked is asked again while there is time for an answer, and not after that.
func TestRestartDuringValidation(t *testing.T) {
	for _, later := range []time.Duration{time.Second, time.Minute} {
		s := settings{db: filepath.Join(t.TempDir(), "kivuko.db")}
		b, c := newBench(t, s), kivukotest.Collect(t)
		c.AnswerAt("/validation", c.Hang)
		b.register(t, 600_000, c, validated(mpesa.ResponseCancelled))
		p := b.pay(t, 600_000, money.Shillings(10))
		c.At(t, "/validation")
		c.AnswerAt("/validation", kivukotest.Status(200))
		b = restart(t, b, s, later)
		if later == time.Second {
			c.At(t, "/validation")
			b.decided(t, c, p, true)
		} else {
			d := b.over(t, mpesa.Delivery{ID: p.DeliveryID(mpesa.Validation)})
			if len(d.Attempts) != 1 || d.Attempts[0].Error != "not sent: the time for an answer was over" {
				t.Errorf("it is %+v", d)
			}
			b.Do(t, &portal.FallDue{Due: mpesa.Due{Payment: p.ID, Payer: p.Payer}})
			if p = b.ended(t, p); p.Result != codes.ValidationFailed {
				t.Errorf("the result is %s", p.Result)
			}
		}
		b.nothingMore(t, c)
		b.Books(t)
	}
}

// A validation is a question of its time: by hand it isn't asked again.
func TestValidationIsNotResent(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	b.register(t, 600_000, c, validated(mpesa.ResponseCancelled))
	p := b.pay(t, 600_000, money.Shillings(10))
	c.At(t, "/validation")
	b.decided(t, c, p, true)
	d := mpesa.Delivery{ID: p.DeliveryID(mpesa.Validation)}
	b.resend(t, d)
	d = b.attempted(t, d, 2)
	if d.Attempts[1].Error != "not sent: the time for an answer was over" {
		t.Errorf("it is %+v", d)
	}
	b.nothingMore(t, c)
	b.Books(t)
}

func TestValidationsShareConnections(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	b.register(t, 600_000, c, validated(mpesa.ResponseCancelled))
	from := ""
	for range 3 {
		b.decided(t, c, b.pay(t, 600_000, money.Shillings(10)), true)
		r := c.At(t, "/validation")
		if from != "" && r.From != from {
			t.Error("a validation came over another connection")
		}
		from = r.From
	}
}

// A push is asked about too (DarajaTutorial, Lipa na M-Pesa Online): the business that rejects it hears so in the callback.
func TestPushIsValidated(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	b.register(t, 600_000, c, validated(mpesa.ResponseCancelled))
	to := func(p *mpesa.AcceptPush) { p.Business, p.Receiver = 600_000, 600_000 }
	d := b.owe(t, c.URL+"/stk", "1234", to)
	if callback := c.At(t, "/stk").Callback(t); callback.ResultCode != "0" || callback.Receipt() != c.At(t, "/validation").C2BPayment(t).TransID {
		t.Errorf("the callback tells %+v", callback)
	}
	b.over(t, d)
	c.At(t, "/confirmation")
	c.AnswerAt("/validation", reject(daraja.C2BOtherError))
	d = b.owe(t, c.URL+"/stk", "1234", to)
	if callback := c.At(t, "/stk").Callback(t); callback.ResultCode != "2007" {
		t.Errorf("the callback tells %+v", callback)
	}
	b.over(t, d)
	b.Books(t)
}

// Nothing stays reserved for a push whose business wants to be asked and never to be told (its confirmation URL may have been deleted
// meanwhile).
func TestPushIsValidatedAndNotConfirmed(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	b.register(t, 600_000, c, validated(mpesa.ResponseCancelled), func(o *mpesa.Organisation) { o.URLs.Confirmation = "" })
	c.AnswerAt("/validation", kivukotest.Say(`{"ResultCode":0,"ThirdPartyTransID":"T-1"}`))
	d := b.owe(t, c.URL+"/stk", "1234", func(p *mpesa.AcceptPush) { p.Business, p.Receiver = 600_000, 600_000 })
	c.At(t, "/stk")
	b.over(t, d)
	p, err := store.Get(t.Context(), b.Store, mpesa.Payments, d.Payment())
	held, failed := store.Held(t.Context(), b.Store, d.Payment())
	if err != nil || failed != nil || len(held) > 0 || p.State != mpesa.Completed || p.Details.ThirdPartyID != "T-1" {
		t.Errorf("it is stored as %+v and holds %v, %v, %v", p, held, err, failed)
	}
	b.Books(t)
}

func TestBusinessHasEightSeconds(t *testing.T) {
	if b := newBench(t, settings{}); b.sender.Validation != 8*time.Second {
		t.Errorf("it has %s", b.sender.Validation)
	}
}
