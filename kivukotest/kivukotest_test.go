package kivukotest_test

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/kivukotest"
)

// As the package's comment has it.
func TestShop(t *testing.T) {
	t.Parallel()
	w := kivukotest.Start(t, kivuko.Config{Phones: "ask"})
	shop, callbacks := w.Merchant("174379"), w.Collect()
	push := shop.Push("254708374149", "10", callbacks.URL+"/paid")
	w.Phone("254708374149").Enter("1234")
	if p := w.WaitFinal(push.CheckoutRequestID); p.Receipt == "" || p.Receipt != callbacks.For(t, push.CheckoutRequestID).Receipt() {
		t.Errorf("the payment is %+v", p)
	}
}

func TestATillAsksForItsStore(t *testing.T) {
	t.Parallel()
	w := kivukotest.Start(t, kivuko.Config{})
	callbacks := w.Collect()
	push := w.Merchant("765432").Push("254708374149", "10", callbacks.URL)
	if p := w.WaitFinal(push.CheckoutRequestID); p.State != control.Completed || p.Business != "654321" || p.TransactionType != daraja.CustomerBuyGoodsOnline {
		t.Errorf("the payment is %+v", p)
	}
}

func TestAnOrganisationPaysOut(t *testing.T) {
	t.Parallel()
	w := kivukotest.Start(t, kivuko.Config{})
	results := w.Collect()
	ack, err := w.Merchant("600000").B2C(t.Context(), daraja.B2CRequest{OriginatorConversationID: "refund-42", CommandID: daraja.BusinessPayment, Amount: "10",
		PartyA: "600000", PartyB: "254708374149", Remarks: "Refund", QueueTimeOutURL: results.URL + "/late", ResultURL: results.URL + "/result"})
	if err != nil {
		t.Fatal(err)
	}
	p, r := w.WaitFinal(ack.ConversationID), results.At(t, "/result").Result(t)
	if p.State != control.Completed || r.TransactionID != p.Receipt {
		t.Errorf("the payment is %+v, its result %+v", p, r)
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	w := kivukotest.Start(t, kivuko.Config{Phones: "ask"})
	shop, callbacks, phone := w.Merchant("174379"), w.Collect(), w.Phone("254722111222")
	balance := control.Amount(500_00)
	if set := phone.Set(control.PhoneChange{Balance: &balance}); set.Balance != balance {
		t.Errorf("the phone is %+v", set)
	}
	push := shop.Push(phone.Number, "10", callbacks.URL)
	phone.Cancel()
	if p := w.WaitFinal(push.CheckoutRequestID); p.Result != "1032" {
		t.Errorf("the payment is %+v", p)
	}
	paid := phone.Pay(control.Pay{Shortcode: "600000", Account: "INV-7", Amount: 20_00})
	if list := phone.Messages(); len(list) == 0 || list[0].Payment != paid.ID {
		t.Errorf("of %+v the messages are %+v", paid, list)
	}
}

func TestACollectorDoesAsItIsTold(t *testing.T) {
	t.Parallel()
	c := kivukotest.Collect(t)
	for want, answer := range map[int]http.HandlerFunc{
		http.StatusOK: kivukotest.Say(`{}`), http.StatusTeapot: kivukotest.Status(http.StatusTeapot), 0: kivukotest.CloseConnection,
	} {
		c.Answer(answer)
		status := 0
		if resp, err := http.Post(c.URL+"/paid", "application/json", nil); err == nil {
			status = resp.StatusCode
			resp.Body.Close()
		}
		if got := c.At(t, "/paid"); status != want || got.Method != http.MethodPost {
			t.Errorf("HTTP %d for %s; want %d", status, got, want)
		}
	}
	if left := c.Left(); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

// recorder is a test whose failure is expected.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Errorf(string, ...any) { r.failed = true }

// Money that appears from nowhere is noticed when the world closes.
func TestBooksAreAddedUpInTheEnd(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kivuko.db")
	r := &recorder{TB: t}
	w := kivukotest.Start(r, kivuko.Config{DB: path})
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "UPDATE accounts SET balance = balance + 100 WHERE balance > 0"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if !r.failed {
		t.Error("it is not")
	}
}
