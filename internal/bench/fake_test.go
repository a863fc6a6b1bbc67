package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

// behaviour is what a fake does instead of what it should, with each so-manieth request.
type behaviour struct {
	answerAfter time.Duration
	lose        uint64 // no callback
	repeat      uint64 // the callback comes twice
	fail        uint64 // ResultCode 1
	refuse      uint64 // HTTP 500
	hangUp      uint64 // the connection is closed without an answer
	sum         string // of the books
	early       bool   // callbacks come before acknowledgements
	unasked     uint64 // no validation
	steal       uint64 // the money doesn't move
	keep        bool   // keeps the requests
	pprof       bool   // serves profiles
}

// fake is just enough of a Daraja: it acknowledges requests and calls back. businesses_test.go has its businesses and their APIs.
type fake struct {
	behaviour
	businesses
	requests  atomic.Uint64
	payments  atomic.Int64
	open      atomic.Int64 // payments accepted and not called back
	mostOpen  atomic.Int64
	callbacks sync.WaitGroup
	mu        sync.Mutex
	seen      []pushRequest
}

// pushRequest is the body of a push.
type pushRequest struct {
	BusinessShortCode                        json.Number
	Password, Timestamp, TransactionType     string
	Amount                                   json.Number
	PartyA, PartyB, PhoneNumber, CallBackURL string
	AccountReference, TransactionDesc        string
}

func (f *fake) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /kivuko/v1/health", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{}`) })
	mux.HandleFunc("GET /kivuko/v1/books", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"payments": %d, "sum": %q}`, f.payments.Load(), f.sum)
	})
	mux.HandleFunc("GET /oauth/v1/generate", func(w http.ResponseWriter, r *http.Request) {
		if key, secret, _ := r.BasicAuth(); key != consumerKey || secret != consumerSecret {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		io.WriteString(w, `{"access_token":"`+fakeToken+`","expires_in":"3599"}`)
	})
	mux.HandleFunc("POST /mpesa/stkpush/v1/processrequest", f.push)
	if f.pprof {
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	}
	f.handleBusinesses(mux)
	return mux
}

const fakeToken = "c9SQxWWhmdVRlyh0zh8gZDTkubVF"

func every(n, of uint64) bool { return of > 0 && n%of == 0 }

func (f *fake) push(w http.ResponseWriter, r *http.Request) {
	n, body, ok := f.accept(w, r)
	if !ok {
		return
	}
	if f.keep {
		var request pushRequest
		if err := json.Unmarshal(body, &request); err != nil {
			panic(err)
		}
		f.mu.Lock()
		f.seen = append(f.seen, request)
		f.mu.Unlock()
	}
	phone, url := string(value(body, `"PhoneNumber"`)), string(value(body, `"CallBackURL"`))
	id := "ws_CO_20112026" + strconv.FormatUint(100_000_000+n, 10) + phone[3:]
	f.later(func() {
		pay := func() { f.pay(n, body, "BusinessShortCode", daraja.UtilityAccount, 1) }
		f.callBack(n, url, pay, func(result string) string {
			return `{"Body":{"stkCallback":{"MerchantRequestID":"m","CheckoutRequestID":"` + id + `","ResultCode":` + result + `,"ResultDesc":"."}}}`
		})
	})
	fmt.Fprintf(w, `{"MerchantRequestID":"m-%d","CheckoutRequestID":"%s","ResponseCode":"0","ResponseDescription":"Success. Request accepted for processing"}`, n, id)
}

// accept reads a request and counts its payment, unless it is to be refused.
func (f *fake) accept(w http.ResponseWriter, r *http.Request) (n uint64, body []byte, ok bool) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	n = f.requests.Add(1)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	switch {
	case r.Header.Get("Authorization") != "Bearer "+fakeToken:
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{"requestId":"1","errorCode":"404.001.03","errorMessage":"Invalid Access Token"}`)
		return n, nil, false
	case every(n, f.refuse):
		w.WriteHeader(http.StatusInternalServerError)
		io.WriteString(w, `{"requestId":"1","errorCode":"500.003.02","errorMessage":"System is busy. Please try again in few minutes."}`)
		return n, nil, false
	case every(n, f.hangUp):
		panic(http.ErrAbortHandler)
	}
	f.payments.Add(1)
	if open := f.open.Add(1); open > f.mostOpen.Load() {
		f.mostOpen.Store(open) // exact as long as few requests come at once; a test that asks has few
	}
	return n, body, true
}

// later does what comes after an acknowledgement; of an early fake, before it.
func (f *fake) later(do func()) {
	if f.early {
		do()
		return
	}
	f.callbacks.Add(1)
	time.AfterFunc(f.answerAfter, func() {
		defer f.callbacks.Done()
		do()
	})
}

// callBack pays, unless that fails, and posts the result. It tells nobody of an error, just as M-PESA doesn't.
func (f *fake) callBack(n uint64, url string, pay func(), body func(result string) string) {
	f.open.Add(-1)
	if every(n, f.lose) {
		return
	}
	result := "0"
	if every(n, f.fail) {
		result = "1"
	} else {
		pay()
	}
	times := 1
	if every(n, f.repeat) {
		times = 2
	}
	for range times {
		post(url, body(result))
	}
}

// post posts to a merchant's URL, and gives its answer.
func post(url, body string) []byte {
	answer, err := merchants.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return text
}

// merchants is the client for callbacks.
var merchants = &http.Client{
	Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64},
	Timeout:   time.Minute,
}

// start runs the fake in this process.
func (f *fake) start(t *testing.T) *httptest.Server {
	t.Helper()
	if f.sum == "" {
		f.sum = "0.00"
	}
	s := httptest.NewServer(f.handler())
	t.Cleanup(func() {
		s.Close()
		f.callbacks.Wait()
		merchants.CloseIdleConnections()
	})
	return s
}

// TestMain is also the program that bench starts as `kivuko serve`.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		if err := serve(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		return
	}
	os.Exit(m.Run())
}

func serve(arguments []string) error {
	f := fake{}
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	listen := flags.String("listen", "", "")
	db := flags.String("db", "", "")
	for _, name := range []string{"phones", "profile", "result-after"} {
		flags.String(name, "", "")
	}
	flags.DurationVar(&f.answerAfter, "answer-after", 0, "")
	flags.StringVar(&f.sum, "sum", "0.00", "")
	flags.Uint64Var(&f.steal, "steal", 0, "")
	flags.BoolVar(&f.pprof, "pprof", false, "")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *db == "unreadable.db" {
		return fmt.Errorf("kivuko: unreadable.db: file is not a database")
	}
	if stored, err := os.ReadFile(*db); err == nil { // what a test's Preload left there
		n, err := strconv.ParseInt(string(bytes.TrimSpace(stored)), 10, 64)
		if err != nil {
			return err
		}
		f.payments.Store(n)
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	s := &http.Server{Handler: f.handler()}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	fmt.Printf("kivuko listening on http://%s\n", l.Addr())
	fmt.Println("and more to read")
	fmt.Fprintln(os.Stderr, "a line of the log")
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return s.Shutdown(context.Background())
	}
}
