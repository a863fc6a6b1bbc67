package access_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/access/accesstest"
)

func sessions(key string, ledger access.Ledger) *access.Sessions {
	return access.NewSessions([]byte(key), ledger, slog.New(slog.DiscardHandler))
}

// held fails the test unless a token holds, or doesn't.
func held(t *testing.T, when string, s *access.Sessions, token string, want bool) {
	t.Helper()
	if who, ok := s.Who(t.Context(), token); ok != want || ok && who != "owner" {
		t.Errorf("%s it is %q, %t; want %t", when, who, ok, want)
	}
}

func TestASessionHoldsWhileItIsUsedForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := &accesstest.Ledger{}
		token := sessions("key", ledger).Begin("owner")
		first := token
		for range 12*60/14 - 1 {
			time.Sleep(14 * time.Minute)
			again := sessions("key", ledger) // after a restart, or on another node
			held(t, "after 14 minutes", again, token, true)
			token = again.Renew(token)
		}
		held(t, "the token of long ago", sessions("key", ledger), first, false)
		time.Sleep(14 * time.Minute)
		held(t, "near its end", sessions("key", ledger), token, true)
		token = sessions("key", ledger).Renew(token)
		time.Sleep(14 * time.Minute)
		held(t, "after 12 hours", sessions("key", ledger), token, false)
	})
}

func TestASessionThatIsNotUsedEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sessions("key", &accesstest.Ledger{})
		token := s.Begin("owner")
		time.Sleep(30 * time.Second)
		if again := s.Renew(token); again != "" {
			t.Error("each request makes another token")
		}
		time.Sleep(14 * time.Minute)
		held(t, "before 15 minutes", s, token, true)
		time.Sleep(time.Minute)
		held(t, "after 15 minutes", s, token, false)
	})
}

func TestASessionThatWasEndedOrForgedDoesNotHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := &accesstest.Ledger{}
		s, elsewhere := sessions("key", ledger), sessions("key", ledger)
		token := s.Begin("owner")
		for _, forged := range []string{"", "owner", token[:len(token)-1], "B" + token[1:], token + "AAAA", sessions("other", ledger).Begin("owner")} { // the time of its end begins with zeros: A
			held(t, "forged "+forged, s, forged, false)
		}
		held(t, "elsewhere", elsewhere, token, true)
		time.Sleep(2 * time.Minute)
		later := s.Renew(token)
		if err := s.End(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		held(t, "at once, where it was ended,", s, token, false)
		held(t, "its other token", s, later, false)
		time.Sleep(time.Second)
		held(t, "on another node", elsewhere, token, false)
		held(t, "after a restart", sessions("key", ledger), later, false)
		held(t, "another one", s, s.Begin("owner"), true)
	})
}

// broken is a ledger in a database that doesn't answer.
type broken struct{ accesstest.Ledger }

func (b *broken) EndSession(_ context.Context, _ string, _, _ time.Time) error {
	return errors.New("no")
}

func TestASignOutThatCannotBeKeptIsSaid(t *testing.T) {
	s := sessions("key", &broken{})
	token := s.Begin("owner")
	if s.End(t.Context(), token) == nil {
		t.Error("it is taken")
	}
	held(t, "then", s, token, true)
}

// counted counts how often the database is asked.
type counted struct {
	accesstest.Ledger
	asked int
}

func (c *counted) EndedSessions(ctx context.Context, now time.Time) ([]string, error) {
	c.asked++
	return c.Ledger.EndedSessions(ctx, now)
}

func TestTheDatabaseIsAskedOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := &counted{}
		s := sessions("key", ledger)
		token := s.Begin("owner")
		for range 100 {
			held(t, "now", s, token, true)
			time.Sleep(50 * time.Millisecond)
		}
		if ledger.asked != 5 {
			t.Errorf("it was asked %d times in five seconds", ledger.asked)
		}
	})
}
