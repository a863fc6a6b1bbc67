package crashtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// The shops that pay and are paid, each with a million in Working and in Utility.
const (
	payer = mpesa.Shortcode(600000) // pays customers and the other one
	paid  = mpesa.Shortcode(600001) // has customers' payments validated
)

// The kinds of orders: the APIs that money moves by.
var orderKinds = []mpesa.Kind{mpesa.B2C, mpesa.B2Pochi, mpesa.B2B, mpesa.Tax, mpesa.C2B, mpesa.C2B, mpesa.Reversal}

// order is a request that a business sent. Its number is in its ResultURL, or is the account number that the customer entered.
type order struct {
	number   int
	kind     mpesa.Kind
	phone    msisdn.Number
	amount   int64  // shillings
	original string // the receipt that is to be reversed

	acked  bool
	ack    *daraja.Acknowledgement // nil: not acknowledged, or what became of it is known from a refusal or not at all
	unsure bool                    // nobody knows whether it was accepted
}

// originator is the order's OriginatorConversationID, where the API takes one.
func (o *order) originator() string { return fmt.Sprintf("crash-%d", o.number) }

// numbered reports whether the API takes an OriginatorConversationID: then the order can safely be sent again.
func (o *order) numbered() bool { return o.kind == mpesa.B2C || o.kind == mpesa.B2Pochi }

// rejected reports whether the business rejects the customer's payment when it is asked.
func (o *order) rejected() bool { return o.number%5 == 0 }

// business is everything that the outside remembers: orders, and what its server was told and asked.
type business struct {
	server *httptest.Server
	acked  atomic.Int64

	mu            sync.Mutex
	orders        []*order
	results       map[int][]string             // bodies by the order's number
	confirmations map[int][]*daraja.C2BPayment // by the account number
	validations   map[int]*daraja.C2BPayment   // the last one
}

// newBusiness makes a business whose server is sometimes slow.
func newBusiness(t *testing.T) *business {
	b := &business{results: map[int][]string{}, confirmations: map[int][]*daraja.C2BPayment{}, validations: map[int]*daraja.C2BPayment{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /result/{number}", b.takeResult)
	mux.HandleFunc("POST /validation", b.validate)
	mux.HandleFunc("POST /confirmation", b.takeConfirmation)
	b.server = httptest.NewServer(mux)
	t.Cleanup(func() {
		b.server.CloseClientConnections()
		b.server.Close()
	})
	return b
}

func (b *business) takeResult(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("number"))
	body, readErr := io.ReadAll(r.Body)
	if err != nil || readErr != nil {
		return // broken off by a crash
	}
	b.mu.Lock()
	b.results[n] = append(b.results[n], string(body))
	b.mu.Unlock()
	<-time.After(sometimesSlow(n))
}

// c2b reads the body of a validation or a confirmation; ok is false when a crash has broken it off.
func c2b(r *http.Request) (p *daraja.C2BPayment, number int, ok bool) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, 0, false
	}
	if p, err = daraja.ParseC2BPayment(body); err != nil {
		return nil, 0, false
	}
	number, err = strconv.Atoi(p.BillRefNumber)
	return p, number, err == nil
}

// validate rejects every fifth payment.
func (b *business) validate(w http.ResponseWriter, r *http.Request) {
	p, n, ok := c2b(r)
	if !ok {
		return
	}
	b.mu.Lock()
	b.validations[n] = p
	rejected := b.orders[n-1].rejected()
	b.mu.Unlock()
	<-time.After(sometimesSlow(n))
	reply := daraja.AcceptC2B(fmt.Sprintf("T%d", n))
	if rejected {
		reply = daraja.RejectC2B(daraja.C2BInvalidAccountNumber)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(reply) // nobody may be there any more
}

func (b *business) takeConfirmation(_ http.ResponseWriter, r *http.Request) {
	if p, n, ok := c2b(r); ok {
		b.mu.Lock()
		b.confirmations[n] = append(b.confirmations[n], p)
		b.mu.Unlock()
	}
}

// open registers the URLs, switches validation on, and gives the door an initiator.
func (b *business) open(t *testing.T, url string) *door {
	t.Helper()
	api := control.New(url)
	certificate, err := api.Certificate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d := newDoor(t, daraja.WithInitiator("testapi", "Safaricom999!*!", certificate))
	d.leads(url)
	if _, err := d.client.RegisterURL(t.Context(), daraja.RegisterURLRequest{ShortCode: paid.String(), ResponseType: daraja.ResponseCompleted,
		ConfirmationURL: b.server.URL + "/confirmation", ValidationURL: b.server.URL + "/validation"}); err != nil {
		t.Fatal(err)
	}
	validates := true
	if _, _, err := api.PutOrganisation(t.Context(), paid.String(), control.OrganisationChange{Validates: &validates}); err != nil {
		t.Fatal(err)
	}
	return d
}

// newOrder notes an order before it is sent: what is sent may have happened.
func (b *business) newOrder(dice *rand.Rand) *order {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := &order{number: len(b.orders) + 1, kind: orderKinds[dice.IntN(len(orderKinds))], phone: customer(100 + dice.IntN(500)), amount: 10 + dice.Int64N(90)}
	if dice.IntN(8) == 0 && o.numbered() {
		o.amount = 5 // too little
	}
	if o.kind == mpesa.Reversal && !b.chooseOriginal(o, dice) {
		o.kind = mpesa.C2B
	}
	b.orders = append(b.orders, o)
	return o
}

// chooseOriginal chooses a confirmed payment to be reversed. Another order may have chosen it before.
func (b *business) chooseOriginal(o *order, dice *rand.Rand) bool {
	if len(b.orders) == 0 {
		return false
	}
	for _, n := range []int{dice.IntN(len(b.orders)) + 1, len(b.orders)/2 + 1} {
		if list := b.confirmations[n]; len(list) > 0 {
			cents, _ := list[0].Amount()
			o.original, o.amount = list[0].TransID, cents/100
			return true
		}
	}
	return false
}

// send sends an order and notes what came of it. An error is what broke the exchange, not a refusal.
func (b *business) send(ctx context.Context, d *door, o *order) error {
	ack, err := b.post(ctx, d, o)
	refusal, refused := errors.AsType[*daraja.Error](err)
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case err == nil:
		o.ack, o.acked, o.unsure = ack, true, false
		b.acked.Add(1)
	case refused && refusal.Code == "500.002.1001" && o.unsure && o.numbered(): // it had been accepted
		o.acked, o.unsure = true, false
	case !refused:
		o.unsure = true
		return err
	case refusal.Code != "500.003.02": // busy, while the database is away
		return fmt.Errorf("order %+v: %w", o, err)
	}
	return nil
}

func (b *business) post(ctx context.Context, d *door, o *order) (*daraja.Acknowledgement, error) {
	amount, result := strconv.FormatInt(o.amount, 10), fmt.Sprintf("%s/result/%d", b.server.URL, o.number)
	switch o.kind {
	case mpesa.B2C, mpesa.B2Pochi:
		req := daraja.B2CRequest{OriginatorConversationID: o.originator(), CommandID: daraja.BusinessPayment, Amount: amount, PartyA: payer.String(),
			PartyB: o.phone.String(), Remarks: "crash", QueueTimeOutURL: result, ResultURL: result}
		if o.kind == mpesa.B2Pochi {
			req.CommandID = daraja.BusinessPayToPochi
			return d.client.B2Pochi(ctx, req)
		}
		return d.client.B2C(ctx, req)
	case mpesa.B2B, mpesa.Tax:
		req := daraja.B2BRequest{CommandID: mpesa.BusinessPayBill, SenderIdentifierType: daraja.IdentifierShortcode, ReceiverIdentifierType: daraja.IdentifierShortcode,
			Amount: amount, PartyA: payer.String(), PartyB: paid.String(), AccountReference: "crash", Remarks: "crash", QueueTimeOutURL: result, ResultURL: result}
		if o.kind == mpesa.Tax {
			req.CommandID, req.PartyB = mpesa.PayTaxToKRA, daraja.KRA
			return d.client.RemitTax(ctx, req)
		}
		return d.client.B2B(ctx, req)
	case mpesa.Reversal:
		return d.client.Reverse(ctx, daraja.ReversalRequest{CommandID: mpesa.TransactionReversal, TransactionID: o.original, Amount: amount, ReceiverParty: paid.String(),
			ReceiverIdentifierType: daraja.IdentifierReversal, Remarks: "crash", QueueTimeOutURL: result, ResultURL: result})
	}
	_, err := d.client.SimulateC2B(ctx, daraja.C2BSimulateRequest{ShortCode: paid.String(), CommandID: daraja.CustomerPayBillOnline, Amount: amount,
		Msisdn: o.phone.String(), BillRefNumber: strconv.Itoa(o.number)})
	return nil, err
}

// load has clients send one order after the other until ctx ends. It returns when the last one is over.
func (b *business) load(ctx context.Context, d *door, clients int, seed uint64) {
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			dice := rand.New(rand.NewPCG(seed, uint64(i)))
			for ctx.Err() == nil {
				if b.send(context.WithoutCancel(ctx), d, b.newOrder(dice)) != nil {
					return // the node has gone
				}
			}
		})
	}
	all.Wait()
}

// sendAgain sends the orders again of which nobody knows whether they were accepted, as far as that can do no harm.
func (b *business) sendAgain(t *testing.T, d *door) {
	t.Helper()
	again := 0
	for _, o := range b.list() {
		if o.unsure && o.numbered() {
			again++
			if err := b.send(t.Context(), d, o); err != nil {
				t.Errorf("order %d, sent again: %v", o.number, err)
			}
		}
	}
	t.Logf("%d orders were sent again", again)
}

// list is the orders so far.
func (b *business) list() []*order {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*order(nil), b.orders...)
}

// unanswered counts the acknowledged orders whose result has not come.
func (b *business) unanswered() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range b.orders {
		if o.acked && o.kind != mpesa.C2B && len(b.results[o.number]) == 0 {
			n++
		}
	}
	return n
}

// result is what became of an order, by its result. All results for it say the same.
func (b *business) result(t *testing.T, n int) *daraja.Result {
	t.Helper()
	var first *daraja.Result
	for _, body := range b.results[n] {
		r, err := daraja.ParseResult([]byte(body))
		switch {
		case err != nil:
			t.Fatalf("the result of order %d: %v", n, err)
		case body != b.results[n][0]:
			t.Errorf("the results of order %d differ: %s", n, strings.Join(b.results[n], "\n"))
		}
		first = r
	}
	return first
}
