package seedworld_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/seedworld"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// result pays, and checks that the callback and the query tell of the same result, each in its own words.
func result(t *testing.T, m *testworld.Merchant, c *kivukotest.Collector, want codes.Result, changes testworld.Fields) {
	t.Helper()
	pushed := m.Push(t, changes)
	id := pushed.CheckoutRequestID()
	if id == "" {
		t.Fatalf("the push for %s got HTTP %d %s", want, pushed.Status, pushed.Body)
	}
	callback := c.For(t, id)
	if callback.ResultCode != daraja.ResultCode(want) || callback.ResultDesc != want.Callback() {
		t.Errorf("the callback says %s %q; want %s %q", callback.ResultCode, callback.ResultDesc, want, want.Callback())
	}
	if (len(callback.Metadata) > 0) != (want == codes.Success) {
		t.Errorf("the callback of %s has the metadata %v", want, callback.Metadata)
	}
	if at, ok := callback.TransactionDate(); want == codes.Success && (!ok || time.Since(at).Abs() > time.Minute) { // in Nairobi's time
		t.Errorf("the callback's TransactionDate %s is %s ago", callback.Value(daraja.ItemTransactionDate), time.Since(at))
	}
	business, _ := changes["BusinessShortCode"].(string)
	query := testworld.Fields{}
	if business != "" {
		query = testworld.Business(business)
	}
	answer := m.Query(t, id, query)
	if answer.Status != 200 || answer.Text("ResultCode") != string(want) || answer.Text("ResultDesc") != want.Query() {
		t.Errorf("the query says HTTP %d %s; want %s %q", answer.Status, answer.Body, want, want.Query())
	}
}

func TestNumbersWithAResultCodeGiveThatResult(t *testing.T) {
	m, c := start(t)
	w, err := seedworld.Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range w.Customers {
		if !slices.Contains(x.In[seedworld.Payer], codes.APIExpress) {
			continue
		}
		t.Run(x.MSISDN.String(), func(t *testing.T) {
			t.Parallel()
			if want := numberOf(x.Gives); x.MSISDN.String() != want {
				t.Errorf("%s gives %s, whose number is %s", x.MSISDN, x.Gives, want)
			}
			for i := range 6 { // the state doesn't wear off, and nobody is blocked for it
				result(t, m, c, x.Gives, testworld.From(x.MSISDN.String()).With(testworld.Fields{"Amount": 10 + i}))
			}
		})
	}
}

// numberOf is the number of a customer who is in the state that gives a result: 254700 and the code in six digits. A code with
// letters has a 9 and its digits there.
func numberOf(code codes.Result) string {
	if !code.Numeric() {
		return fmt.Sprintf("2547009%05s", strings.TrimLeft(string(code), "SFC_I0"))
	}
	return fmt.Sprintf("254700%06s", string(code))
}

// A number that stands for a result is a customer in the state that gives it, or no customer: no test of a failure succeeds by mistake.
func TestNumbersOfResultsThatNoCustomerGivesAreRefused(t *testing.T) {
	m, _ := start(t)
	w, err := seedworld.Read()
	if err != nil {
		t.Fatal(err)
	}
	numbers := []string{"254700000000", "254700001033", "254700009999", "254700900001", "254700900002"} // of no code, or of a reversal's
	for _, e := range append(codes.Results(), codes.OtherResults()...) {
		if number := numberOf(e.Code); e.Code.Numeric() && !slices.Contains(numbers, number) && e.Code != codes.Success &&
			!slices.ContainsFunc(w.Customers, func(x seedworld.Customer) bool { return x.MSISDN.String() == number }) {
			numbers = append(numbers, number)
		}
	}
	if len(numbers) < 10 {
		t.Fatalf("only %q", numbers)
	}
	for _, number := range numbers {
		pushed := m.Push(t, testworld.From(number))
		if pushed.Status != 500 || pushed.Text("errorCode") != codes.SubscriberUnknown.Code {
			t.Errorf("a push to %s got HTTP %d %s", number, pushed.Status, pushed.Body)
		}
	}
	if pushed := m.Push(t, testworld.From("254700010000")); pushed.CheckoutRequestID() == "" {
		t.Errorf("a push to the number after them got HTTP %d %s", pushed.Status, pushed.Body)
	}
}

func TestResultsFromTheirNaturalCause(t *testing.T) {
	m, c := start(t)
	customer := 254711000000
	for _, test := range []struct {
		name   string
		before testworld.Fields // a payment that succeeds first
		push   testworld.Fields
		want   codes.Result
	}{
		{"pay bill", nil, nil, codes.Success},
		{"till", nil, till, codes.Success},
		{"more than the customer has", nil, testworld.Fields{"Amount": 100_000}, codes.InsufficientFunds},
		{"more than a customer may pay", nil, testworld.Fields{"Amount": 250_001}, codes.AboveMaximum},
		{"account that is full", nil, testworld.Business("508008").With(testworld.Fields{"PartyB": "508008"}), codes.AboveBalanceLimit},
		{"same amount twice", testworld.Fields{"Amount": 33}, testworld.Fields{"Amount": 33}, codes.RuleLimited},
		{"same amount to another business", testworld.Fields{"Amount": 33}, till.With(testworld.Fields{"Amount": 33}), codes.RuleLimited},
		{"another amount", testworld.Fields{"Amount": 33}, testworld.Fields{"Amount": 34}, codes.Success},
		{"reference that is too long", nil, testworld.Fields{"AccountReference": strings.Repeat("7", 183)}, codes.PushFailed},
		{"PartyB that is nobody's", nil, testworld.Fields{"PartyB": "999999"}, codes.OperatorNotFound},
		{"pay bill as a till", nil, testworld.Fields{"TransactionType": daraja.CustomerBuyGoodsOnline}, codes.NotPermitted},
		{"till as a pay bill", nil, till.With(testworld.Fields{"TransactionType": daraja.CustomerPayBillOnline}), codes.NotPermitted},
		{"another's pay bill", nil, testworld.Fields{"PartyB": "600000"}, codes.NotPermitted},
		{"another's till", nil, testworld.Fields{"PartyB": testworld.Till, "TransactionType": daraja.CustomerBuyGoodsOnline}, codes.NotPermitted},
	} {
		customer++
		phone := testworld.From(fmt.Sprint(customer))
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.before != nil {
				result(t, m, c, codes.Success, phone.With(test.before))
			}
			result(t, m, c, test.want, phone.With(test.push))
		})
	}
}

var till = testworld.Business(testworld.Store).With(testworld.Fields{"PartyB": testworld.Till, "TransactionType": daraja.CustomerBuyGoodsOnline})

// start starts an M-PESA and a merchant of its own.
func start(t *testing.T) (*testworld.Merchant, *kivukotest.Collector) {
	t.Helper()
	k := kivukotest.Start(t, kivuko.Config{})
	c := kivukotest.Collect(t)
	m := testworld.NewMerchant(k.URL(), c.URL)
	m.Token(t)
	return m, c
}

// A till of the world has an owner to prompt.
func TestTillPaysOverB2BExpressWithoutPreparation(t *testing.T) {
	k, c := kivukotest.Start(t, kivuko.Config{}), kivukotest.Collect(t)
	_, err := daraja.New(k.URL(), testworld.Key, testworld.Secret).B2BExpress(t.Context(), daraja.B2BExpressRequest{PrimaryShortCode: "765433",
		ReceiverShortCode: "600000", Amount: "71", PaymentRef: "INV-7", CallbackURL: c.URL + "/checkout", PartnerName: "Vendor", RequestRefID: "1"})
	if err != nil {
		t.Fatal(err)
	}
	callback, err := daraja.ParseB2BExpressCallback(c.At(t, "/checkout").Body)
	if err != nil || callback.ResultCode != string(codes.Success) {
		t.Errorf("got %+v, %v", callback, err)
	}
}

// The world that issue 2 promises.
func TestWorldHoldsWhatItPromises(t *testing.T) {
	core := testworld.NewCore(t, testworld.CoreOptions{})
	core.Start(t)
	w, err := seedworld.Read()
	if err != nil {
		t.Fatal(err)
	}
	core.Do(t, &seedworld.Create{World: w, PIN: testworld.Digest, Hash: noHash})
	books := core.Books(t)
	core.Do(t, &seedworld.Create{World: w, PIN: func(msisdn.Number, string) mpesa.PINDigest { return mpesa.PINDigest{} }, Hash: noHash}) // another node's
	if again := core.Books(t); !reflect.DeepEqual(again, books) {
		t.Errorf("created once more, the books went from %+v to %+v", books, again)
	}
	payNoCustomers := []mpesa.Product{mpesa.ProductC2B, mpesa.ProductB2B, mpesa.ProductTax, mpesa.ProductReversal}
	for _, want := range []mpesa.Organisation{
		{Shortcode: 174379, Name: "Daraja Sandbox", Kind: mpesa.PayBill, Passkey: testworld.Passkey, Products: payNoCustomers},
		{Shortcode: 600000, Name: "Sandbox Organisation 600000", Kind: mpesa.PayBill, Passkey: testworld.Passkey},
		{Shortcode: 600999, Name: "Sandbox Organisation 600999", Kind: mpesa.PayBill, Passkey: testworld.Passkey},
		{Shortcode: 765432, Name: "Kivuko Till", Kind: mpesa.Till, Store: 654321, Passkey: testworld.Passkey, Products: payNoCustomers},
		{Shortcode: 654321, Name: "Kivuko Store", Kind: mpesa.Store, Passkey: testworld.Passkey, Products: payNoCustomers},
		{Shortcode: 765433, Name: "Kivuko Shop Till", Kind: mpesa.Till, Store: 654322, Passkey: testworld.Passkey, Owner: 254722765433, Products: payNoCustomers},
		{Shortcode: 508011, Name: "Result 11", Kind: mpesa.PayBill, Passkey: testworld.Passkey, Standing: mpesa.Suspended},
		{Shortcode: 508026, Name: "Result 26", Kind: mpesa.PayBill, Passkey: testworld.Passkey, Fault: mpesa.QueueStopped},
		{Shortcode: 572572, Name: "Kenya Revenue Authority", Kind: mpesa.PayBill},
	} {
		if got, err := store.Get(t.Context(), core.Store, mpesa.Registry, want.Shortcode); err != nil || got == nil || fmt.Sprint(*got) != fmt.Sprint(want) {
			t.Errorf("organisation %d is %+v, %v; want %+v", want.Shortcode, got, err, want)
		}
	}
	for _, kind := range []mpesa.AccountKind{mpesa.Working, mpesa.Utility} {
		if a, err := store.Get(t.Context(), core.Store, mpesa.Accounts, mpesa.Shortcode(600997).Party().Account(kind)); err != nil || a == nil || a.Balance != money.Shillings(1_000_000) {
			t.Errorf("the %s of 600997 is %+v, %v", kind, a, err)
		}
	}
	if a, err := store.Get(t.Context(), core.Store, mpesa.Accounts, mpesa.Shortcode(765433).Party().Account(mpesa.Merchant)); err != nil || a == nil || a.Balance != money.Shillings(1_000_000) {
		t.Errorf("the till's Merchant Account is %+v, %v", a, err)
	}
	for phone, name := range map[msisdn.Number]string{254708374149: "John Doe", 254705912645: "Nicholas Songok", 254722765433: "Grace Otieno"} {
		s, err := store.Get(t.Context(), core.Store, mpesa.Subscribers, phone)
		if err != nil || s == nil || s.Name != name || s.PIN != testworld.Digest(phone, "1234") {
			t.Errorf("%s is %+v, %v", phone, s, err)
		}
		if a, err := store.Get(t.Context(), core.Store, mpesa.Accounts, mpesa.CustomerParty(phone).Account(mpesa.Wallet)); err != nil || a == nil || a.Balance != money.Shillings(100_000) {
			t.Errorf("the wallet of %s is %+v, %v", phone, a, err)
		}
	}
	if app, err := store.Get(t.Context(), core.Store, mpesa.Apps, testworld.Key); err != nil || app == nil || app.Secret != testworld.Secret {
		t.Errorf("the app is %+v, %v", app, err)
	}
}

// noHash stands in for the slow digest of an operator's password.
func noHash(password string) (string, error) { return "hash of " + password, nil }

func TestThePeopleOfThePortalCanSignIn(t *testing.T) {
	w, err := seedworld.Read()
	if err != nil {
		t.Fatal(err)
	}
	if right, err := credential.Verify(credential.NormalAnswer(w.Portal.Answer), w.Portal.AnswerHash); !right || err != nil {
		t.Errorf("the answer's hash is another's: %v", err)
	}
	for _, o := range w.Portal.Operators {
		if problem := credential.WebPasswordProblem(w.Portal.Password, o.Username); problem != "" || !o.Phone.Valid() {
			t.Errorf("%s: %s, %s", o.Username, problem, o.Phone)
		}
		if !slices.ContainsFunc(w.Customers, func(c seedworld.Customer) bool { return c.MSISDN == o.Phone }) {
			t.Errorf("the phone of %s is nobody's", o.Username)
		}
	}
	for _, question := range []string{w.Portal.Question1, w.Portal.Question2} {
		if !slices.Contains(portal.SecurityQuestions(), question) {
			t.Errorf("%q is none of the questions", question)
		}
	}
}
