package controlapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// A page is full, or the list is at its end: a filter that selects few of many payments is no exception.
func TestFilteredListsEndWhereNothingIsLeft(t *testing.T) {
	c := start(t)
	first := c.Pay(t, controltest.John, 10, "1234")
	c.Do(t, many{account: controltest.PayBill.Party().Account(mpesa.Utility), transfers: 25_000})
	for _, query := range []string{"kind=stkpush&limit=1", "kind=stkpush&phone=" + controltest.John.String(), "kind=stkpush&result=0&shortcode=" + controltest.PayBill.String()} {
		var got control.Page[control.Payment]
		c.get("/kivuko/v1/payments?brief=true&"+query).answers(http.StatusOK, &got)
		if len(got.Items) != 1 || got.Items[0].ID != first.ID || got.Next != "" {
			t.Errorf("%s gives %+v", query, got)
		}
	}
}

// What takes too long to be found is refused, and the answer says what to add to the filter.
func TestASearchWithoutAnEndIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := controlapi.Search(t.Context(), "give a shortcode", func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, fmt.Errorf("%w: %w", store.ErrUnread, ctx.Err())
		})
		p, ok := errors.AsType[*control.Problem](err)
		if !ok || p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Detail, "2s") || !strings.Contains(p.Detail, "give a shortcode") {
			t.Errorf("it is answered with %v", err)
		}
		broken := errors.New("broken")
		if _, err := controlapi.Search(t.Context(), "", func(context.Context) (int, error) { return 0, broken }); !errors.Is(err, broken) {
			t.Errorf("another error has become %v", err)
		}
	})
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
		if len(got.Items) != want || got.Next != "" {
			t.Errorf("%s gives %+v", query, got)
		}
	}
	c.get("/kivuko/v1/payments?kind=x").refuses(http.StatusBadRequest, "bad-parameter", "kind", "stkpush")
}
