package seedworld_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// shopWorld is a small world that leaves every secret out.
const shopWorld = `{
  "apps": [{"name": "Duka", "products": ["Lipa Na M-Pesa Sandbox"]}],
  "operators": [{"username": "payer", "roles": ["ORG B2C API initiator"]}, {"username": "new", "password": ""}],
  "portal": {"organisations": [600100], "question1": "In which town were you born?", "question2": "What was your first pet called?",
    "operators": [{"username": "asha", "roles": ["Business Manager"], "name": "Asha Ali", "phone": 254712345678}]},
  "organisations": [
    {"shortcode": 600100, "name": "Duka", "kind": "paybill", "utility": "1000.50"},
    {"shortcode": 600200, "to": 600202, "name": "Branch", "kind": "paybill", "passkey": "-"}
  ],
  "customers": [
    {"msisdn": 254712345678, "name": "Asha Ali", "balance": "500"},
    {"msisdn": 254712345679, "name": "Baraka Juma", "pin": "9876"}
  ]
}`

func rulebook(t *testing.T) *mpesa.Rulebook {
	t.Helper()
	rules, err := mpesa.NewRulebook()
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// letters makes secrets that tell what they are for.
func letters(name string, n int) string {
	return (strings.ReplaceAll(name, " ", "") + strings.Repeat("x", n))[:n]
}

func TestSecretsThatAWorldLeavesOutAreMade(t *testing.T) {
	w, err := seedworld.Parse([]byte(shopWorld), rulebook(t))
	if err != nil {
		t.Fatal(err)
	}
	var made []string
	for _, s := range w.Complete(letters, "4321") {
		made = append(made, s.Of+": "+s.Kind)
	}
	want := []string{"app Duka: consumer key", "app Duka: consumer secret", "pay bills, stores and tills: passkey", "operator payer: password",
		"portal's asha: password", "portal's operators: answer to the security questions", "customers: PIN"}
	if fmt.Sprint(made) != fmt.Sprint(want) {
		t.Errorf("it made %q, want %q", made, want)
	}
	if *w.Operators[1].Password != "" || w.Customers[1].PIN != "9876" || w.Organisations[1].Passkey != "-" {
		t.Error("what the world says was replaced")
	}
	if again := w.Complete(letters, "4321"); len(again) != 1 { // the PIN is each time the installation's
		t.Errorf("a complete world was completed by %v", again)
	}
}

func TestTheSampleIsAWorldThatCanBeRead(t *testing.T) {
	text, err := os.ReadFile("world.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seedworld.Parse(text, rulebook(t)); err != nil {
		t.Error(err)
	}
}

// No secret of the sample is in the private world, whatever is added to the sample.
func TestThePrivateWorldHasNoPublishedSecret(t *testing.T) {
	sample, err := seedworld.Read()
	if err != nil {
		t.Fatal(err)
	}
	private, err := seedworld.Private()
	if err != nil {
		t.Fatal(err)
	}
	private.Complete(letters, "4321")
	text := fmt.Sprintf("%+v", *private)
	for _, o := range private.Operators {
		text += *o.Password
	}
	for _, o := range private.Portal.Operators {
		text += *o.Password
	}
	published := []string{sample.Passkey, sample.Portal.Password, sample.Portal.Answer, sample.Portal.AnswerHash, sample.Apps[0].Key, sample.Apps[0].Secret, "PIN:" + seedworld.PIN}
	for _, o := range sample.Operators {
		published = append(published, *o.Password)
	}
	for _, secret := range published {
		if secret != "" && strings.Contains(text, secret) {
			t.Errorf("it has %q", secret)
		}
	}
}

func TestAWorldThatCannotBeMadeIsRefusedWithItsPlace(t *testing.T) {
	for _, x := range []struct{ from, to, says string }{
		{`"apps"`, `"aps"`, "line 2, /aps: there is no such member here"},
		{`"apps": [`, `"apps": `, "line 2, /apps: "},
		{`"apps": [{`, `"apps": [{{`, "line 2, /apps/0: "},
		{`"name": "Duka", "products"`, `"products"`, "line 2, /apps/0/name: an app needs a name"},
		{`["Lipa Na M-Pesa Sandbox"]`, `["Lipa"]`, `line 2, /apps/0/products/0: "Lipa" is none of`},
		{`"name": "Duka", "products"`, `"name": "Duka", "consumerKey": "a b", "products"`, "line 2, /apps/0/consumerKey: it has to be"},
		{`"username": "new", "password": ""`, `"username": "payer"`, `line 3, /operators/1/username: another operator is called "payer"`},
		{`"password": ""`, `"password": "(short)"`, "line 3, /operators/1/password: the password is shorter"},
		{`"ORG B2C API initiator"`, `"B2C"`, `line 3, /operators/0/roles/0: "B2C" is none of`},
		{`"organisations": [600100]`, `"organisations": [600999]`, "line 4, /portal/organisations/0: 600999 is none of the organisations"},
		{`"phone": 254712345678`, `"phone": 254799999999`, "line 5, /portal/operators/0/phone: 254799999999 is none of the customers"},
		{`In which town were you born?`, `Why?`, `line 4, /portal/question1: "Why?" is none of`},
		{`"shortcode": 600100`, `"shortcode": 99`, "line 7, /organisations/0/shortcode: a shortcode has five to seven digits"},
		{`"shortcode": 600100`, `"shortcode": 600201`, "/organisations: 600201 is there twice"},
		{`"to": 600202`, `"to": 600200`, "line 8, /organisations/1/to: the last of a range"},
		{`"kind": "paybill", "utility"`, `"kind": "shop", "utility"`, `line 7, /organisations/0/kind: "shop" is none of`},
		{`"kind": "paybill", "utility"`, `"utility"`, `line 7, /organisations/0/kind: "" is none of`},
		{`"1000.50"`, `"-1"`, "line 7, /organisations/0/utility: "},
		{`"1000.50"`, `1000.5`, "line 7, /organisations/0/utility: "},
		{`"msisdn": 254712345679`, `"msisdn": 254712345678`, "line 12, /customers/1/msisdn: 254712345678 is there twice"},
		{`"msisdn": 254712345679`, `"msisdn": 712345679`, "line 12, /customers/1/msisdn: 712345679 is not a phone number"},
		{`"pin": "9876"`, `"pin": "98765"`, "line 12, /customers/1/pin: it has to be four digits"},
		{`"pin": "9876"`, `"answers": "maybe"`, `line 12, /customers/1/answers: "maybe" is none of`},
		{`"apps"`, `"test": {"express": 174379}, "apps"`, "line 2, /test/express: 174379 is none of the organisations"},
	} {
		text := strings.Replace(shopWorld, x.from, x.to, 1)
		if text == shopWorld {
			t.Fatalf("%q is not there", x.from)
		}
		_, err := seedworld.Parse([]byte(text), rulebook(t))
		if err == nil || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v; want %q", x.to, err, x.says)
		}
	}
}

// A world of one's own is a whole Kivuko.
func TestAWorldOfOnesOwnIsServed(t *testing.T) {
	path := t.TempDir() + "/shop.json"
	if err := os.WriteFile(path, []byte(shopWorld), 0o600); err != nil {
		t.Fatal(err)
	}
	k := kivukotest.Start(t, kivuko.Config{World: path, Profile: kivuko.Strict})
	tryout, err := k.Tryout(t.Context())
	if err != nil || tryout.PayBill != "600100" || tryout.Phone != "254712345678" || tryout.Secret == "" || tryout.Passkey == "" || tryout.PIN == "" {
		t.Errorf("it can be tried with %+v, %v", tryout, err)
	}
	o, err := k.Control().Organisation(t.Context(), "600100")
	if err != nil || o.Accounts[1].Current.String() != "1000.50" {
		t.Errorf("600100 is %+v, %v", o, err)
	}
	books, err := k.Control().Books(t.Context())
	if err != nil || !books.Balanced() {
		t.Errorf("the books are %+v, %v", books, err)
	}
}
