package gate_test

import (
	"errors"
	"net/http/httptest"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kivuko/kivuko/internal/gate"
)

var (
	home  = netip.MustParsePrefix("192.168.1.7/32")
	other = netip.MustParsePrefix("192.168.1.8/32")
)

func password(t *testing.T, text string) *gate.Password {
	t.Helper()
	p, err := gate.NewPassword(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNoPasswordIsNone(t *testing.T) {
	if password(t, "") != nil {
		t.Error("there is one")
	}
}

func TestWhoeverGuessesHasToWaitLongerEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := password(t, "bahari")
		for i := range 5 {
			if err := p.Try(home, "wrong"); !errors.Is(err, gate.ErrWrong) {
				t.Fatalf("try %d: %v", i+1, err)
			}
		}
		for _, pause := range []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second} {
			if err := p.Try(home, "wrong"); !errors.Is(err, gate.ErrWrong) {
				t.Fatalf("before a pause of %s: %v", pause, err)
			}
			locked, ok := errors.AsType[*gate.LockedError](p.Try(home, "bahari"))
			if !ok || time.Until(locked.Until) != pause {
				t.Fatalf("then it is locked as %v; want for %s", locked, pause)
			}
			time.Sleep(pause)
		}
		if err := p.Try(other, "bahari"); err != nil {
			t.Errorf("from another address: %v", err)
		}
		if err := p.Try(home, "bahari"); err != nil {
			t.Errorf("after the pause: %v", err)
		}
		for range 5 { // the right one has taken the wrong ones back
			if err := p.Try(home, "wrong"); !errors.Is(err, gate.ErrWrong) {
				t.Error(err)
			}
		}
	})
}

func TestAPauseIsAtMostFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := password(t, "bahari")
		for range 14 {
			_ = p.Try(home, "wrong")
			if locked, ok := errors.AsType[*gate.LockedError](p.Try(home, "wrong")); ok {
				if pause := time.Until(locked.Until); pause > 5*time.Minute {
					t.Fatalf("a pause of %s", pause)
				}
				time.Sleep(time.Until(locked.Until))
			}
		}
	})
}

func TestAPasswordMayHaveAnyLength(t *testing.T) {
	long := string(make([]byte, 10_000))
	if err := password(t, long).Try(home, long); err != nil {
		t.Error(err)
	}
	if err := password(t, long).Try(home, long[1:]); !errors.Is(err, gate.ErrWrong) {
		t.Error(err)
	}
}

func TestTriesOfANetworkCountTogether(t *testing.T) {
	for from, want := range map[string]string{
		"192.168.1.7:5000": "192.168.1.7/32", "[::ffff:192.168.1.7]:5000": "192.168.1.7/32", "[2001:db8::1:2]:5000": "2001:db8::/64", "[fe80::1%eth0]:5": "fe80::/64",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = from
		if got := gate.Address(r); got.String() != want {
			t.Errorf("%s is %s; want %s", from, got, want)
		}
	}
}

func TestASessionHoldsForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		token := gate.NewSessions([]byte("key")).Begin("owner", time.Hour)
		time.Sleep(time.Hour - time.Second)
		again := gate.NewSessions([]byte("key")) // after a restart, or on another node
		if who, ok := again.Who(token); !ok || who != "owner" {
			t.Errorf("it is %q, %t", who, ok)
		}
		time.Sleep(2 * time.Second)
		if _, ok := again.Who(token); ok {
			t.Error("it holds for longer")
		}
	})
}

func TestASessionThatWasEndedOrForgedDoesNotHold(t *testing.T) {
	s := gate.NewSessions([]byte("key"))
	token := s.Begin("owner", time.Hour)
	for _, forged := range []string{"", "owner", token[:len(token)-1], "B" + token[1:], token + "AAAA", gate.NewSessions([]byte("other")).Begin("owner", time.Hour)} { // the time of its end begins with zeros: A
		if _, ok := s.Who(forged); ok {
			t.Errorf("%q holds", forged)
		}
	}
	s.End(token)
	if _, ok := s.Who(token); ok {
		t.Error("it holds after its end")
	}
	if _, ok := s.Who(s.Begin("owner", time.Hour)); !ok {
		t.Error("another one ended with it")
	}
}
