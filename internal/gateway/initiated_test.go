package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
)

// What is kept of each request.
func TestRequestsKeepWhatWasAsked(t *testing.T) {
	b := newBench(t)
	outcome := mpesa.Details{Initiator: "testapi", Description: "here are my remarks", TimeoutURL: b.CallBack + "/timeout", CallBackURL: b.CallBack + "/result"}
	with := func(change func(*mpesa.Details)) mpesa.Details { d := outcome; change(&d); return d }
	for path, want := range map[string]mpesa.Payment{
		testworld.B2CV1Path: {Header: mpesa.Header{Kind: mpesa.B2C, Payer: 600000, Payee: 254708374149, Business: 600000, Amount: 10_00},
			Details: with(func(d *mpesa.Details) { d.TransactionType, d.Occasion = "BusinessPayment", "Christmas" })},
		testworld.B2CPath: {Header: mpesa.Header{Kind: mpesa.B2C, Payer: 600000, Payee: 254708374149, Business: 600000, Amount: 10_00},
			Details: with(func(d *mpesa.Details) {
				d.TransactionType, d.Occasion, d.Originator = "BusinessPayment", "Christmas", "feb5e3f2-fbbc-4745-844c-ee37b546f627"
			})},
		testworld.PochiPath: {Header: mpesa.Header{Kind: mpesa.B2Pochi, Payer: 600000, Payee: 254708374149, Business: 600000, Amount: 10_00},
			Details: with(func(d *mpesa.Details) {
				d.TransactionType, d.Occasion, d.Originator = "BusinessPayToPochi", "Christmas", "600997_Test_32et3241ed8yu"
			})},
		testworld.B2BPath: {Header: mpesa.Header{Kind: mpesa.B2B, Payer: 600000, Payee: 600001, Business: 600000, Amount: 239_00},
			Details: with(func(d *mpesa.Details) {
				d.TransactionType, d.Occasion, d.Reference, d.Requester = "BusinessPayBill", "Christmas", "353353", 254700000000
			})},
		testworld.TaxPath: {Header: mpesa.Header{Kind: mpesa.Tax, Payer: 600000, Payee: 572572, Business: 600000, Amount: 239_00},
			Details: with(func(d *mpesa.Details) {
				d.TransactionType, d.Occasion, d.Reference, d.Requester = "PayTaxToKRA", "Christmas", "353353", 254700000000
			})},
		testworld.ReversalPath: {Header: mpesa.Header{Kind: mpesa.Reversal, Payer: 600000, Business: 600000, Amount: 10_00},
			Details: with(func(d *mpesa.Details) {
				d.TransactionType, d.Occasion, d.OriginalID = "TransactionReversal", "work", "PKE52PAWR9"
			})},
		testworld.StatusPath: {Header: mpesa.Header{Kind: mpesa.StatusQuery, Payer: 600000, Business: 600000},
			Details: with(func(d *mpesa.Details) {
				d.TransactionType, d.Occasion, d.OriginalID = "TransactionStatusQuery", "work", "PKE52PAWR9"
			})},
		testworld.BalancePath: {Header: mpesa.Header{Kind: mpesa.BalanceQuery, Payer: 600000, Business: 600000}, Details: with(func(d *mpesa.Details) { d.TransactionType = "AccountBalance" })},
	} {
		a := b.request(t, path, nil)
		got := b.acknowledged(t, a)
		want.ID, want.State, want.AcceptedAt, want.DueAt = got.ID, mpesa.Queued, b.Clock.Now().UnixMilli(), b.Clock.Now().UnixMilli()
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("%s keeps %+v; want %+v", path, *got, want)
		}
		if originator := want.Details.Originator; originator != "" && a.Text("OriginatorConversationID") != originator {
			t.Errorf("%s answers %s", path, a.Body)
		}
		if e := b.journal.Entries(0, 0, 1, nil)[0]; e.Payment != got.ID || e.Status != 200 || e.Explanation != "" || strings.Contains(string(e.Request), b.Credential) || !strings.Contains(string(e.Request), `"SecurityCredential":"***"`) {
			t.Errorf("the journal says %+v of %s", e, e.Request)
		}
	}
}

// Numbers and text, white space, local numbers, and names with the spaces that the documents print.
func TestRequestsAreReadLiberally(t *testing.T) {
	b := newBench(t)
	for i, test := range []struct {
		path    string
		changes fields
		want    func(*mpesa.Payment) bool
	}{
		{testworld.B2CPath, fields{"Amount": 10, "PartyA": 600000, "PartyB": 254708374149}, nil},
		{testworld.B2CPath, fields{"Amount": 10.00, "PartyA": " 600000\n", "PartyB": " 254708374149 ", "CommandID": " SalaryPayment "}, nil},
		{testworld.B2CPath, fields{"Amount": "0010.000", "PartyB": "0708374149"}, func(p *mpesa.Payment) bool { return p.Payee == 254708374149 && p.Amount == 10_00 }},
		{testworld.B2CPath, fields{"PartyB": "0110000000"}, func(p *mpesa.Payment) bool { return p.Payee == 254110000000 }},
		{testworld.B2CPath, fields{"Occassion": testworld.Absent, "Occasion": "Easter"}, func(p *mpesa.Payment) bool { return p.Details.Occasion == "Easter" }},
		{testworld.B2CPath, fields{"Occassion": "", "Occasion": "Easter"}, func(p *mpesa.Payment) bool { return p.Details.Occasion == "Easter" }},
		{testworld.B2CPath, fields{"Remarks": "OK", "Occassion": strings.Repeat("é", 100)}, nil},
		{testworld.B2CPath, fields{"Remarks": strings.Repeat("é", 100)}, nil},
		{testworld.B2CPath, fields{"Remarks": "two\r\n\tlines"}, nil},
		{testworld.B2CPath, fields{"Amount": 999_999_999}, nil},
		{testworld.B2CPath, fields{"InitiatorName": "nobody"}, nil},
		{testworld.B2CPath, fields{"PartyA": 999999}, nil},
		{testworld.B2CPath, fields{"unknown": fields{"a": 1}, "initiatorname": 1}, nil},
		{testworld.B2BPath, fields{"CommandID": testworld.Absent, "Command\u00a0ID": "BusinessPayBill", "AccountReference": testworld.Absent, "Account Reference": "ACC#03929/4yu"},
			func(p *mpesa.Payment) bool { return p.Details.Reference == "ACC#03929/4yu" }},
		{testworld.B2BPath, fields{"CommandID": testworld.Absent, " Command ID ": "BusinessPayBill"}, nil},
		{testworld.B2BPath, fields{"SenderIdentifierType": 4, "RecieverIdentifierType": 4, "AccountReference": 353353, "Requester": "0700000000"}, nil},
		{testworld.B2BPath, fields{"PartyB": "000000"}, nil},
		{testworld.B2BPath, fields{"CommandID": "BusinessBuyGoods", "PartyB": testworld.Till, "RecieverIdentifierType": 2, "AccountReference": testworld.Absent}, nil},
		{testworld.B2BPath, fields{"QueueTimeOutURL": "http://0.0.0.0:0000/ResultsListener.php", "ResultURL": "http://[::1]:8888/TimeOutListener.php"}, nil},
		{testworld.TaxPath, fields{"PartyB": 572572, "AccountReference": "PRN1234XN"}, nil},
		{testworld.ReversalPath, fields{"TransactionID": testworld.Absent, "Transaction ID": "PKE52PAWR9", "RecieverIdentifierType": 11}, nil},
		{testworld.ReversalPath, fields{"RecieverIdentifierType": "4", "Amount": "10.00"}, nil},
		{testworld.StatusPath, fields{"TransactionID": testworld.Absent, "OriginalConversationID": "x"}, b.byOriginator},
		{testworld.StatusPath, fields{"TransactionID": "", "OriginatorConversationID": 7}, func(p *mpesa.Payment) bool { return b.byOriginator(p) && p.Details.OriginalID == "7" }},
		{testworld.StatusPath, fields{"IdentifierType": 1}, nil},
		{testworld.StatusPath, fields{"IdentifierType": "2"}, nil},
		{testworld.BalancePath, fields{"IdentifierType": 4, "PartyA": 600000}, nil},
	} {
		if _, named := test.changes["OriginatorConversationID"]; !named && test.path != testworld.StatusPath {
			test.changes["OriginatorConversationID"] = once(i)
		}
		if p := b.acknowledged(t, b.request(t, test.path, test.changes)); test.want != nil && !test.want(p) {
			t.Errorf("%s %v keeps %+v", test.path, test.changes, p)
		}
	}
	for _, p := range b.queued(t) {
		b.processed(t, &p)
	}
	b.Books(t)
}

// byOriginator reports whether a query asks by an OriginatorConversationID.
func (b *bench) byOriginator(p *mpesa.Payment) bool {
	q, err := store.Get(context.Background(), b.Store, mpesa.Queries, p.ID)
	return err == nil && q != nil && q.ByOriginator
}

// queued are the payments that wait.
func (b *bench) queued(t testing.TB) (list []mpesa.Payment) {
	t.Helper()
	due, err := b.Store.Due(t.Context(), 1<<62, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range due {
		x, err := store.Subject(t.Context(), b.Store, d.Number)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, mpesatest.PaymentOf(x))
	}
	return list
}

// Some fields are right or wrong by what others say.
func TestFieldsThatDependOnOthers(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	for _, test := range []struct {
		path    string
		changes fields
		field   string
		explain string
	}{
		{testworld.TaxPath, fields{"PartyB": "600001"}, "PartyB", "tax is paid to 572572"},
		{testworld.B2BPath, fields{"RecieverIdentifierType": "2"}, "RecieverIdentifierType", "expected 4"},
		{testworld.B2BPath, fields{"CommandID": "BusinessPayToBulk", "RecieverIdentifierType": "2"}, "RecieverIdentifierType", "expected 4"},
		{testworld.B2BPath, fields{"CommandID": "BusinessBuyGoods", "RecieverIdentifierType": "1"}, "RecieverIdentifierType", "2 or 4"},
		{testworld.B2BPath, fields{"CommandID": "BusinessBuyGoods", "AccountReference": strings.Repeat("1", 14)}, "AccountReference", "14 characters"},
		{testworld.B2BPath, fields{"Command\u00a0ID": "x"}, "CommandID", "expected BusinessPayBill"}, // the one that comes last
		{testworld.SimulatePath, fields{"CommandID": "CustomerBuyGoodsOnline", "ShortCode": testworld.Till}, "BillRefNumber", "till"},
	} {
		body, err := json.Marshal(b.Requests()[test.path].With(test.changes))
		if err != nil {
			t.Fatal(err)
		}
		if value, ok := test.changes["Command\u00a0ID"]; ok {
			body = append(body[:len(body)-1], fmt.Sprintf(",\"Command\u00a0ID\":%q}", value)...)
		}
		b.refused(t, b.Post(t, test.path, body), codes.InvalidField(test.field), test.explain)
	}
}

func TestOriginatorConversationIDIsTakenOnce(t *testing.T) {
	b := newBench(t)
	b.acknowledged(t, b.request(t, testworld.B2CPath, fields{"OriginatorConversationID": "mine"}))
	b.nothingMoved(t)
	for _, path := range []string{testworld.B2CPath, testworld.PochiPath} { // whatever else the request says
		b.refused(t, b.request(t, path, fields{"OriginatorConversationID": "mine", "Amount": 11}), codes.DuplicateOriginator, `"mine"`)
		b.refused(t, b.request(t, path, fields{"OriginatorConversationID": " mine ", "PartyB": "254705912645"}), codes.DuplicateOriginator)
	}
}

func TestOriginatorConversationIDIsTheShortcodesOwn(t *testing.T) {
	b := newBench(t)
	for _, changes := range []fields{{"PartyA": "600000"}, {"PartyA": "600001"}, {"PartyA": "600000", "OriginatorConversationID": "MINE"}} {
		b.acknowledged(t, b.request(t, testworld.B2CPath, fields{"OriginatorConversationID": "mine"}.With(changes)))
	}
	first := b.acknowledged(t, b.request(t, testworld.B2CV1Path, fields{"OriginatorConversationID": "mine"})) // which version 1 doesn't read
	if first.Details.Originator != "" {
		t.Errorf("version 1 keeps %+v", first.Details)
	}
}

// A hundred requests and more with the same OriginatorConversationID at the same time move money once.
func TestSamePayoutAThousandTimesAtOnce(t *testing.T) {
	b := newBench(t)
	before := b.Books(t)
	body, err := json.Marshal(b.Requests()[testworld.B2CPath])
	if err != nil {
		t.Fatal(err)
	}
	answers := storm(t, b, testworld.B2CPath, func(int) []byte { return body })
	if answers["200 0"] != 1 || answers["500 "+codes.DuplicateOriginator.Message] != 999 {
		t.Errorf("the answers are %v", answers)
	}
	list := b.queued(t)
	if len(list) != 1 {
		t.Fatalf("%d requests wait", len(list))
	}
	if p := b.processed(t, &list[0]); p.State != mpesa.Completed {
		t.Errorf("the payout is %+v", p)
	}
	if after := b.Books(t); after.Payments != before.Payments+1 {
		t.Errorf("the books went from %+v to %+v", before, after)
	}
}

func TestManyPayoutsAtOnce(t *testing.T) {
	b := newBench(t)
	fields := b.Requests()[testworld.B2CPath]
	answers := storm(t, b, testworld.B2CPath, func(i int) []byte {
		body, err := json.Marshal(fields.With(testworld.Fields{"OriginatorConversationID": once(i), "PartyB": fmt.Sprint(254733000000 + i%10)}))
		if err != nil {
			t.Error(err)
		}
		return body
	})
	if answers["200 0"] != 1000 {
		t.Errorf("the answers are %v", answers)
	}
	list := b.queued(t)
	if len(list) != 1000 {
		t.Errorf("%d requests wait", len(list))
	}
	for _, p := range list[:100] {
		if p := b.processed(t, &p); p.State != mpesa.Completed {
			t.Errorf("payment %d is %+v", p.ID, p)
		}
	}
	b.Books(t)
}

// The credential shows in the result, and what is wrong with it in the journal.
func TestCredentials(t *testing.T) {
	benches := map[string]*bench{"sandbox": newBench(t), "strict": newBench(t, func(o *gateway.Options) { o.Rules = gateway.Rules{Profile: "strict"} })}
	right, foreign := rightCredential(t), encrypt(t, testworld.OperatorPassword, otherKey())
	for name, test := range map[string]struct {
		changes         fields
		sandbox, strict codes.Result
		explains        string // in the journal; "": nothing. Of the foreign one in strict too
	}{
		"right":               {nil, codes.Success, codes.Success, ""},
		"right, with a break": {fields{"SecurityCredential": " " + right[:100] + "\n" + right[100:]}, codes.Success, codes.Success, ""},
		"right, cut off":      {fields{"SecurityCredential": right[:343]}, codes.InvalidInitiator, codes.InvalidInitiator, "base64"},
		"wrong password":      {fields{"SecurityCredential": encrypt(t, "Safaricom123!!", ourKey())}, codes.InvalidInitiator, codes.InvalidInitiator, "another password"},
		"another certificate": {fields{"SecurityCredential": foreign}, codes.Success, codes.InvalidInitiator, "another certificate"},
		"garbage":             {fields{"SecurityCredential": "RC6E9WDxXR4b9X2c6z3gp0oC5Th =="}, codes.InvalidInitiator, codes.InvalidInitiator, "SecurityCredential"},
		"not encrypted":       {fields{"SecurityCredential": testworld.OperatorPassword}, codes.InvalidInitiator, codes.InvalidInitiator, "the password as it is"},
		"a number":            {fields{"SecurityCredential": 12345678}, codes.InvalidInitiator, codes.InvalidInitiator, "SecurityCredential"},
		"no such operator":    {fields{"InitiatorName": "nobody"}, codes.InvalidInitiator, codes.InvalidInitiator, ""},
		"no password yet":     {fields{"InitiatorName": "pending"}, codes.InvalidInitiator, codes.InvalidInitiator, ""},
		"locked":              {fields{"InitiatorName": "locked"}, codes.CredentialLocked, codes.CredentialLocked, ""},
		"no role":             {fields{"InitiatorName": "norole"}, codes.InitiatorNotAllowed, codes.InitiatorNotAllowed, ""},
		"no such business":    {fields{"PartyA": "999999"}, codes.InvalidInitiator, codes.InvalidInitiator, ""},
	} {
		for profile, want := range map[string]codes.Result{"sandbox": test.sandbox, "strict": test.strict} {
			t.Run(name+" "+profile, func(t *testing.T) {
				b, before := benches[profile], benches[profile].Books(t)
				p := b.acknowledged(t, b.request(t, testworld.B2CV1Path, test.changes))
				e := b.journal.Entries(0, 0, 1, nil)[0]
				if !strings.Contains(e.Explanation, test.explains) || (test.explains == "") != (e.Explanation == "") || e.Payment != p.ID || e.Code != "" {
					t.Errorf("the journal says %+v", e)
				}
				if want == codes.Success && test.explains != "" && !strings.HasPrefix(e.Explanation, "warning: ") {
					t.Errorf("%q is no warning", e.Explanation)
				}
				for _, secret := range []string{testworld.OperatorPassword, foreign, b.Credential} {
					if strings.Contains(string(e.Request)+e.Explanation, secret) {
						t.Errorf("the journal gives a secret away: %s %s", e.Request, e.Explanation)
					}
				}
				p = b.processed(t, p)
				if p.Result != want || (p.Reason == "") != (want == codes.Success) {
					t.Errorf("the result is %s: %s; want %s", p.Result, p.Reason, want)
				}
				if after := b.Books(t); (after.Transfers != before.Transfers) != (want == codes.Success) {
					t.Errorf("the books went from %+v to %+v", before, after)
				}
				// A right one has the wrong ones forgotten.
				if p := b.processed(t, b.acknowledged(t, b.request(t, testworld.BalancePath, nil))); p.Result != codes.Success {
					t.Errorf("the right credential gives %s: %s", p.Result, p.Reason)
				}
			})
		}
	}
}

// Five wrong credentials lock an operator; then the right one doesn't help.
func TestWrongCredentialsLock(t *testing.T) {
	b := newBench(t)
	var got []codes.Result
	for i := range 7 {
		credential := "garbage"
		if i == 6 {
			credential = b.Credential
		}
		p := b.acknowledged(t, b.request(t, testworld.BalancePath, fields{"SecurityCredential": credential}))
		got = append(got, b.processed(t, p).Result)
	}
	if want := []codes.Result{"2001", "2001", "2001", "2001", "2001", "8006", "8006"}; !reflect.DeepEqual(got, want) {
		t.Errorf("the results are %v; want %v", got, want)
	}
}

func TestReversalAndStatusFindThePayment(t *testing.T) {
	b := newBench(t)
	paid := b.processed(t, b.acknowledged(t, b.request(t, testworld.B2CPath, fields{"OriginatorConversationID": "mine"})))
	ack := b.request(t, testworld.B2CV1Path, nil)
	waiting := b.acknowledged(t, ack)
	receipt := b.Mint.Receipt(paid.ID, b.Clock.Now())
	order := b.order(t, nil)
	b.enter(t, testworld.John, testworld.PIN)
	agreed := b.Mint.Receipt(order.ID, b.Clock.Now()) // the TransactionID of its callback
	asked := b.processed(t, b.acknowledged(t, b.request(t, testworld.BalancePath, nil)))
	told := b.Mint.Receipt(asked.ID, time.UnixMilli(asked.FinishedAt))
	for _, test := range []struct {
		receipt, originator any
		want                int64
		id                  string
	}{
		{receipt, "", paid.ID, receipt},
		{receipt, "nonsense", paid.ID, receipt},
		{agreed, "", order.ID, agreed},
		{told, "", asked.ID, told},
		{"PKE52PAWR9", "mine", paid.ID, "mine"},
		{"", "mine", paid.ID, "mine"},
		{"", ack.Text("OriginatorConversationID"), waiting.ID, ack.Text("OriginatorConversationID")},
		{"", ack.Text("ConversationID"), waiting.ID, ack.Text("ConversationID")},
		{"", "AG_20010101_" + ack.Text("ConversationID")[12:], 0, "AG_20010101_" + ack.Text("ConversationID")[12:]}, // of another day
		{strings.ToLower(receipt), "", 0, strings.ToLower(receipt)},
		{"A" + receipt[1:], "", 0, "A" + receipt[1:]}, // of another year
		{b.Mint.Receipt(waiting.ID, b.Clock.Now()), "", 0, b.Mint.Receipt(waiting.ID, b.Clock.Now())},
		{"", "nonsense", 0, "nonsense"},
	} {
		p := b.acknowledged(t, b.request(t, testworld.StatusPath, fields{"TransactionID": test.receipt, "OriginalConversationID": test.originator}))
		if p.Details.Original != test.want || p.Details.OriginalID != test.id {
			t.Errorf("%v, %v finds payment %d by %q; want %d", test.receipt, test.originator, p.Details.Original, p.Details.OriginalID, test.want)
		}
	}
	for id, want := range map[string]int64{receipt: paid.ID, agreed: order.ID, told: asked.ID, "mine": 0, "PKE52PAWR9": 0, strings.Repeat("Z", 10): 0} {
		p := b.acknowledged(t, b.request(t, testworld.ReversalPath, fields{"TransactionID": id}))
		if p.Details.Original != want {
			t.Errorf("%s finds payment %d; want %d", id, p.Details.Original, want)
		}
		if p = b.processed(t, p); p.Result != codes.NotReversible {
			t.Errorf("the reversal of %s ends with %s: %s", id, p.Result, p.Reason)
		}
	}
}
