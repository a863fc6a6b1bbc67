package crashtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// The merchants that ask for payments, all with the sandbox's passkey.
var shops = []struct {
	business, receiver mpesa.Shortcode
	kind               string
}{
	{174379, 174379, daraja.CustomerPayBillOnline},
	{600000, 600000, daraja.CustomerPayBillOnline},
	{654321, 765432, daraja.CustomerBuyGoodsOnline},
}

const passkey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"

// request is a push that a merchant sent. Its number is in its callback URL.
type request struct {
	number   int
	phone    msisdn.Number
	business mpesa.Shortcode
	receiver mpesa.Shortcode
	amount   int64

	ack *daraja.STKPushResponse // nil: refused, or nobody knows what became of it
}

// merchant is everything that the outside remembers: requests, and the callbacks that came for them.
type merchant struct {
	callbacks *httptest.Server
	slow      func(number int) time.Duration // how long its server takes to answer
	acked     atomic.Int64

	mu       sync.Mutex
	requests []*request
	bodies   map[int][]string // of the callbacks, by the request's number
	refused  map[string]int   // how often, by error code
}

// newMerchant makes a merchant whose server answers every seventh callback with an error, and some of them slowly.
func newMerchant(t *testing.T) *merchant {
	m := &merchant{slow: sometimesSlow, bodies: map[int][]string{}, refused: map[string]int{}}
	m.callbacks = httptest.NewServer(http.HandlerFunc(m.collect))
	t.Cleanup(func() {
		m.callbacks.CloseClientConnections()
		m.callbacks.Close()
	})
	return m
}

func (m *merchant) collect(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
	body, readErr := io.ReadAll(r.Body)
	if err != nil || readErr != nil {
		return // broken off by a crash
	}
	m.mu.Lock()
	m.bodies[n] = append(m.bodies[n], string(body))
	m.mu.Unlock()
	select {
	case <-time.After(m.slow(n)):
	case <-r.Context().Done():
	}
	if n%7 == 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func sometimesSlow(number int) time.Duration {
	if number%11 == 0 {
		return 30 * time.Millisecond
	}
	return 0
}

// newRequest notes a request before it is sent: what is sent may have happened.
func (m *merchant) newRequest(phone msisdn.Number, shop int, amount int64) *request {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := shops[shop]
	r := &request{number: len(m.requests) + 1, phone: phone, business: s.business, receiver: s.receiver, amount: amount}
	m.requests = append(m.requests, r)
	return r
}

// unanswered counts the acknowledged requests whose callback has not come.
func (m *merchant) unanswered() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.requests {
		if r.ack != nil && len(m.bodies[r.number]) == 0 {
			n++
		}
	}
	return n
}

func (m *merchant) refusals(code string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refused[code]
}

func (m *merchant) acknowledged() (list []*request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.requests {
		if r.ack != nil {
			list = append(list, r)
		}
	}
	return list
}

// door is how clients come to a node, which after a restart has another address.
type door struct {
	address   atomic.Pointer[string]
	transport *http.Transport
	client    *daraja.Client
}

func newDoor(t *testing.T, options ...daraja.Option) *door {
	d := &door{}
	d.transport = &http.Transport{MaxIdleConnsPerHost: 100, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, *d.address.Load())
	}}
	t.Cleanup(d.transport.CloseIdleConnections)
	options = append(options, daraja.WithPasskey(passkey), daraja.WithHTTPClient(&http.Client{Transport: d.transport, Timeout: 30 * time.Second}))
	d.client = daraja.New("http://localhost", "kivuko-key", "kivuko-secret", options...)
	return d
}

// leads makes the door lead to a node.
func (d *door) leads(url string) {
	address := strings.TrimPrefix(url, "http://")
	d.address.Store(&address)
	d.transport.CloseIdleConnections()
}

// token is the access token that the door's client uses.
func (d *door) token(t *testing.T) string {
	t.Helper()
	token, err := d.client.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// push sends a request and notes what came of it. An error is what broke the exchange, not a refusal.
func (m *merchant) push(ctx context.Context, d *door, r *request) (refused *daraja.Error, err error) {
	kind := daraja.CustomerPayBillOnline
	if r.receiver != r.business {
		kind = daraja.CustomerBuyGoodsOnline
	}
	ack, err := d.client.STKPush(ctx, daraja.STKPushRequest{
		BusinessShortCode: r.business.String(), TransactionType: kind, Amount: strconv.FormatInt(r.amount, 10),
		PartyA: r.phone.String(), PartyB: r.receiver.String(), PhoneNumber: r.phone.String(),
		CallBackURL: fmt.Sprintf("%s/%d", m.callbacks.URL, r.number), AccountReference: "crash", TransactionDesc: "crash",
	})
	if err != nil {
		if refusal, ok := errors.AsType[*daraja.Error](err); ok {
			m.mu.Lock()
			m.refused[refusal.Code]++
			m.mu.Unlock()
			return refusal, nil
		}
		return nil, err
	}
	m.mu.Lock()
	r.ack = ack
	m.mu.Unlock()
	m.acked.Add(1)
	return nil, nil
}

// mustPush asks a customer for some shillings, and fails the test when that is not acknowledged.
func (m *merchant) mustPush(t *testing.T, d *door, phone msisdn.Number) *request {
	t.Helper()
	r := m.newRequest(phone, 0, 1+int64(phone)%900)
	if refused, err := m.push(t.Context(), d, r); refused != nil || err != nil {
		t.Fatalf("asking %s: %v, %v", phone, refused, err)
	}
	return r
}

// customers are the phones that load is put on: fewer than there are clients' requests under way, so that they also meet.
const customers = 150

func customer(n int) msisdn.Number {
	broken := []msisdn.Number{254700000001, 254700000017, 254700001032, 254700001037, 254700002001}
	if n < len(broken) {
		return broken[n]
	}
	return msisdn.Number(254722000000 + n)
}

// load has clients send one request after the other until ctx ends. It returns when the last one is over.
func (m *merchant) load(ctx context.Context, d *door, clients int, seed uint64) {
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			dice := rand.New(rand.NewPCG(seed, uint64(i)))
			for ctx.Err() == nil {
				r := m.newRequest(customer(dice.IntN(customers)), dice.IntN(len(shops)), 1+dice.Int64N(900))
				// Requests under way are not broken off: their answers tell what must not be lost.
				if _, err := m.push(context.WithoutCancel(ctx), d, r); err != nil {
					return // the node has gone
				}
			}
		})
	}
	all.Wait()
}
