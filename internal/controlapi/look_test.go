package controlapi_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/store"
)

// What a filter selects is looked for among 20,000 payments at a time. The rest is looked through when somebody goes on.
func TestFilteredListsSayHowFarTheyLooked(t *testing.T) {
	all := []int64{100_003, 100_004, 150_000, 150_001, 150_002}
	for _, x := range []struct {
		selected []int64
		p        store.Page
		rows     []int64
		next     int64
		looked   bool
	}{
		{all, store.Page{Limit: 2}, []int64{150_002, 150_001}, 150_001, false},
		{all, store.Page{Limit: 3}, []int64{150_002, 150_001, 150_000}, 130_003, true},
		{all, store.Page{Limit: 50, Before: 130_003}, []int64{100_004, 100_003}, 0, false},
		{all, store.Page{Limit: 50, Before: 1 << 60}, []int64{150_002, 150_001, 150_000}, 130_003, true},
		{all, store.Page{Limit: 2, Before: 110_003}, []int64{100_004, 100_003}, 0, false},
		{all[:1], store.Page{Limit: 50}, nil, 130_003, true},
		{nil, store.Page{Limit: 50, Before: 110_003}, nil, 0, false},
	} {
		rows, next, looked := controlapi.Look(all, x.selected, x.p)
		if !slices.Equal(rows, x.rows) || next != x.next || (looked != nil) != x.looked || x.looked && looked.ID != x.next {
			t.Errorf("%v of %v gives %v, next %d, looked %v", x.p, x.selected, rows, next, looked)
		}
	}
	if rows, next, looked := controlapi.Look(nil, nil, store.Page{Limit: 1}); rows != nil || next != 0 || looked != nil {
		t.Errorf("of nothing it is %v, %d, %v", rows, next, looked)
	}
}

func TestPaymentsAreFilteredByKindAndEitherParty(t *testing.T) {
	c := start(t)
	c.Pay(t, controltest.John, 10, "1234")
	john, jane := controltest.John.String(), controltest.Jane.String()
	c.do(http.MethodPost, "/kivuko/v1/phones/"+john+"/send", `{"to":"`+jane+`","amount":"10.00","pin":"1234"}`).answers(http.StatusOK, new(control.Payment))
	for query, want := range map[string]int{
		"kind=stkpush": 1, "kind=send": 1, "kind=b2c": 0, "phone=" + jane: 2, "phone=" + john: 3, "phone=" + john + "&kind=send": 1,
	} {
		var got control.Page[control.Payment]
		c.get("/kivuko/v1/payments?"+query).answers(http.StatusOK, &got)
		if len(got.Items) != want || got.Looked != nil || got.Next != "" {
			t.Errorf("%s gives %+v", query, got)
		}
	}
	c.get("/kivuko/v1/payments?kind=x").refuses(http.StatusBadRequest, "bad-parameter", "kind", "stkpush")
}
