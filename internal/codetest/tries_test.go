package codetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/proctest"
	"github.com/kivuko/kivuko/internal/testworld"
)

// TestEveryRequestOfTheCatalogueDoesWhatItSays sends the requests with which the portal makes codes happen.
func TestEveryRequestOfTheCatalogueDoesWhatItSays(t *testing.T) {
	s := open(t, kivuko.Config{ResultAfter: -1, AnswerAfter: 100 * time.Millisecond})
	tables, err := s.api.Catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	send := func(t *testing.T, try control.CatalogueTry) control.Entry {
		t.Helper()
		sent, err := s.api.Try(t.Context(), control.Try{App: testworld.Key, Try: try})
		if err != nil {
			t.Fatal(err)
		}
		return sent.Entry
	}
	for _, e := range tables.Errors {
		if e.Try == nil {
			continue
		}
		t.Run(fmt.Sprintf("%d %s %s", e.Status, e.Code, e.Message), func(t *testing.T) {
			if got := send(t, *e.Try); got.Status != e.Status || got.Code != e.Code || got.Fix != e.Fix {
				t.Errorf("the answer is %d %s: %s", got.Status, got.Code, got.Explanation)
			}
			s.settle(t)
		})
	}
	for _, r := range tables.Results {
		for _, cause := range r.Causes {
			for _, try := range cause.Tries {
				t.Run(fmt.Sprintf("%s/%s/%s", r.Code, try.API, try.Number), func(t *testing.T) {
					if _, err := s.api.Advance(t.Context(), 3*time.Minute); err != nil { // the same amount once in two minutes
						t.Fatal(err)
					}
					sent := send(t, try)
					if sent.Payment == 0 {
						t.Fatalf("it was refused: %s %s", sent.Code, sent.Explanation)
					}
					if r.Code == string(codes.QueueTimedOut) {
						if _, err := s.api.Advance(t.Context(), queueTime); err != nil {
							t.Fatal(err)
						}
					}
					if try.API == codes.APIStandingOrder && r.Code == string(codes.Success) {
						s.agreed(t, fmt.Sprint(sent.Payment))
						return
					}
					if got := s.final(t, fmt.Sprint(sent.Payment)); string(got.code) != r.Code {
						t.Errorf("the result is %s %s", got.code, got.text)
					}
				})
			}
		}
	}
}

// agreed waits until a standing order is agreed to: it ends when its last payment is made.
func (s *shop) agreed(t *testing.T, id string) {
	t.Helper()
	proctest.Soon(t, "the customer's word", func() bool {
		p, err := s.api.Payment(t.Context(), id)
		return err == nil && p.State == "queued"
	})
}

// settle waits until no prompt is open.
func (s *shop) settle(t *testing.T) {
	t.Helper()
	proctest.Soon(t, "the end of all payments", func() bool {
		list, err := s.api.Payments(t.Context(), control.PaymentFilter{State: "prompting", Limit: 1})
		return err == nil && len(list.Items) == 0
	})
}
