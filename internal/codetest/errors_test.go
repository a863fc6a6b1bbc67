package codetest

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/testworld"
)

// paths are APIs, one of each family.
var paths = map[codes.Family]string{
	codes.STK: testworld.PushPath, codes.Payments: testworld.BalancePath, codes.C2B: testworld.RegisterPath,
	codes.PullRegister: "/pulltransactions/v1/register", codes.Lookups: "/pulltransactions/v1/query", codes.Checkout: "/v1/ussdpush/get-msisdn",
}

// refusals are the ways to be refused, by the error that comes. Each has the message's XXXX replaced.
type refusals struct {
	kind   *shop // a sandbox
	strict *shop
	m      *testworld.Merchant // of the sandbox
}

// elsewhere are the errors that take more than the public APIs: the tests that see them.
var elsewhere = map[codes.Error]string{
	codes.SystemBusy:    "crashtest.TestFullDiskRefusesNewWorkAndLosesNothing",
	codes.InternalError: "gateway.TestDefectIsAnsweredAndLogged",
}

// TestEveryErrorArrives makes the state for each error of the gateway, and sees the error arrive.
func TestEveryErrorArrives(t *testing.T) {
	r := refusals{kind: open(t, kivuko.Config{ResultAfter: -1, ClassicQuery: true}), strict: open(t, kivuko.Config{Profile: kivuko.Strict})}
	r.m = testworld.NewMerchant(r.kind.base, "https://merchant.example/callback")
	r.m.Token(t)
	cases, met := r.cases(), map[codes.Error]bool{}
	for _, e := range append(codes.Errors(), codes.OtherErrors()...) {
		make := cases[e]
		if met[e] {
			continue // of two families
		}
		if make == nil {
			sawElsewhere(t, e)
			continue
		}
		met[e] = true
		t.Run(fmt.Sprintf("%s %s", e.Code, e.Message), func(t *testing.T) {
			t.Parallel()
			got := make(t)
			message := strings.ReplaceAll(e.Message, "XXXX", varying[e])
			if code, text := said(got); got.Status != e.Status || code != e.Code || text != message {
				t.Errorf("the answer is HTTP %d %q; want HTTP %d %s %s", got.Status, got.Body, e.Status, e.Code, message)
			}
		})
	}
	for e := range cases {
		if !met[e] {
			t.Errorf("%v is not of the catalogue", e)
		}
	}
}

// said is the code and the text of a refusal in any of its forms (wire.md §2.1, §14).
func said(a testworld.Answer) (code, text string) {
	var body struct {
		ErrorCode, ErrorMessage daraja.Value
		Code, Status            daraja.Value // B2B Express
		ResponseCode            daraja.Value // M-Pesa Ratiba
		ResponseMessage         daraja.Value
	}
	if err := json.Unmarshal(a.Body, &body); err != nil {
		return "", "" // an empty body
	}
	return string(cmp.Or(body.ErrorCode, body.ResponseCode, body.Code)), string(cmp.Or(body.ErrorMessage, body.ResponseMessage, body.Status))
}

// varying is what stands for XXXX in the cases below.
var varying = map[codes.Error]string{codes.InvalidField("XXXX"): "PhoneNumber", codes.MethodNotAllowed("XXXX"): "PUT"}

// sawElsewhere fails unless another package's test sees the error.
func sawElsewhere(t *testing.T, e codes.Error) {
	t.Helper()
	pkg, name, ok := strings.Cut(elsewhere[e], ".")
	if !ok {
		t.Errorf("%s: no test makes it", e)
		return
	}
	files, err := filepath.Glob(filepath.Join("..", pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(source), "\nfunc "+name+"(") {
			return
		}
	}
	t.Errorf("%s: there is no test %s", e, elsewhere[e])
}

func (r refusals) cases() map[codes.Error]func(*testing.T) testworld.Answer {
	list := map[codes.Error]func(*testing.T) testworld.Answer{
		codes.BadAuthentication: r.token(http.MethodGet, testworld.TokenPath, "Bearer x"),
		codes.BadGrantType:      r.token(http.MethodGet, "/oauth/v1/generate", basic(testworld.Secret)),
		codes.BadAuthHeader:     r.token(http.MethodPost, testworld.TokenPath, basic(testworld.Secret)),
		codes.WrongApp:          r.token(http.MethodGet, testworld.TokenPath, basic("wrong")),

		codes.InvalidField("XXXX"):     r.push(testworld.Fields{"PhoneNumber": "07"}),
		codes.BadPayload:               func(t *testing.T) testworld.Answer { return r.m.Post(t, testworld.PushPath, []byte("{")) },
		codes.MethodNotAllowed("XXXX"): r.with(http.MethodPut, testworld.PushPath, ""),
		codes.MerchantUnknown:          r.push(testworld.Business("999999")),
		codes.WrongCredentials:         r.push(testworld.Fields{"Password": "d3Jvbmc="}),
		codes.SubscriberBusy:           r.twice("254713000001", testworld.PushPath),
		codes.BeingProcessed:           r.twice("254713000002", testworld.QueryPath),
		codes.TransactionUnknown:       func(t *testing.T) testworld.Answer { return r.m.Query(t, "ws_CO_nobody's", nil) },
		codes.SubscriberUnknown:        r.unknownSubscriber,
		codes.DuplicateOriginator:      r.duplicate,
		codes.AlreadyRegistered:        r.registeredTwice,
		codes.SpikeArrest:              r.limited("quick", control.AppChange{SpikeArrest: new(int64(1))}),
		codes.NotForPages:              r.rebound,
		codes.QuotaExceeded:            r.limited("much", control.AppChange{Quota: new(int64(1))}),
	}
	for family, path := range paths {
		list[codes.InvalidToken(family, "")] = r.with(http.MethodPost, path, "Bearer ")
		list[codes.NoProduct(family)] = r.withoutProduct(path)
		if family <= codes.C2B {
			list[codes.NotFound(family)] = r.with(http.MethodPost, path+"/nothing", "")
		}
	}
	maps.Copy(list, r.beyond())
	return list
}

// beyond are the cases of the APIs that the documents don't have.
func (r refusals) beyond() map[codes.Error]func(*testing.T) testworld.Answer {
	checkout := func(payer, payee string) func(*testing.T) testworld.Answer {
		return func(t *testing.T) testworld.Answer { return r.checkOut(t, payer, payee) }
	}
	return map[codes.Error]func(*testing.T) testworld.Answer{
		codes.InvalidShortCode: func(t *testing.T) testworld.Answer {
			_, err := r.kind.client.PullRegister(t.Context(), daraja.PullRegisterRequest{ShortCode: "999999", RequestType: "Pull", NominatedNumber: "254713000010", CallBackURL: r.kind.URL})
			return refused(t, err)
		},
		codes.ForeignShortCode: func(t *testing.T) testworld.Answer {
			_, err := r.kind.createOrder(t, r.kind.complete(request{payee: "999999"}), "School", r.kind.URL)
			return refused(t, err)
		},
		codes.NoNominatedNumber: checkout("600001", "600002"),
		codes.KYCFailed:         checkout("600001", "999999"),
		codes.USSDException: func(t *testing.T) testworld.Answer {
			const owner, payer = "254713000011", "600003"
			if _, _, err := r.kind.api.PutPhone(t.Context(), owner, control.PhoneChange{Answers: new(control.AnswersAsk)}); err != nil {
				t.Fatal(err)
			}
			if _, _, err := r.kind.api.PutOrganisation(t.Context(), payer, control.OrganisationChange{Owner: new(owner)}); err != nil {
				t.Fatal(err)
			}
			r.m.Push(t, testworld.From(owner))
			return r.checkOut(t, payer, "600002")
		},
	}
}

func (r refusals) checkOut(t *testing.T, payer, payee string) testworld.Answer {
	t.Helper()
	_, err := r.kind.client.B2BExpress(t.Context(), daraja.B2BExpressRequest{PrimaryShortCode: payer, ReceiverShortCode: payee, Amount: "10", PaymentRef: "INV-7",
		CallbackURL: r.kind.URL, PartnerName: "Vendor", RequestRefID: "once"})
	return refused(t, err)
}

func basic(secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(testworld.Key+":"+secret))
}

// token asks for a token.
func (r refusals) token(method, path, authorization string) func(*testing.T) testworld.Answer {
	return func(t *testing.T) testworld.Answer {
		request := r.m.Request(t, method, path, nil)
		request.Header.Set("Authorization", authorization)
		return r.m.Do(t, request)
	}
}

// with sends an empty object, with the merchant's token unless the authorization is another.
func (r refusals) with(method, path, authorization string) func(*testing.T) testworld.Answer {
	return func(t *testing.T) testworld.Answer {
		request := r.m.Request(t, method, path, []byte("{}"))
		if authorization == "" {
			authorization = "Bearer " + r.m.Token(t)
		}
		request.Header.Set("Authorization", authorization)
		request.Header.Set("Content-Type", "application/json")
		return r.m.Do(t, request)
	}
}

// rebound is asked by a page whose own name was pointed at this machine.
func (r refusals) rebound(t *testing.T) testworld.Answer {
	request := r.m.Request(t, http.MethodGet, testworld.TokenPath, nil)
	request.Host = "evil.example"
	request.Header.Set("Authorization", basic(testworld.Secret))
	return r.m.Do(t, request)
}

func (r refusals) push(changes testworld.Fields) func(*testing.T) testworld.Answer {
	return func(t *testing.T) testworld.Answer { return r.m.Push(t, changes) }
}

// twice pushes to a phone that waits for a person, and then pushes again or asks the query.
func (r refusals) twice(phone, path string) func(*testing.T) testworld.Answer {
	return func(t *testing.T) testworld.Answer {
		if _, _, err := r.kind.api.PutPhone(t.Context(), phone, control.PhoneChange{Answers: new(control.AnswersAsk)}); err != nil {
			t.Fatal(err)
		}
		first := r.m.Push(t, testworld.From(phone))
		if path == testworld.QueryPath {
			return r.m.Query(t, first.CheckoutRequestID(), nil)
		}
		return r.m.Push(t, testworld.From(phone))
	}
}

func (r refusals) unknownSubscriber(t *testing.T) testworld.Answer {
	m := testworld.NewMerchant(r.strict.base, "https://merchant.example/callback")
	return m.Push(t, testworld.From("254713000003"))
}

func (r refusals) registeredTwice(t *testing.T) testworld.Answer {
	req := daraja.RegisterURLRequest{ShortCode: "600001", ResponseType: daraja.ResponseCompleted, ConfirmationURL: "https://merchant.example/c", ValidationURL: "https://merchant.example/v"}
	if _, err := r.strict.client.RegisterURL(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	_, err := r.strict.client.RegisterURL(t.Context(), req)
	return refused(t, err)
}

func (r refusals) duplicate(t *testing.T) testworld.Answer {
	req := r.kind.complete(request{api: codes.APIPochi})
	if _, err := r.kind.submit(t, req, r.kind.URL, r.kind.URL, "once"); err != nil {
		t.Fatal(err)
	}
	_, err := r.kind.submit(t, req, r.kind.URL, r.kind.URL, "once")
	return refused(t, err)
}

// limited sends requests of an app until one is too many.
func (r refusals) limited(app string, change control.AppChange) func(*testing.T) testworld.Answer {
	return func(t *testing.T) testworld.Answer {
		change.Secret, change.Products = new(app+"-secret"), &[]string{"Lipa Na M-Pesa Sandbox"}
		client := r.app(t, app, change)
		for range 100 {
			if _, err := client.STKQuery(t.Context(), daraja.STKQueryRequest{BusinessShortCode: testworld.PayBill, CheckoutRequestID: "x"}); err != nil {
				if a := refused(t, err); a.Message() != codes.TransactionUnknown.Message {
					return a
				}
			}
		}
		t.Fatal("the app was never limited")
		return testworld.Answer{}
	}
}

// withoutProduct asks as an app that has only a product that the path isn't of.
func (r refusals) withoutProduct(path string) func(*testing.T) testworld.Answer {
	return func(t *testing.T) testworld.Answer {
		name := "poor" + strings.ReplaceAll(path, "/", "-")
		client := r.app(t, name, control.AppChange{Secret: new(name), Products: &[]string{"B2Pochi Sandbox"}})
		token, err := client.Token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return r.with(http.MethodPost, path, "Bearer "+token)(t)
	}
}

// app makes a developer's app and gives its client.
func (r refusals) app(t *testing.T, key string, change control.AppChange) *daraja.Client {
	t.Helper()
	if _, _, err := r.kind.api.PutApp(t.Context(), key, change); err != nil {
		t.Fatal(err)
	}
	return daraja.New(r.kind.base, key, *change.Secret, daraja.WithPasskey(testworld.Passkey))
}

// refused is the answer that an error of the client tells of.
func refused(t *testing.T, err error) testworld.Answer {
	t.Helper()
	e, ok := errors.AsType[*daraja.Error](err)
	if !ok {
		t.Fatalf("it was not refused: %v", err)
	}
	return testworld.NewAnswer(e.HTTPStatus, nil, e.Body)
}
