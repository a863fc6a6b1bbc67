package conformance_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// world is a whole Kivuko and a merchant who sends what a document prints.
type world struct {
	*testworld.Merchant
	*kivukotest.Collector
	document *document
	sent     int // counts what must differ from request to request
}

func newWorld(t testing.TB, d *document) *world {
	t.Helper()
	k := kivukotest.Start(t, kivuko.Config{ResultAfter: -1, CallbackTimeout: time.Second})
	w := &world{Collector: kivukotest.Collect(t), document: d}
	w.Merchant = testworld.NewMerchant(k.URL(), w.Collector.URL)
	w.Token(t)
	certificate, err := k.Control().Certificate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if w.Credential, err = daraja.EncryptCredential(testworld.OperatorPassword, certificate); err != nil {
		t.Fatal(err)
	}
	return w
}

// fill fills in the blanks of a sample.
func (w *world) fill(t testing.TB, text string) string {
	t.Helper()
	password, timestamp := daraja.Password(testworld.PayBill, testworld.Passkey, time.Now())
	for blank, value := range map[string]string{
		"{{Credentials.SandboxShortcode1}}": "600996", "{{Credentials.SandboxTestMSISDN}}": testworld.John, "{{Credentials.SandboxInitiatorName1}}": testworld.Operator,
		"{{Credentials.LNMShortcode}}": testworld.PayBill, "{{Credentials.CallbackURL}}": w.CallBack, "{{LNM.EncodedPassword}}": password, "{{LNM.Timestamp}}": timestamp,
		"{{B2C.SandboxSecurityCredential}}": w.Credential, "{{credential}}": w.Credential,
	} {
		text = strings.ReplaceAll(text, blank, value)
	}
	if strings.Contains(text, "{{receipt}}") {
		text = strings.ReplaceAll(text, "{{receipt}}", w.paid(t))
	}
	if left := regexp.MustCompile(`\{\{.*?\}\}`).FindString(text); left != "" && !strings.Contains(left, "=") {
		t.Fatalf("nothing is known to fill in for %s", left)
	}
	return text
}

// paid is the receipt of a payment of KES 70 to the shortcode of the samples.
func (w *world) paid(t testing.TB) string {
	t.Helper()
	path := w.path()
	register := testworld.Fields{"ShortCode": "600996", "ResponseType": "Completed", "ConfirmationURL": w.CallBack + path, "ValidationURL": w.CallBack + path}
	simulate := testworld.Fields{"ShortCode": "600996", "CommandID": daraja.CustomerPayBillOnline, "Amount": "70", "Msisdn": w.phone(), "BillRefNumber": "account"}
	for _, a := range []testworld.Answer{w.Send(t, testworld.RegisterPath, register, nil), w.Send(t, testworld.SimulatePath, simulate, nil)} {
		if a.Status != 200 {
			t.Fatalf("HTTP %d %s", a.Status, a.Body)
		}
	}
	var confirmation struct{ TransID string }
	if err := json.Unmarshal(w.At(t, path).Body, &confirmation); err != nil || confirmation.TransID == "" {
		t.Fatalf("no receipt: %v", err)
	}
	return confirmation.TransID
}

// path and phone are ones that nobody has used.
func (w *world) path() string  { w.sent++; return fmt.Sprintf("/%d", w.sent) }
func (w *world) phone() string { w.sent++; return fmt.Sprint(254733000000 + w.sent) }

// fresh makes a request that can be accepted again: with identifiers and phones that no other had. All that it leads to goes to path.
func (w *world) fresh(t testing.TB, request *section, with map[string]any, path string) testworld.Fields {
	t.Helper()
	f := w.fields(t, request)
	for name := range f {
		switch {
		case name == "OriginatorConversationID":
			f[name] = w.path()
		case name == "PhoneNumber", name == "Msisdn":
			f[name] = w.phone()
		case strings.HasSuffix(name, "URL"):
			f[name] = w.CallBack + path
		}
	}
	maps.Copy(f, with)
	for name, value := range f {
		if text, ok := value.(string); ok {
			f[name] = w.fill(t, text)
		}
	}
	return f
}

// fields are the members of a sample request, by their names without the spaces that the documents print in them.
func (w *world) fields(t testing.TB, request *section) testworld.Fields {
	t.Helper()
	var printed map[string]any
	if err := json.Unmarshal(request.filled(t, func(s string) string { return w.fill(t, s) }), &printed); err != nil {
		t.Fatal(err)
	}
	f := testworld.Fields{}
	for name, value := range printed {
		f[spaceless(name)] = value
	}
	return f
}

func spaceless(name string) string {
	return strings.Join(strings.FieldsFunc(name, unicode.IsSpace), "")
}

// post sends a body with a token, or with the merchant's.
func (w *world) post(t testing.TB, path, token string, body []byte) testworld.Answer {
	t.Helper()
	if token == "" {
		return w.Post(t, path, body)
	}
	r := w.Request(t, http.MethodPost, path, body)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	return w.Merchant.Do(t, r)
}
