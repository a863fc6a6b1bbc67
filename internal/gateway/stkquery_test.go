package gateway_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/testworld"
)

func TestQueryRefusesEachFieldThatIsWrong(t *testing.T) {
	b := newBench(t)
	id := b.Push(t, nil).CheckoutRequestID()
	b.nothingMoved(t)
	for _, field := range []struct {
		name      string
		malformed []any
	}{
		{"BusinessShortCode", pushFields[0].malformed}, {"Timestamp", pushFields[1].malformed}, {"CheckoutRequestID", notText},
	} {
		for _, value := range append([]any{testworld.Absent}, field.malformed...) {
			t.Run(fmt.Sprintf("%s %.40v", field.name, describe(value)), func(t *testing.T) {
				b.refused(t, b.Query(t, id, fields{field.name: value}), codes.InvalidField(field.name), field.name)
			})
		}
	}
	for _, value := range []any{testworld.Absent, "", nil, "wrong", 1} {
		b.refused(t, b.Query(t, id, fields{"Password": value}), codes.WrongCredentials, "Password")
	}
	b.refused(t, b.Query(t, id, fields{"Password": []any{}}), codes.InvalidField("Password"))
	b.refused(t, b.Query(t, "", fields{"Timestamp": "1", "Password": "wrong"}), codes.InvalidField("Timestamp"))
	b.refused(t, b.Query(t, "", fields{"Password": "wrong"}), codes.InvalidField("CheckoutRequestID"))
}

func TestQueryOfWhatWasNeverIssued(t *testing.T) {
	b := newBench(t)
	id := b.Push(t, nil).CheckoutRequestID()
	b.nothingMoved(t)
	for _, other := range []string{
		"ws_CO_21072024125243250722943992", "ws_CO_DMZ_291417540_19012019145720246", "ws_CO_260520211133524545", "x", id + "0", id[:len(id)-1], strings.ToUpper(id), "1", id[:6] + "0" + id[6:],
		strings.Replace(id, "708374149", "708374148", 1), "ws_CO_99999999999999999708374149", strings.Repeat("9", 10_000),
	} {
		b.refused(t, b.Query(t, other, nil), codes.TransactionUnknown)
	}
	// Another merchant's question about this merchant's payment.
	b.refused(t, b.Query(t, id, testworld.Business("600000")), codes.TransactionUnknown, "600000")
}

func TestQueryFollowsThePayment(t *testing.T) {
	for _, classic := range []bool{false, true} {
		t.Run(fmt.Sprintf("classic %v", classic), func(t *testing.T) {
			b := newBench(t, func(o *gateway.Options) { o.Rules.ClassicQuery = classic })
			pushed := b.Push(t, nil)
			pending := b.Query(t, pushed.CheckoutRequestID(), nil)
			if classic {
				if pending.Status != codes.BeingProcessed.Status || pending.Message() != codes.BeingProcessed.Message {
					t.Errorf("pending: HTTP %d %s", pending.Status, pending.Body)
				}
				checkRefusal(t, pending.Body)
			} else if pending.Status != 200 || pending.Text("ResultCode") != "4999" || pending.Text("ResultDesc") != "The transaction is still under processing" {
				t.Errorf("pending: HTTP %d %s", pending.Status, pending.Body)
			}
			b.enter(t, testworld.John, testworld.PIN)
			b.Clock.Advance(30 * 24 * time.Hour) // a query may come late
			b.Renew(t)
			final := b.Query(t, pushed.CheckoutRequestID(), nil)
			if final.Status != 200 || final.Text("ResultCode") != "0" || final.Text("MerchantRequestID") != pushed.Text("MerchantRequestID") || final.CheckoutRequestID() != pushed.CheckoutRequestID() {
				t.Errorf("final: HTTP %d %s of %s", final.Status, final.Body, pushed.Body)
			}
		})
	}
}

func TestQueryTellsPaymentsOfOneMillisecondApart(t *testing.T) {
	b := newBench(t) // whose clock stands still
	var ids []string
	for i := range 5 {
		ids = append(ids, b.Push(t, fields{"Amount": 10 + i}).CheckoutRequestID())
		b.enter(t, testworld.John, map[bool]string{true: testworld.PIN, false: "cancel"}[i%2 == 0])
	}
	for i, id := range ids {
		want := map[bool]string{true: "0", false: "1032"}[i%2 == 0]
		if a := b.Query(t, id, nil); a.Text("ResultCode") != want {
			t.Errorf("%s is %s; want %s", id, a.Body, want)
		}
	}
}
