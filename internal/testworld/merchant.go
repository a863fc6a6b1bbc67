package testworld

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

// What the world starts with (internal/seedworld).
const (
	Key     = "kivuko-key"
	Secret  = "kivuko-secret"
	Passkey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
	PayBill = "174379"
	Till    = "765432"
	Store   = "654321"
	John    = "254708374149"
	PIN     = "1234"
)

// The APIs' paths.
const (
	TokenPath = "/oauth/v1/generate?grant_type=client_credentials"
	PushPath  = "/mpesa/stkpush/v1/processrequest"
	QueryPath = "/mpesa/stkpushquery/v1/query"
)

// Fields are members of a request's body, to be set or, with Absent, left out.
type Fields map[string]any

// Absent as a field's value leaves the field out.
var Absent = new(struct{ absent bool })

// Answer is the gateway's answer to a request.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	values map[string]any // of a JSON object
}

// NewAnswer makes an answer of what came.
func NewAnswer(status int, header http.Header, body []byte) Answer {
	a := Answer{Status: status, Header: header, Body: body}
	json.Unmarshal(body, &a.values) // what is no object has no members
	return a
}

// Text is a member of the answer's JSON object, "" where there is none or it isn't a string.
func (a Answer) Text(name string) string {
	text, _ := a.values[name].(string)
	return text
}

// Code is the errorCode of a refusal, "" for anything else.
func (a Answer) Code() string { return a.Text("errorCode") }

// Message is the errorMessage of a refusal.
func (a Answer) Message() string { return a.Text("errorMessage") }

// CheckoutRequestID is that of an accepted push.
func (a Answer) CheckoutRequestID() string { return a.Text("CheckoutRequestID") }

// Merchant is a merchant's client, which sends what it is told, right or wrong. It may be used by several goroutines once it
// has its token.
type Merchant struct {
	URL        string
	CallBack   string // CallBackURL of its pushes, and what the URLs of its other requests begin with
	Credential string // SecurityCredential of its requests
	Client     *http.Client
	token      string
}

// NewMerchant makes the client of a running gateway. Results are to be sent to callback.
func NewMerchant(url, callback string) *Merchant {
	return &Merchant{URL: url, CallBack: callback, Client: &http.Client{
		Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// MerchantOf makes the client of a handler, without a network between them.
func MerchantOf(h http.Handler) *Merchant {
	m := NewMerchant("http://gateway.test", "http://merchant.test/callback")
	m.Client.Transport = direct{h}
	return m
}

// direct is a transport that calls a handler.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	in.RequestURI, in.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1234"
	w := httptest.NewRecorder()
	d.ServeHTTP(w, in)
	return w.Result(), nil
}

// Token gives the merchant's access token; the first call fetches it.
func (m *Merchant) Token(t testing.TB) string {
	t.Helper()
	if m.token == "" {
		m.Renew(t)
	}
	return m.token
}

// Renew fetches a new access token.
func (m *Merchant) Renew(t testing.TB) Answer {
	t.Helper()
	r := m.Request(t, http.MethodGet, TokenPath, nil)
	r.SetBasicAuth(Key, Secret)
	a := m.Do(t, r)
	if m.token = a.Text("access_token"); m.token == "" {
		t.Fatalf("no token: HTTP %d %s", a.Status, a.Body)
	}
	return a
}

// Push sends a push of KES 10 from John to the pay bill with some of its fields changed.
func (m *Merchant) Push(t testing.TB, changes Fields) Answer {
	t.Helper()
	return m.Post(t, PushPath, marshal(t, m.PushFields(), changes))
}

// Query sends a query with some of its fields changed.
func (m *Merchant) Query(t testing.TB, checkoutRequestID string, changes Fields) Answer {
	t.Helper()
	return m.Post(t, QueryPath, marshal(t, QueryFields(checkoutRequestID), changes))
}

// Post sends a body as JSON, with the merchant's token.
func (m *Merchant) Post(t testing.TB, path string, body []byte) Answer {
	t.Helper()
	r := m.Request(t, http.MethodPost, path, body)
	r.Header.Set("Authorization", "Bearer "+m.Token(t))
	r.Header.Set("Content-Type", "application/json")
	return m.Do(t, r)
}

// Request makes a request without any header.
func (m *Merchant) Request(t testing.TB, method, path string, body []byte) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, m.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Do sends any request.
func (m *Merchant) Do(t testing.TB, r *http.Request) Answer {
	t.Helper()
	response, err := m.Client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return NewAnswer(response.StatusCode, response.Header, body)
}

// PushFields is a push that nothing is wrong with.
func (m *Merchant) PushFields() Fields {
	f := signed()
	maps.Copy(f, Fields{"TransactionType": daraja.CustomerPayBillOnline, "Amount": "10", "PartyA": John, "PartyB": PayBill, "PhoneNumber": John,
		"CallBackURL": m.CallBack, "AccountReference": "INV-7", "TransactionDesc": "Shoes"})
	return f
}

// QueryFields is a query that nothing is wrong with.
func QueryFields(checkoutRequestID string) Fields {
	f := signed()
	f["CheckoutRequestID"] = checkoutRequestID
	return f
}

// From has a push prompt a phone.
func From(phone string) Fields { return Fields{"PartyA": phone, "PhoneNumber": phone} }

// Business are the fields that make a push or query another shortcode's.
func Business(shortcode string) Fields {
	password, timestamp := daraja.Password(shortcode, Passkey, time.Now())
	return Fields{"BusinessShortCode": shortcode, "Password": password, "Timestamp": timestamp}
}

// With adds other changes to changes.
func (f Fields) With(others ...Fields) Fields {
	f = maps.Clone(f)
	for _, o := range others {
		maps.Copy(f, o)
	}
	return f
}

func signed() Fields { return Business(PayBill) }

// marshal writes fields as JSON.
func marshal(t testing.TB, fields, changes Fields) []byte {
	t.Helper()
	fields = fields.With(changes)
	maps.DeleteFunc(fields, func(_ string, value any) bool { return value == any(Absent) })
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
