package delivery_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// place is a command that puts payments into the books as if they had happened.
type place struct {
	payments   []mpesa.Payment
	queries    []mpesa.Query
	deliveries []mpesa.Delivery
}

func (c *place) Need(*mpesa.View) {}

func (c *place) Decide(v *mpesa.View, _ time.Time) {
	for _, p := range c.payments {
		mpesa.Payments.Create(v, p.ID, p)
	}
	for _, q := range c.queries {
		mpesa.Queries.Create(v, q.ID, q)
	}
	for _, d := range c.deliveries {
		mpesa.Deliveries.Create(v, d.ID, d)
	}
}

// at is a time of the wire in milliseconds.
func at(t testing.TB, stamp string) int64 {
	t.Helper()
	x, err := time.ParseInLocation("20060102150405", stamp, clock.EAT)
	if err != nil {
		t.Fatal(err)
	}
	return x.UnixMilli()
}

var (
	receipts      = regexp.MustCompile(`"[A-Z][A-L][1-9A-V][0-9A-Z]{7}"`)
	conversations = regexp.MustCompile(`"AG_[0-9]{8}_[0-9a-z]{20}"`)
)

// form is a JSON text line by line, without what no two payments have in common: of a receipt the date and whether it is one counts, of
// a ConversationID its date.
func form(t testing.TB, text []byte) string {
	t.Helper()
	text = receipts.ReplaceAllFunc(text, func(id []byte) []byte {
		if string(id[4:11]) == "0000000" {
			return id
		}
		return append(slices.Clone(id[:4]), `…"`...)
	})
	text = conversations.ReplaceAllFunc(text, func(id []byte) []byte { return append(slices.Clone(id[:12]), `…"`...) })
	return testworld.Form(t, text)
}

const (
	firstPlaced = int64(900_000_001)
	johnDoe     = mpesa.Party(254_708_374_149)
	songok      = mpesa.Party(254_705_912_645)
)

// printed is a body of the documents, and the payment that gives the same.
type printed struct {
	payment  mpesa.Payment
	accepted string // when it was; "": when it ended
	ended    string
	original *mpesa.Payment // that it is about
	differ   *strings.Replacer
	unsorted bool // the document's order is an older one
}

func funds(kind mpesa.AccountKind, cents int64) mpesa.Funds {
	return mpesa.Funds{Kind: kind, Balance: money.Amount(cents)}
}

// results are the documents' results by their file in testdata. What is replaced is not as printed: docs/divergences.md.
func results(t *testing.T) map[string]printed {
	internal := strings.NewReplacer("https://internalapi.", "https://internalsandbox.")
	return map[string]printed{
		"b2c-success-seed": {ended: "20191219114550", payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2C, State: mpesa.Completed, Result: codes.Success, Payer: 600_000, Payee: johnDoe, Amount: 10_00},
			Details: mpesa.Details{TransactionType: "BusinessPayment", Originator: "10571-7910404-1", Settled: true, Payee: "John Doe",
				Funds: []mpesa.Funds{funds(mpesa.Utility, 10116_00), funds(mpesa.Working, 900000_00), funds(mpesa.ChargesPaid, -4510_00)}}}},
		"b2c-success-tutorial": {ended: "20170821120159", payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2C, State: mpesa.Completed, Result: codes.Success, Payer: 600_000, Payee: johnDoe, Amount: 100_00},
			Details: mpesa.Details{TransactionType: "BusinessPayment", Originator: "14593-80515-2", Settled: true, Payee: "John Doe",
				Funds: []mpesa.Funds{funds(mpesa.Utility, 98834_00), funds(mpesa.Working, 100000_00), funds(mpesa.ChargesPaid, 0)}}},
			differ: strings.NewReplacer("has been accepted successfully.", "is processed successfully.")},
		"b2c-failure-seed": {ended: "20191219114550", payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2C, State: mpesa.Failed, Result: codes.InvalidInitiator, Payer: 600_000, Payee: johnDoe, Amount: 10_00},
			Details: mpesa.Details{TransactionType: "BusinessPayment", Originator: "29112-34801843-1"}},
			differ: strings.NewReplacer("NLJ0000000", "NLJ41HAY6Q")}, // the other two seeds and what is observed have a receipt
		"b2c-failure-tutorial": {ended: "20171228164005", payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2C, State: mpesa.Failed, Result: codes.InternalFailure, Payer: 600_000, Payee: johnDoe, Amount: 10_00},
			Details: mpesa.Details{TransactionType: "BusinessPayment", Originator: "16940-3815719-3"}}},
		"pochi-success-seed": {ended: "20240706224852", payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2Pochi, State: mpesa.Completed, Result: codes.Success, Payer: 600_000, Payee: songok, Amount: 10_00},
			Details: mpesa.Details{TransactionType: mpesa.BusinessPayToPochi, Originator: "53e3-4aa8-9fe0-8fb5e4092cdd3533373", Settled: true, Payee: "NICHOLAS JOHN SONGOK",
				Funds: []mpesa.Funds{funds(mpesa.Utility, 8959269_60), funds(mpesa.Working, 1199371_00), funds(mpesa.ChargesPaid, -1980_00)}}}},
		"pochi-failure-seed": {accepted: "20240707101500", ended: "20240722101500", payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2Pochi, State: mpesa.Failed, Result: codes.InvalidInitiator, Payer: 600_000, Payee: songok, Amount: 10_00},
			Details: mpesa.Details{TransactionType: mpesa.BusinessPayToPochi, Originator: "53e3-4aa8-9fe0-8fb5e4092cdd3544366"}},
			differ: strings.NewReplacer("SG722NMVXQ", "SGM22NMVXQ")}, // printed with the date of another day
		"paybill-success-seed": {ended: "20221110110717", payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2B, State: mpesa.Completed, Result: codes.Success, Payer: 600_001, Payee: 600_000, Amount: 190_00},
			Details: mpesa.Details{TransactionType: mpesa.BusinessPayBill, Originator: "626f6ddf-ab37-4650-b882-b1de92ec9aa4", Reference: "19008", Settled: true, Payee: "Biller Companty",
				Funds: []mpesa.Funds{{Kind: mpesa.Working, Balance: 346568_83, Held: 340382_00}}}},
			differ: strings.NewReplacer(`"0"`, `0`, `"12345677dfdf89099B3"`, `"AG_20221110_20303738b089a9fb5233"`,
				"DebitAccountBalance", "DebitAccountCurrentBalance", `"190.00"`, `190`, `"20221110110717"`, `20221110110717`, `,`+"\n"+`"Value":""`, ``, `"19008"`, `19008`, "000000 - ", "600000 - ",
				"http://172.31.234.68:8888/Listener.php\"}", "https://internalsandbox.safaricom.co.ke/mpesa/b2bresults/v1/submit\"}")},
		"b2b-success-tutorial": {ended: "20170727102524", unsorted: true, payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2B, State: mpesa.Completed, Result: codes.Success, Payer: 600_001, Payee: 603_094, Amount: 10_00},
			Details: mpesa.Details{TransactionType: mpesa.BusinessPayBill, Originator: "8551-61996-3", Reference: "aaa", Settled: true, Payee: "Safaricom3117", Charge: 77_00,
				Funds: []mpesa.Funds{funds(mpesa.Working, 46713_00)}}},
			differ: strings.NewReplacer("has been accepted successfully.", "is processed successfully", "{Amount={BasicAmount=46713.00, MinimumAmount=4671300, CurrencyCode=KES}}", "{Amount={CurrencyCode=KES, MinimumAmount=4671300, BasicAmount=46713.00}}")},
		"paybill-failure-seed": {ended: "20200120164825", payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2B, State: mpesa.Failed, Result: codes.InvalidInitiator, Payer: 600_001, Payee: 600_000, Amount: 239_00},
			Details: mpesa.Details{TransactionType: mpesa.BusinessPayBill, Originator: "12337-23509183-5", Reference: "353353"}}, differ: internal},
		"balance-success-wire": {ended: "20260825140947", payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.BalanceQuery, State: mpesa.Completed, Result: codes.Success, Payer: 600_000},
			Details: mpesa.Details{TransactionType: mpesa.AccountBalance, Originator: "ac7b-470b-8df7-23ab3cef38271280493", Settled: true,
				Funds: []mpesa.Funds{funds(mpesa.Working, 700000_00), funds(mpesa.Float, 0), funds(mpesa.Utility, 228037_00), funds(mpesa.ChargesPaid, -1540_00), funds(mpesa.Settlement, 0)}}}},
		"balance-failure-wire": {ended: "20261006093245", payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.BalanceQuery, State: mpesa.Failed, Result: codes.CredentialLocked, Payer: 600_000},
			Details: mpesa.Details{TransactionType: mpesa.AccountBalance, Originator: "ac7b-470b-8df7-23ab3cef38271280493"}}},
		"status-success-wire": {ended: "20240702101500", payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.StatusQuery, State: mpesa.Completed, Result: codes.Success, Payer: 600_000},
			Details: mpesa.Details{TransactionType: mpesa.TransactionStatusQuery, Originator: "ac7b-470b-8df7-23ab3cef38271280493", Occasion: "OK"}},
			original: &mpesa.Payment{Header: mpesa.Header{Kind: mpesa.Express, State: mpesa.Completed, Result: codes.Success, Payer: johnDoe, Payee: 600_000, Amount: 100_00, AcceptedAt: at(t, "20240629184302"), FinishedAt: at(t, "20240629184302")},
				Details: mpesa.Details{TransactionType: mpesa.CustomerPayBillOnline, Originator: "8423-4a3b-87d8-1d918a78741e243712"}},
			differ: strings.NewReplacer("000000 - agg", "600000 - Sandbox Organisation 600000")},
		"status-failure-wire": {ended: "20261006093245", payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.StatusQuery, State: mpesa.Failed, Result: codes.ReceiptUnknown, Payer: 600_000},
			Details: mpesa.Details{TransactionType: mpesa.TransactionStatusQuery, Originator: "ac7b-470b-8df7-23ab3cef38271280493"}}},
		"reversal-success-wire": {ended: "20211114132711", payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.Reversal, State: mpesa.Completed, Result: codes.Success, Payer: 600_992, Payee: songok, Amount: 1_00},
			Details: mpesa.Details{TransactionType: mpesa.TransactionReversal, Originator: "ac7b-470b-8df7-23ab3cef38271280493", Settled: true, Payer: "Safaricom Daraja 992", Payee: "NICHOLAS JOHN SONGOK",
				Funds: []mpesa.Funds{funds(mpesa.Utility, 7722179_62)}}},
			original: &mpesa.Payment{Header: mpesa.Header{Kind: mpesa.C2B, State: mpesa.Completed, Result: codes.Success, Payer: songok, Payee: 600_992, Amount: 1_00, AcceptedAt: at(t, "20211112101500"), FinishedAt: at(t, "20211112101500")}}},
		"reversal-failure-wire": {ended: "20261006093245", payment: mpesa.Payment{Header: mpesa.Header{Kind: mpesa.Reversal, State: mpesa.Failed, Result: codes.NotReversible, Payer: 600_000},
			Details: mpesa.Details{TransactionType: mpesa.TransactionReversal, Originator: "ac7b-470b-8df7-23ab3cef38271280493"}}},
	}
}

// TestResultsAreAsPrinted compares results with the documents' bodies: member by member, in their order and with their types.
func TestResultsAreAsPrinted(t *testing.T) {
	b := newBench(t, settings{})
	next := firstPlaced
	for name, test := range results(t) {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("testdata/" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if test.differ != nil {
				changed := test.differ.Replace(string(text))
				if changed == string(text) {
					t.Fatal("what differs was not found")
				}
				text = []byte(changed)
			}
			p := test.payment
			p.ID, p.Business, p.FinishedAt = next, mpesa.Shortcode(p.Payer), at(t, test.ended)
			p.AcceptedAt = p.FinishedAt
			if test.accepted != "" {
				p.AcceptedAt = at(t, test.accepted)
			}
			next++
			placed := &place{}
			if test.original != nil {
				test.original.ID = next
				p.Details.Original = next
				placed.payments = append(placed.payments, *test.original)
				next++
			}
			if p.Kind == mpesa.StatusQuery || p.Kind == mpesa.BalanceQuery { // whose clients choose no OriginatorConversationID
				q := mpesatest.QueryOf(p)
				q.Found = mpesa.Completed
				placed.queries = append(placed.queries, q)
				text = []byte(strings.ReplaceAll(string(text), p.Details.Originator, b.Mint.Originator(p.ID, "")))
			} else {
				placed.payments = append(placed.payments, p)
			}
			b.Do(t, placed)
			body, err := b.sender.Body(t.Context(), mpesa.Delivery{ID: p.DeliveryID(mpesa.Result), Kind: mpesa.Result})
			if err != nil {
				t.Fatal(err)
			}
			ours, want := form(t, body), form(t, text)
			if test.unsorted {
				ours, want = sorted(ours), sorted(want)
			}
			if diff := cmp.Diff(want, ours); diff != "" {
				t.Errorf("%s differs (- printed, + ours):\n%s", body, diff)
			}
			again(t, body)
		})
	}
}

// sorted is a form whose keys' order doesn't count.
func sorted(form string) string {
	lines := strings.Split(form, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// again wants a result to be read by package daraja, and to be written by it as it was: its typing rules are the same.
func again(t testing.TB, body []byte) {
	t.Helper()
	result := kivukotest.Request{Body: body}.Result(t)
	written, err := result.MarshalJSON()
	if err != nil || string(written) != string(body) {
		t.Errorf("package daraja writes it as %s, %v; it is %s", written, err, body)
	}
}

func TestEveryKindOfResultIsPrinted(t *testing.T) {
	missing := map[mpesa.Kind]bool{}
	for k := mpesa.Kind(1); k.String() != ""; k++ {
		missing[k] = k.Initiated()
	}
	for _, p := range results(t) {
		delete(missing, p.payment.Kind)
	}
	maps.DeleteFunc(missing, func(k mpesa.Kind, initiated bool) bool { return !initiated || k == mpesa.Tax }) // as B2B
	if len(missing) != 0 {
		t.Errorf("nothing is compared for %v", missing)
	}
}
