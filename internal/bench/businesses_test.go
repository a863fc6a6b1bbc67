package bench

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strconv"
	"sync"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
)

// businesses are a fake's: what they have, and what they have registered.
type businesses struct {
	books     sync.Mutex
	paid      map[account]int64           // shillings, beside the million that each account has at first
	urls      map[string]registered       // by shortcode
	validates map[string]bool             // likewise
	requested map[string][]map[string]any // bodies by path, when they are kept
}

type registered struct{ ShortCode, ResponseType, ConfirmationURL, ValidationURL string }

func (f *fake) handleBusinesses(mux *http.ServeMux) {
	f.paid, f.urls, f.validates, f.requested = map[account]int64{}, map[string]registered{}, map[string]bool{}, map[string][]map[string]any{}
	mux.HandleFunc("GET /kivuko/v1/certificate", serveCertificate)
	mux.HandleFunc("GET /kivuko/v1/organisations/{shortcode}", f.organisation)
	mux.HandleFunc("PUT /kivuko/v1/organisations/{shortcode}", f.changeOrganisation)
	mux.HandleFunc("POST /mpesa/c2b/v2/registerurl", f.register)
	mux.HandleFunc("POST /mpesa/c2b/v2/simulate", f.simulate)
	mux.HandleFunc("POST /mpesa/b2c/v3/paymentrequest", f.payOut)
	mux.HandleFunc("POST /mpesa/b2b/v1/paymentrequest", f.transfer)
}

// serveCertificate serves the certificate of a key that nobody has any more.
func serveCertificate(w http.ResponseWriter, _ *http.Request) {
	key, err := rsa.GenerateKey(rand.Reader, 1024) // quickly made
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", control.PEMType)
	pem.Encode(w, &pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func (f *fake) organisation(w http.ResponseWriter, r *http.Request) {
	f.books.Lock()
	defer f.books.Unlock()
	o := control.Organisation{Shortcode: r.PathValue("shortcode")}
	n, _ := strconv.Atoi(o.Shortcode)
	for _, name := range []string{daraja.WorkingAccount, daraja.UtilityAccount} {
		o.Accounts = append(o.Accounts, control.Account{Name: name, Current: control.Shillings(1_000_000 + f.paid[account{n, name}])})
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(o)
}

func (f *fake) changeOrganisation(w http.ResponseWriter, r *http.Request) {
	var change struct{ Validates bool }
	if err := json.NewDecoder(r.Body).Decode(&change); err != nil {
		panic(err)
	}
	f.books.Lock()
	f.validates[r.PathValue("shortcode")] = change.Validates
	f.books.Unlock()
	f.organisation(w, r)
}

func (f *fake) register(w http.ResponseWriter, r *http.Request) {
	var x registered
	if err := json.NewDecoder(r.Body).Decode(&x); err != nil {
		panic(err)
	}
	f.books.Lock()
	defer f.books.Unlock()
	f.urls[x.ShortCode] = x
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, `{"OriginatorCoversationID":"r","ResponseCode":"0","ResponseDescription":"Success"}`)
}

// simulate asks the business, and confirms the payment when it takes it.
func (f *fake) simulate(w http.ResponseWriter, r *http.Request) {
	n, body, ok := f.accept(w, r)
	if !ok {
		return
	}
	f.requestedAt(r, body)
	shortcode := string(value(body, `"ShortCode"`))
	f.books.Lock()
	urls, validates := f.urls[shortcode], f.validates[shortcode]
	f.books.Unlock()
	notice := `{"BusinessShortCode":"` + shortcode + `","BillRefNumber":"` + string(value(body, `"BillRefNumber"`)) + `"}`
	f.later(func() {
		if validates && !every(n, f.unasked) && string(value(post(urls.ValidationURL, notice), `"ResultCode"`)) != "0" {
			return
		}
		pay := func() { f.pay(n, body, "ShortCode", daraja.UtilityAccount, 1) }
		f.callBack(n, urls.ConfirmationURL, pay, func(string) string { return notice })
	})
	fmt.Fprintf(w, `{"OriginatorCoversationID":"c-%d","ResponseCode":"0","ResponseDescription":"Accept the service request successfully."}`, n)
}

func (f *fake) payOut(w http.ResponseWriter, r *http.Request) {
	n, body, ok := f.accept(w, r)
	if !ok {
		return
	}
	f.requestedAt(r, body)
	f.initiated(w, n, body, string(value(body, `"OriginatorConversationID"`)), func() {
		f.pay(n, body, "PartyA", daraja.UtilityAccount, -1)
	})
}

func (f *fake) transfer(w http.ResponseWriter, r *http.Request) {
	n, body, ok := f.accept(w, r)
	if !ok {
		return
	}
	f.requestedAt(r, body)
	f.initiated(w, n, body, fmt.Sprint("o-", n), func() {
		f.pay(n, body, "PartyA", daraja.WorkingAccount, -1)
		f.pay(n, body, "PartyB", daraja.UtilityAccount, 1)
	})
}

// initiated acknowledges a request by an initiator; its result follows.
func (f *fake) initiated(w http.ResponseWriter, n uint64, body []byte, originator string, pay func()) {
	url := string(value(body, `"ResultURL"`))
	f.later(func() {
		f.callBack(n, url, pay, func(result string) string {
			return `{"Result":{"ResultType":0,"ResultCode":` + result + `,"ResultDesc":".","OriginatorConversationID":"` + originator + `"}}`
		})
	})
	fmt.Fprintf(w, `{"ConversationID":"AG_%d","OriginatorConversationID":"%s","ResponseCode":"0","ResponseDescription":"Accept the service request successfully."}`,
		n, originator)
}

// pay moves a request's amount to, or from, an account of the business that a field of it names.
func (f *fake) pay(n uint64, body []byte, field, name string, sign int64) {
	if every(n, f.steal) {
		return
	}
	shortcode, _ := strconv.Atoi(string(value(body, `"`+field+`"`)))
	amount, _ := strconv.ParseInt(string(value(body, `"Amount"`)), 10, 64)
	f.books.Lock()
	defer f.books.Unlock()
	f.paid[account{shortcode, name}] += sign * amount
}

// requestedAt keeps a request's body.
func (f *fake) requestedAt(r *http.Request, body []byte) {
	if !f.keep {
		return
	}
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		panic(err)
	}
	f.books.Lock()
	defer f.books.Unlock()
	f.requested[r.URL.Path] = append(f.requested[r.URL.Path], fields)
}
