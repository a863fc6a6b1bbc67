package engine_test

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/lifecycle"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store/sqlite"
)

// issue gives out a token, or is a defect in the rules.
type issue struct {
	token  string
	defect bool
}

func (c issue) Need(*mpesa.View) {}

func (c issue) Decide(v *mpesa.View, _ time.Time) {
	if c.defect {
		panic("a defect")
	}
	mpesa.Tokens.Add(v, mpesa.Token{Digest: mpesa.DigestToken(c.token)})
}

func newEngine(t *testing.T) (*engine.Engine, *sqlite.Store) {
	s, err := sqlite.Open(t.Context(), sqlite.Memory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return engine.New(engine.Options{Store: s, Clock: &clock.Shifted{}, Log: slog.New(slog.DiscardHandler)}), s
}

func TestADefectFailsItsOwnCommandOnly(t *testing.T) {
	e, s := newEngine(t)
	results := make([]chan error, 20)
	for i := range results {
		results[i] = make(chan error, 1)
		if err := e.Submit(issue{token: fmt.Sprint("token ", i), defect: i == 13}, func(err error) { results[i] <- err }); err != nil {
			t.Fatal(err)
		}
	}
	lifecycletest.Run(t, e) // all of them in one unit
	for i, result := range results {
		err := <-result
		token, readErr := s.Token(t.Context(), mpesa.DigestToken(fmt.Sprint("token ", i)))
		if readErr != nil {
			t.Fatal(readErr)
		}
		if i == 13 && (!errors.Is(err, engine.ErrDefect) || token != nil) {
			t.Errorf("the defect ended with %v and left %v", err, token)
		}
		if i != 13 && (err != nil || token == nil) {
			t.Errorf("command %d ended with %v and left %v", i, err, token)
		}
	}
}

func TestStopFinishesWhatWaitsAndRefusesMore(t *testing.T) {
	e, s := newEngine(t)
	done := make(chan error, 1)
	if err := e.Submit(issue{token: "waiting"}, func(err error) { done <- err }); err != nil {
		t.Fatal(err)
	}
	lifecycletest.Run(t, e)
	lifecycletest.Stop(t, e)
	if err := <-done; err != nil {
		t.Errorf("what waited ended with %v", err)
	}
	if token, err := s.Token(t.Context(), mpesa.DigestToken("waiting")); err != nil || token == nil {
		t.Errorf("what waited left %v, %v", token, err)
	}
	if err := e.Do(t.Context(), issue{token: "late"}); !errors.Is(err, engine.ErrStopped) {
		t.Errorf("a late command ended with %v", err)
	}
}

func TestTooManyCommandsAreRefused(t *testing.T) {
	e, _ := newEngine(t)
	accepted := 0
	for range 100_000 {
		err := e.Submit(issue{token: fmt.Sprint(accepted)}, func(error) {})
		if errors.Is(err, engine.ErrBusy) {
			if accepted != e.Waiting() {
				t.Errorf("%d were accepted and %d wait", accepted, e.Waiting())
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		accepted++
	}
	t.Error("a hundred thousand commands wait")
}

func TestAFailedDatabaseFailsItsUnit(t *testing.T) {
	e, s := newEngine(t)
	lifecycletest.Run(t, e)
	if err := e.Do(t.Context(), issue{token: "first"}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if err := e.Do(t.Context(), issue{token: "second"}); !errors.Is(err, engine.ErrUnstored) {
		t.Errorf("a command on a closed database ended with %v", err)
	}
	if e.Health() == nil {
		t.Error("the engine is healthy on a closed database")
	}
}

func TestContract(t *testing.T) {
	lifecycletest.Contract(t, func(t testing.TB) lifecycle.Part {
		s, err := sqlite.Open(t.Context(), sqlite.Memory)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return engine.New(engine.Options{Store: s, Clock: &clock.Shifted{}, Log: slog.New(slog.DiscardHandler)})
	})
}

// Commands that wait for an engine that is never started are told so.
func TestStopWithoutStartFailsWhatWaits(t *testing.T) {
	e, _ := newEngine(t)
	done := make(chan error, 2000)
	for n := range cap(done) {
		if err := e.Submit(issue{token: fmt.Sprint(n)}, func(err error) { done <- err }); err != nil {
			t.Fatal(err)
		}
	}
	lifecycletest.Stop(t, e)
	for range cap(done) {
		select {
		case err := <-done:
			if !errors.Is(err, engine.ErrStopped) {
				t.Fatal(err)
			}
		default:
			t.Fatal("some still wait")
		}
	}
}
