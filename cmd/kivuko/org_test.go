package main

import (
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

func TestOrganisations(t *testing.T) {
	k := startWorld(t)
	k.Pay(t, controltest.John, 1500, "1234")
	k.prints(`
		SHORTCODE  KIND     NAME       WORKING   UTILITY       MERCHANT  CHARGES PAID
		174379     paybill  Test Shop  KES 0.00  KES 1,500.00  KES 0.00  KES -5.00
		300584     till     Test Till  KES 0.00  KES 0.00      KES 0.00  KES 0.00
		(there are more: --after 300584)
		`, "org", "list", "--limit", "2")
	k.prints(`
		888880, Duka (new)
		  kind                              till
		  store                             300585
		  tariff                            buy-goods
		  tariff of payouts                 b2c
		  tariff of payments to businesses  b2b-2017
		  may hold                          KES 1,000.50
		  products                          C2B, B2C
		  standing                          frozen
		  fault                             queue
		  owner                             254708374149
		  validation                        on
		  Working Account                   KES 0.00
		  Utility Account                   KES 0.00
		  Charges Paid Account              KES 0.00
		  Merchant Account                  KES 0.00
		  Organization Settlement Account   KES 0.00
		`, "org", "set", "888880", "--name", "Duka", "--kind", "till", "--store", "300585", "--tariff", "buy-goods", "--payout-tariff", "b2c",
		"--move-tariff", "b2b-2017", "--max-balance", "1000.50", "--products", "C2B,B2C", "--standing", "frozen", "--fault", "queue",
		"--owner", "0708374149", "--validates", "--passkey", "secret")
	k.prints(`
		888880, Duka
		  kind                             till
		  Working Account                  KES 0.00
		  Utility Account                  KES 0.00
		  Charges Paid Account             KES 0.00
		  Merchant Account                 KES 0.00
		  Organization Settlement Account  KES 0.00
		`, "org", "set", "888880", "--store", "none", "--tariff", "usual", "--payout-tariff", "usual", "--move-tariff", "usual", "--max-balance", "0",
		"--products", "all", "--standing", "good", "--fault", "none", "--owner", "none", "--no-validates", "--passkey", "none")
	var got control.Organisation
	if k.json(&got, "org", "show", "888880"); got.Name != "Duka" {
		t.Errorf("got %+v", got)
	}
	k.fails("600123 is nobody's shortcode", "org", "show", "600123")
	k.fails("name: it is missing", "org", "set", "600123", "--kind", "till")
	k.fails("products: it has to be a list of some of", "org", "set", "888880", "--products", "C2B,Nonsense")
}

func TestOrganisationURLs(t *testing.T) {
	k := startWorld(t)
	k.fails("174379 has registered no URLs", "org", "urls", "174379")
	const printed = `
		  confirmation URL  http://127.0.0.1:8080/c
		  validation URL    http://127.0.0.1:8080/v (Cancelled without an answer)
		  C2B version       1
		`
	k.prints(printed, "org", "urls", "174379", "--confirmation", "http://127.0.0.1:8080/c", "--validation", "http://127.0.0.1:8080/v",
		"--response-type", "Cancelled", "--version", "1")
	k.prints(printed, "org", "urls", "174379")
	k.prints("the URLs of 174379 are forgotten\n", "org", "urls", "174379", "--delete")
	k.fails("174379 has registered no URLs", "org", "urls", "174379", "--delete")
	k.fails("validation: it has to be a URL", "org", "urls", "174379", "--confirmation", "http://127.0.0.1:8080/c")
	if err := k.fails("say what to do", "org", "urls", "174379", "--confirmation", "http://a", "--delete"); !isUsage(err) {
		t.Errorf("%v is no usage error", err)
	}
}

func TestOrganisationsMoney(t *testing.T) {
	k := startWorld(t)
	k.fails("hold no revenue (result 1)", "org", "settle", "174379")
	k.Pay(t, controltest.John, 1500, "1234")
	k.fails("owes 5.00", "org", "withdraw", "174379", "100")
	if p := k.moved("org", "settle", "174379"); p.Kind != "settlement" || p.Amount != 1500_00 {
		t.Errorf("got %+v", p)
	}
	k.moved("org", "move", "174379", "working", "utility", "95")
	k.moved("org", "withdraw", "174379", "400")
	k.moved("org", "deposit", "174379", "0.50")
	k.moved("org", "deposit", "174379", "7", "--account", "merchant")
	k.prints(`
		174379, Test Shop
		  kind                             paybill
		  Working Account                  KES 1,000.50
		  Utility Account                  KES 95.00
		  Charges Paid Account             KES 0.00
		  Merchant Account                 KES 7.00
		  Organization Settlement Account  KES 0.00
		`, "org", "show", "174379")
	k.fails("to: it has to be one of", "org", "move", "174379", "working", "merchant", "1")
	k.fails("600123 is nobody's shortcode", "org", "settle", "600123")
}
