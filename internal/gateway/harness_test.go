package gateway_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"log/slog"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
)

// bench is a gateway over a core in which phones ask and nobody answers, and a merchant without a network to it.
type bench struct {
	*testworld.Core
	*testworld.Merchant
	gateway *gateway.Gateway
	journal *journal.Journal
}

func newBench(t testing.TB, changes ...func(*gateway.Options)) *bench {
	t.Helper()
	return newBenchOver(t, testworld.CoreOptions{}, changes...)
}

func newBenchOver(t testing.TB, options testworld.CoreOptions, changes ...func(*gateway.Options)) *bench {
	t.Helper()
	policy := options.Policy
	options.Policy = func(p *mpesa.Policy) {
		p.QueueTime = time.Minute
		if policy != nil {
			policy(p)
		}
	}
	core := testworld.NewCore(t, options)
	core.Run(t)
	b := &bench{Core: core, journal: journal.New(journal.Size)}
	var tokens atomic.Int64
	o := gateway.Options{Engine: core.Engine, Store: core.Store, Mint: core.Mint, Clock: core.Clock, Journal: b.journal, Log: slog.New(slog.DiscardHandler),
		NewToken: func() string { return fmt.Sprintf("c9SQxWWhmdVRlyh0zh8g%08d", tokens.Add(1)) }, Rules: gateway.Rules{Profile: "sandbox", ForeignCredentials: true}, Credentials: credential.New(decrypt, core.Clock.Now)}
	for _, change := range changes {
		change(&o)
	}
	b.gateway = gateway.New(o)
	b.Merchant = testworld.MerchantOf(b.gateway)
	b.Credential = rightCredential(t)
	b.Token(t)
	return b
}

// ourKey is the installation's, and otherKey the one of somebody else's certificate. One pair serves all tests: making them is slow.
var ourKey, otherKey = sync.OnceValue(newKey), sync.OnceValue(newKey)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

func decrypt(_ context.Context, ciphertext []byte) ([]byte, error) {
	return rsa.DecryptPKCS1v15(nil, ourKey(), ciphertext) //lint:ignore SA1019 the wire's padding
}

// encrypt makes a SecurityCredential.
func encrypt(t testing.TB, password string, key *rsa.PrivateKey) string {
	t.Helper()
	b, err := rsa.EncryptPKCS1v15(rand.Reader, &key.PublicKey, []byte(password)) //lint:ignore SA1019 the wire's padding
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}

func rightCredential(t testing.TB) string { return encrypt(t, testworld.OperatorPassword, ourKey()) }

// request sends a request that nothing is wrong with but for some fields.
func (b *bench) request(t testing.TB, path string, changes fields) testworld.Answer {
	t.Helper()
	return b.Send(t, path, b.Requests()[path], changes)
}

// acknowledged wants an answer to be an acknowledgement, and gives the payment that waits since.
func (b *bench) acknowledged(t testing.TB, a testworld.Answer) *mpesa.Payment {
	t.Helper()
	if a.Status != 200 || a.Text("ResponseCode") != "0" {
		t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	id, ok := b.Mint.ParseConversation(a.Text("ConversationID"))
	x, err := store.Subject(t.Context(), b.Store, id)
	if !ok || err != nil || x == nil {
		t.Fatalf("%s is payment %d %+v, %v", a.Body, id, x, err)
	}
	return new(mpesatest.PaymentOf(x))
}

// processed gives a waiting request its turn, and how it ended.
func (b *bench) processed(t testing.TB, p *mpesa.Payment) *mpesa.Payment {
	t.Helper()
	b.do(t, portal.WhenDue(p.Kind, p.State, mpesa.Due{Payment: p.ID, Payer: p.Payer}))
	after, err := store.Subject(t.Context(), b.Store, p.ID)
	if err != nil || after == nil || !after.Head().State.Final() {
		t.Fatalf("payment %d is %+v, %v", p.ID, after, err)
	}
	return new(mpesatest.PaymentOf(after))
}

// do runs a command on the core.
func (b *bench) do(t testing.TB, c mpesa.Command) { t.Helper(); b.Core.Do(t, c) }

// enter has a phone's prompt answered.
func (b *bench) enter(t testing.TB, phone, pin string) {
	t.Helper()
	n, err := msisdn.Parse(phone)
	if err != nil {
		t.Fatal(err)
	}
	c := &mpesa.AnswerPrompt{Phone: n, PIN: testworld.Digest(n, pin)}
	if pin == "cancel" {
		c = &mpesa.AnswerPrompt{Phone: n, Entered: mpesa.PressedCancel}
	}
	if b.do(t, c); !c.Open {
		t.Fatalf("no prompt is open on %s", phone)
	}
}

// refused wants an answer to be a refusal in the documented form, explained in the journal.
func (b *bench) refused(t testing.TB, a testworld.Answer, want codes.Error, explained ...string) {
	t.Helper()
	if a.Status != want.Status || a.Code() != want.Code || a.Message() != want.Message {
		t.Errorf("got HTTP %d %s; want HTTP %d %s %s", a.Status, a.Body, want.Status, want.Code, want.Message)
		return
	}
	checkRefusal(t, a.Body)
	if got := a.Header.Get("Content-Type"); got != "application/json;charset=UTF-8" {
		t.Errorf("Content-Type is %q", got)
	}
	b.explained(t, want, explained...)
}

// explained wants the newest entry of the journal to tell of a refusal, with words that say why.
func (b *bench) explained(t testing.TB, want codes.Error, words ...string) {
	t.Helper()
	e := b.journal.Entries(0, 0, 1, nil)[0]
	if e.Code != want.Code || e.Status != want.Status || e.Explanation == "" || e.Payment != 0 {
		t.Errorf("the journal says HTTP %d %s: %q, payment %d; want HTTP %d %s explained", e.Status, e.Code, e.Explanation, e.Payment, want.Status, want.Code)
	}
	for _, word := range words {
		if !strings.Contains(e.Explanation, word) {
			t.Errorf("the explanation %q doesn't mention %q", e.Explanation, word)
		}
	}
}

// nothingMoved gives the books as they are, and wants them to be the same when the test ends.
func (b *bench) nothingMoved(t testing.TB) {
	t.Helper()
	before := b.Books(t)
	t.Cleanup(func() {
		if after := b.booksLater(t); !reflect.DeepEqual(after, before) {
			t.Errorf("the books went from %+v to %+v", before, after)
		}
	})
}

// booksLater are the books in a cleanup, when the test's context has ended.
func (b *bench) booksLater(t testing.TB) store.Books {
	books, err := b.Store.Books(context.Background(), store.Evidence{})
	if err != nil {
		t.Error(err)
	}
	return books
}

// checkRefusal wants a body to have the form of wire.md §2.1, all strings and in that order.
func checkRefusal(t testing.TB, body []byte) {
	t.Helper()
	texts := regexp.MustCompile(`(errorCode|errorMessage) ".*"\n`)
	const want = "{\n requestId \"…\"\n errorCode text\n errorMessage text\n}\n"
	if got := texts.ReplaceAllString(testworld.Form(t, body), "$1 text\n"); got != want {
		t.Errorf("the refusal %s has the form\n%swant\n%s", body, got, want)
	}
}
