package gateway_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
)

// fieldTest is a field of an API, and what it refuses beside what every field of its kind refuses.
type fieldTest struct {
	name      string
	optional  bool
	malformed []any
}

// The kinds of fields.
var (
	badNames      = []any{strings.Repeat("é", 101), strings.Repeat("x", 100_000), "a\x00b", "a\nb", "\x1b[31m", "a\u0085b"}
	badShortcodes = []any{"17437a", "4379", "12345678", "017437", "-174379", "174379.5", "254708374149", "000001", 1.5, 174379e3, 1e300}
	badAmounts    = []any{"0", 0, "-1", -1, "1.505", 1.505, "0.001", "0.00", "-100.50", "+1", "1.", "1,000", "1e3", "ten", "0x10", "NaN", "１０", "1000000000", 1e30, "Ksh10", ".", strings.Repeat("9", 100_000)}
	badCustomers  = []any{"+254708374149", "0208374149", "254208374149", "25470837414", "2547083741490", "070837414", "07083741490", "255708374149", "2547O8374149", "254 708374149", "174379", 708374149, 254708374149.5}
	badURLs       = []any{"mydomain.com/path", "/path", "https://", "ftp://mydomain.com/", "javascript:alert(1)", "https://My.Domain.com/", "https://mydomain.com/a path", "https://mydomain.com:99999/",
		"https://user:secret@mydomain.com/", "https://mydomain.com/\r\nX-Header: 1", "https://mydomain.com/\x00", "https://mydomain.com/" + strings.Repeat("a", 2048), 80}
	badRemarks  = []any{"a", "é", 1, strings.Repeat("é", 101)}
	badOccasion = []any{strings.Repeat("é", 101)}
	badTypes    = []any{"1", "5", "04", "4.0", "shortcode", 4.5, -4}
	badAccounts = []any{strings.Repeat("é", 14), strings.Repeat("7", 100_000)}
)

func mandatory(name string, malformed ...any) fieldTest { return fieldTest{name, false, malformed} }
func optional(name string, malformed ...any) fieldTest  { return fieldTest{name, true, malformed} }

// outcomeFields are what most of the requests end with.
var outcomeFields = []fieldTest{mandatory("Remarks", badRemarks...), mandatory("QueueTimeOutURL", badURLs...), mandatory("ResultURL", badURLs...)}

// apiTest is an API, and its fields in the order in which the gateway looks at them.
type apiTest struct {
	path   string
	fields []fieldTest
}

func initiator(name string, commands ...any) []fieldTest {
	return []fieldTest{mandatory(name, badNames...), mandatory("SecurityCredential"), mandatory("CommandID", append(commands, "x", 1)...)}
}

func b2bFields(commands ...any) []fieldTest {
	return slices.Concat(initiator("Initiator", commands...), []fieldTest{
		mandatory("SenderIdentifierType", append([]any{"2", "11"}, badTypes...)...), mandatory("RecieverIdentifierType", append([]any{"2", "11"}, badTypes...)...),
		mandatory("Amount", badAmounts...), mandatory("PartyA", append([]any{"000000"}, badShortcodes...)...), mandatory("PartyB", badShortcodes...), mandatory("AccountReference", badAccounts...),
		optional("Requester", badCustomers...),
	}, outcomeFields, []fieldTest{optional("Occassion", badOccasion...)})
}

func c2bRegisterFields() []fieldTest {
	return []fieldTest{mandatory("ShortCode", badShortcodes...), mandatory("ResponseType", "completed", "CANCELLED", "Canceled", "Complete", "[Cancelled/Completed]", 1),
		mandatory("ConfirmationURL", badURLs...), mandatory("ValidationURL", badURLs...)}
}

func c2bSimulateFields() []fieldTest {
	return []fieldTest{mandatory("ShortCode", badShortcodes...), mandatory("CommandID", "BusinessPayBill", "customerpaybillonline", 1), mandatory("Amount", badAmounts...),
		mandatory("Msisdn", badCustomers...), mandatory("BillRefNumber", strings.Repeat("é", 21))}
}

var payoutFields = slices.Concat([]fieldTest{mandatory("Amount", badAmounts...), mandatory("PartyA", append([]any{"000000"}, badShortcodes...)...), mandatory("PartyB", badCustomers...)},
	outcomeFields, []fieldTest{optional("Occassion", badOccasion...)})

var tested = []apiTest{
	{testworld.B2CV1Path, slices.Concat(initiator("InitiatorName", "BusinessPayToPochi", "salarypayment"), payoutFields)},
	{testworld.B2CPath, slices.Concat(initiator("InitiatorName", "BusinessPayToPochi", "salarypayment"), []fieldTest{mandatory("OriginatorConversationID", badNames...)}, payoutFields)},
	{testworld.PochiPath, slices.Concat(initiator("InitiatorName", "businesspaytopochi", "BusinessPayBill"), []fieldTest{mandatory("OriginatorConversationID", badNames...)}, payoutFields)},
	{testworld.B2BPath, b2bFields("PayTaxToKRA", "BusinessPayment", "businesspaybill", "BusinessPayToBullk")},
	{testworld.TaxPath, b2bFields("BusinessPayBill")},
	{testworld.ReversalPath, slices.Concat([]fieldTest{mandatory("RecieverIdentifierType", badTypes...)}, initiator("Initiator", "Reversal"), []fieldTest{
		mandatory("TransactionID", badNames...), mandatory("Amount", badAmounts...), mandatory("ReceiverParty", badShortcodes...),
		mandatory("ResultURL", badURLs...), mandatory("QueueTimeOutURL", badURLs...), mandatory("Remarks", badRemarks...), optional("Occasion", badOccasion...)})},
	{testworld.StatusPath, slices.Concat(initiator("Initiator", "TransactionStatus"), []fieldTest{
		mandatory("TransactionID", badNames...), optional("OriginalConversationID", badNames...), optional("OriginatorConversationID", badNames...), mandatory("PartyA", badShortcodes...),
		mandatory("IdentifierType", "11", "04", "x"), mandatory("ResultURL", badURLs...), mandatory("QueueTimeOutURL", badURLs...), mandatory("Remarks", badRemarks...), optional("Occasion", badOccasion...)})},
	{testworld.BalancePath, slices.Concat(initiator("Initiator", "Balance"), []fieldTest{mandatory("PartyA", badShortcodes...), mandatory("IdentifierType", "11", "04", "x")}, outcomeFields)},
	{testworld.RegisterV1Path, c2bRegisterFields()},
	{testworld.RegisterPath, c2bRegisterFields()},
	{testworld.SimulateV1Path, c2bSimulateFields()},
	{testworld.SimulatePath, c2bSimulateFields()},
}

// notScalar is JSON that no field takes; nothing is JSON that stands for a field that isn't there.
var (
	notScalar = []any{true, false, fields{}, fields{"a": 1}, []any{}, []any{"174379"}}
	nothing   = []any{testworld.Absent, nil, "", " ", "\t\n"}
)

func TestEachFieldOfEachAPIThatIsWrongIsRefused(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	organisation := b.organisation(t, 600000)
	for _, api := range tested {
		for _, field := range api.fields {
			values := append(append([]any{}, field.malformed...), notScalar...)
			if !field.optional {
				values = append(values, nothing...)
			}
			for _, value := range values {
				t.Run(fmt.Sprintf("%s %s %.40v", api.path, field.name, describe(value)), func(t *testing.T) {
					b.refused(t, b.request(t, api.path, fields{field.name: value}), codes.InvalidField(field.name), field.name)
				})
			}
		}
	}
	if after := b.organisation(t, 600000); !reflect.DeepEqual(after, organisation) {
		t.Errorf("the organisation went from %+v to %+v", organisation, after)
	}
}

func (b *bench) organisation(t testing.TB, s mpesa.Shortcode) mpesa.Organisation {
	t.Helper()
	o, err := store.Get(t.Context(), b.Store, mpesa.Registry, s)
	if err != nil || o == nil {
		t.Fatalf("organisation %s is %v, %v", s, o, err)
	}
	return *o
}

func TestOptionalFieldsMayBeLeftOut(t *testing.T) {
	b := newBench(t)
	for _, api := range tested {
		all := fields{}
		for i, field := range api.fields {
			if !field.optional {
				continue
			}
			all[field.name] = testworld.Absent
			for j, value := range nothing {
				b.acknowledged(t, b.request(t, api.path, fields{field.name: value, "OriginatorConversationID": once(api.path, i, j)}))
			}
		}
		if len(all) > 0 && api.path != testworld.StatusPath {
			b.acknowledged(t, b.request(t, api.path, all.With(fields{"OriginatorConversationID": once(api.path, "all")})))
		}
	}
	b.Books(t)
}

// once makes an OriginatorConversationID that no other request has.
func once(parts ...any) string { return fmt.Sprint(parts...) }

// The first field that is wrong is the one that is named, and it is so for a body that isn't read (wire.md §1).
func TestFirstFieldThatIsWrongIsNamed(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	for _, api := range tested {
		wrong := fields{}
		for _, field := range slices.Backward(api.fields) { // one more each time, from the last to the first
			if field.optional {
				wrong[field.name] = fields{}
				continue
			}
			wrong[field.name] = testworld.Absent
			if field.name == "TransactionID" && api.path == testworld.StatusPath {
				wrong["OriginalConversationID"], wrong["OriginatorConversationID"] = testworld.Absent, testworld.Absent
			}
			b.refused(t, b.request(t, api.path, wrong), codes.InvalidField(field.name), field.name+" is missing")
		}
	}
}

func TestNeitherReceiptNorOriginatorGiven(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	for _, value := range nothing {
		b.refused(t, b.request(t, testworld.StatusPath, fields{"TransactionID": value, "OriginalConversationID": value}), codes.InvalidField("TransactionID"), "TransactionID is missing")
	}
}

// The field that a body that can't be read lacks first: those of wire.md §1 and BusinessToPochi, FAQ 19, and else the first one.
var firstMissing = map[string]string{
	testworld.B2CV1Path: "InitiatorName", testworld.B2CPath: "InitiatorName", testworld.PochiPath: "InitiatorName", testworld.B2BPath: "Initiator", testworld.TaxPath: "Initiator",
	testworld.ReversalPath: "RecieverIdentifierType", testworld.StatusPath: "Initiator", testworld.BalancePath: "Initiator",
	testworld.RegisterV1Path: "ShortCode", testworld.RegisterPath: "ShortCode", testworld.SimulateV1Path: "ShortCode", testworld.SimulatePath: "ShortCode",
}

func TestBodiesOfEachAPIThatAreNoRequest(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	for _, api := range tested {
		missing := codes.InvalidField(firstMissing[api.path])
		for _, media := range []string{"", "text/plain", "application/x-www-form-urlencoded"} {
			b.refused(t, b.send(t, http.MethodPost, api.path, media, []byte(`{"Initiator":"testapi"}`)), missing, "Content-Type")
		}
		for _, body := range []string{"", " ", "{}", `{"initiator":1}`} {
			b.refused(t, b.Post(t, api.path, []byte(body)), missing)
		}
		for _, body := range []string{"null", "[]", "{", "{}}", "Initiator=testapi", "\x00"} {
			b.refused(t, b.Post(t, api.path, []byte(body)), codes.BadPayload, "JSON")
		}
	}
}

func TestPathsMethodsTokensAndProductsOfEachAPI(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	b.do(t, putApp{mpesa.App{Key: "empty", Secret: "empty-secret", Name: "empty"}})
	r := b.Request(t, http.MethodGet, testworld.TokenPath, nil)
	r.SetBasicAuth("empty", "empty-secret")
	empty := b.Merchant.Do(t, r).Text("access_token")
	for path, family := range map[string]struct{ api, token codes.Family }{
		testworld.B2CV1Path: {codes.Payments, codes.Payments}, testworld.B2CPath: {codes.Payments, codes.Payments}, testworld.PochiPath: {codes.Payments, codes.Payments},
		testworld.B2BPath: {codes.Payments, codes.Payments}, testworld.TaxPath: {codes.Payments, codes.Payments}, testworld.BalancePath: {codes.Payments, codes.Payments},
		testworld.ReversalPath: {codes.STK, codes.STK}, testworld.StatusPath: {codes.C2B, codes.STK},
		testworld.RegisterPath: {codes.C2B, codes.C2B}, testworld.RegisterV1Path: {codes.C2B, codes.C2B}, testworld.SimulatePath: {codes.C2B, codes.C2B}, testworld.SimulateV1Path: {codes.C2B, codes.C2B},
	} {
		b.refused(t, b.send(t, http.MethodGet, path, "application/json", nil), codes.MethodNotAllowed(http.MethodGet), "POST")
		b.refused(t, b.send(t, http.MethodPost, path+"s", "application/json", nil), codes.NotFound(family.api), "path")
		for token, repeated := range map[string]string{"": "", "BJGFGOXv5aZnw90KkA4TDtu4Xdyf": "BJGFGOXv5aZnw90KkA4TDtu4Xdyf"} {
			r := b.Request(t, http.MethodPost, path, []byte("{}"))
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			if family.token != codes.Payments {
				repeated = ""
			}
			b.refused(t, b.Merchant.Do(t, r), codes.InvalidToken(family.token, repeated))
		}
		r := b.Request(t, http.MethodPost, path, []byte("{}"))
		r.Header.Set("Authorization", "Bearer "+empty)
		b.refused(t, b.Merchant.Do(t, r), codes.NoProduct(family.api), "product")
	}
}

func TestLimitsHoldForEachAPI(t *testing.T) {
	b := newBench(t)
	app, err := store.Get(t.Context(), b.Store, mpesa.Apps, testworld.Key)
	if err != nil {
		t.Fatal(err)
	}
	changed := *app
	changed.Quota = int64(len(tested))
	b.do(t, putApp{changed})
	b.nothingMoved(t)
	for _, api := range tested {
		b.refused(t, b.Post(t, api.path, nil), codes.InvalidField(firstMissing[api.path]))
	}
	for _, api := range tested {
		b.refused(t, b.Post(t, api.path, nil), codes.QuotaExceeded)
	}
}
