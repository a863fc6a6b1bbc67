package controlapi_test

import (
	"net/http"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/money"
)

const shop = "/kivuko/v1/organisations/174379"

// account finds an account of the shop.
func (c caller) account(name string) money.Amount {
	c.t.Helper()
	var o control.Organisation
	c.get(shop).answers(http.StatusOK, &o)
	for _, a := range o.Accounts {
		if a.Name == name {
			return money.Amount(a.Current)
		}
	}
	c.t.Fatalf("there is no %s: %+v", name, o.Accounts)
	return 0
}

func TestAnOrganisationsOwnMoney(t *testing.T) {
	c := start(t)
	c.do(http.MethodPost, shop+"/settle", "").refuses(http.StatusConflict, "declined", "", "hold no revenue (result 1)")
	c.Pay(t, controltest.John, 1500, "1234")
	c.do(http.MethodPost, shop+"/withdraw", `{"amount":1}`).refuses(http.StatusConflict, "declined", "", "owes 5.00")
	c.do(http.MethodPost, shop+"/settle", "").paid("completed", "0", "")
	c.do(http.MethodPost, shop+"/deposit", `{"amount":"0.50"}`).paid("completed", "0", "")
	c.do(http.MethodPost, shop+"/deposit", `{"amount":30,"account":"merchant"}`).paid("completed", "0", "")
	c.do(http.MethodPost, shop+"/move", `{"from":"working","to":"utility","amount":95}`).paid("completed", "0", "")
	c.do(http.MethodPost, shop+"/move", `{"from":"merchant","to":"working","amount":30}`).paid("completed", "0", "")
	p := c.do(http.MethodPost, shop+"/withdraw", `{"amount":400}`).paid("completed", "0", "")
	if p.Kind != "withdrawal" || p.Payer != "174379" || p.Payee != "operator" || p.Business != "174379" {
		t.Errorf("got %+v", p)
	}
	c.do(http.MethodPost, shop+"/withdraw", `{"amount":4000}`).refuses(http.StatusConflict, "declined", "amount", "is more than the 1030.50")
	if got := c.account("Working Account"); got != 1030_50 {
		t.Errorf("Working holds %s", got)
	}
	if got := c.account("Utility Account"); got != 95_00 {
		t.Errorf("Utility holds %s", got)
	}
	var b control.Books
	if c.get("/kivuko/v1/books").answers(http.StatusOK, &b); !b.Balanced() {
		t.Errorf("the books are %+v", b)
	}
}

func TestOwnMoneyIsHeldToItsFields(t *testing.T) {
	c := start(t)
	for _, x := range []struct{ path, body, field, says string }{
		{"/move", `{"to":"utility","amount":1}`, "from", "missing"},
		{"/move", `{"from":"working","amount":1}`, "to", "missing"},
		{"/move", `{"from":"working","to":"utility"}`, "amount", "missing"},
		{"/move", `{"from":"settlement","to":"utility","amount":1}`, "from", `"float" "merchant" "working"`},
		{"/move", `{"from":"utility","to":"working","amount":1}`, "from", `"float" "merchant" "working"`},
		{"/move", `{"from":"working","to":"merchant","amount":1}`, "to", `"working" "utility"`},
		{"/move", `{"from":"merchant","to":"utility","amount":1}`, "to", "no money moves from merchant to utility; the ways are"},
		{"/deposit", `{"amount":1,"account":"charges"}`, "account", `"working" "utility" "merchant"`},
		{"/deposit", `{"account":"working"}`, "amount", "missing"},
		{"/withdraw", `{"amount":0}`, "amount", "more than 0"},
	} {
		c.do(http.MethodPost, shop+x.path, x.body).refuses(http.StatusBadRequest, "bad-field", x.field, x.says)
	}
	for path, body := range map[string]string{"settle": "", "move": `{"from":"working","to":"utility","amount":1}`, "withdraw": `{"amount":1}`, "deposit": `{"amount":1}`} {
		c.do(http.MethodPost, "/kivuko/v1/organisations/600123/"+path, body).refuses(http.StatusNotFound, "not-found", "", "600123 is nobody's shortcode")
	}
}
