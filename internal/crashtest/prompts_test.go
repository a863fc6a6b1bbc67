package crashtest

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/proctest"
)

func TestOpenPromptsGoOnOrFallDueAfterAKill(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		promptsAfterAKill(t, filepath.Join(t.TempDir(), "kivuko.db"))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		promptsAfterAKill(t, pgtest.Start(t).Database(t))
	})
}

func promptsAfterAKill(t *testing.T, db string) {
	m, d := newMerchant(t), newDoor(t)
	start := func() (*proctest.Server, *control.Client) {
		s := proctest.Start(t, serve(db, "--phones=ask"))
		d.leads(s.URL)
		return s, control.New(s.URL)
	}
	s, _ := start()
	approves, cancels, changes, ignores := customer(100), customer(101), customer(102), customer(103)
	want := map[*request]string{
		m.mustPush(t, d, approves): "0", m.mustPush(t, d, cancels): "1032", m.mustPush(t, d, changes): "0", m.mustPush(t, d, ignores): "1037",
	}
	s.Kill()

	s, api := start()
	for r := range want {
		if answer, err := d.client.STKQuery(t.Context(), daraja.STKQueryRequest{BusinessShortCode: r.business.String(), CheckoutRequestID: r.ack.CheckoutRequestID}); err != nil || answer.ResultCode != "4999" {
			t.Errorf("the query for an open prompt: %+v, %v", answer, err)
		}
		if refused, err := m.push(t.Context(), d, m.newRequest(r.phone, 1, 2000)); refused == nil || refused.Code != "500.001.1001" {
			t.Errorf("a second prompt on %s: %v, %v", r.phone, refused, err)
		}
	}
	if _, err := api.Answer(t.Context(), approves.String(), "1234"); err != nil {
		t.Error(err)
	}
	if _, err := api.Cancel(t.Context(), cancels.String()); err != nil {
		t.Error(err)
	}
	approve := control.AnswersApprove
	if _, _, err := api.PutPhone(t.Context(), changes.String(), control.PhoneChange{Answers: &approve}); err != nil {
		t.Error(err)
	}
	proctest.Await(t, "three callbacks", func() bool { return m.unanswered() == 1 })
	moved, err := api.Advance(t.Context(), 80*time.Second) // not yet over
	if err != nil {
		t.Fatal(err)
	}
	s.Kill()

	s, api = start()
	if health, err := api.Health(t.Context()); err != nil || health.Now.Before(moved) {
		t.Errorf("the clock, moved to %s, shows %+v (%v) after the kill", moved, health, err)
	}
	if _, err := api.Advance(t.Context(), 15*time.Second); err != nil {
		t.Fatal(err)
	}
	m.rest(t, db)
	outcomes := m.outcomes(t)
	for r, result := range want {
		if got := outcomes[r.number]; string(got.ResultCode) != result {
			t.Errorf("%s: %+v, want the result %s", r.phone, got, result)
		}
	}
	m.checkQueries(t, d, outcomes)
	s.Stop(t)
	m.audit(t, open(t, db))
}
