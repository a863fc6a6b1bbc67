package access_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kivuko/kivuko/internal/access"
)

var (
	home  = netip.MustParseAddr("192.168.1.7")
	other = netip.MustParseAddr("192.168.1.8")
)

func TestNoPasswordIsNone(t *testing.T) {
	if access.NewPassword("") != nil {
		t.Error("there is one")
	}
}

// took tries a password and tells how long that took.
func took(t *testing.T, p *access.Password, from netip.Addr, text string, want error) time.Duration {
	t.Helper()
	start := time.Now()
	if err := p.Try(t.Context(), from, text); !errors.Is(err, want) {
		t.Errorf("%q from %s: %v; want %v", text, from, err, want)
	}
	return time.Since(start)
}

func TestGuessesAreSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := access.NewPassword("bahari")
		for range 10 {
			if d := took(t, p, home, "wrong", access.ErrWrong); d != 0 {
				t.Errorf("one of the first took %s", d)
			}
		}
		for range 3 {
			if d := took(t, p, home, "wrong", access.ErrWrong); d != 2*time.Second {
				t.Errorf("a later one took %s", d)
			}
		}
		if d := took(t, p, other, "bahari", nil); d != 0 {
			t.Errorf("from another address the right one took %s", d)
		}
	})
}

// Behind a proxy all have one address.
func TestTheRightPasswordIsNotRefusedForWhatOthersGuessed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := access.NewPassword("bahari")
		for range 40 {
			took(t, p, home, "wrong", access.ErrWrong)
		}
		if d := took(t, p, home, "bahari", nil); d != 2*time.Second {
			t.Errorf("it took %s", d)
		}
		for range 1000 { // a program that sends it with each request
			if d := took(t, p, home, "bahari", nil); d > 2*time.Second {
				t.Errorf("then it took %s", d)
			}
		}
	})
}

func TestManyAtOnceWithTheRightPasswordDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := access.NewPassword("bahari")
		var all sync.WaitGroup
		for range 500 {
			all.Go(func() {
				if d := took(t, p, home, "bahari", nil); d != 0 {
					t.Errorf("one took %s", d)
				}
			})
		}
		all.Wait()
	})
}

// guess lets many guess at once for some time, and counts the guesses that were looked at.
func guess(t *testing.T, p *access.Password, many int, from func(n int) netip.Addr) (looked int) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var mu sync.Mutex
	var all sync.WaitGroup
	for n := range many {
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				err := p.Try(ctx, from(n+many*i), "wrong")
				if locked, ok := errors.AsType[*access.LockedError](err); ok {
					time.Sleep(max(time.Until(locked.Until), 100*time.Millisecond))
				} else if errors.Is(err, access.ErrWrong) {
					mu.Lock()
					looked++
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return looked
}

func TestGuessesOfAMinuteAreBounded(t *testing.T) {
	for name, x := range map[string]struct {
		from func(n int) netip.Addr
		most int
	}{
		"from one address":      {func(int) netip.Addr { return home }, 10 + 30},
		"from one IPv6 network": {func(n int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", n%0xffff+1)) }, 10 + 30},
		"from everywhere":       {func(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}) }, 100 + 1200},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := access.NewPassword("bahari")
				took(t, p, other, "bahari", nil)
				if looked := guess(t, p, 300, x.from); looked > x.most || looked < x.most/2 {
					t.Errorf("%d were looked at; want %d", looked, x.most)
				}
				if d := took(t, p, other, "bahari", nil); d != 0 {
					t.Errorf("where the right one came from before, it took %s", d)
				}
			})
		})
	}
}

func TestOneWhoGoesAwayDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := access.NewPassword("bahari")
		for range 10 {
			took(t, p, home, "wrong", access.ErrWrong)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Try(ctx, home, "bahari"); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestAPasswordMayHaveAnyLength(t *testing.T) {
	long := string(make([]byte, 10_000))
	took(t, access.NewPassword(long), home, long, nil)
	took(t, access.NewPassword(long), home, long[1:], access.ErrWrong)
}

func TestWeakPasswords(t *testing.T) {
	for _, weak := range []string{"a", "1234567", "12345678", "0123456789", "87654321", "abcdefgh", "password", "Password1!", "P@ssw0rd", "kivuko123", "KIVUKO2026", "adminadmin", "qwertyuiop",
		"aaaaaaaa", "abababab", "20261128", " spacious1", "changeme", "letmein!", "safaricom1", "Welcome123"} {
		if access.Weak(weak) == "" {
			t.Errorf("%q passes", weak)
		}
	}
	for _, good := range []string{"s3cretpw", "bahari-ya-hindi", "correct horse battery staple", "Tr0ub4dor&3", "jua kali", "ünïcödéß", "8f2k9x0z", "384756102938475"} {
		if problem := access.Weak(good); problem != "" {
			t.Errorf("%q: %s", good, problem)
		}
	}
}

// A request that waits keeps its connection. Where there are few, guesses leave most of them to others.
func TestGuessesThatWaitLeaveConnections(t *testing.T) {
	for connections, most := range map[int]int{1: 1, 32: 8, 128: 32, 1 << 16: 256} {
		synctest.Test(t, func(t *testing.T) {
			p := access.NewPassword("bahari").Within(connections)
			ctx, cancel := context.WithCancel(t.Context())
			var mu sync.Mutex
			waiting := 0
			var all sync.WaitGroup
			for n := range 600 {
				all.Go(func() {
					err := p.Try(ctx, netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}), "wrong")
					if errors.Is(err, context.Canceled) {
						mu.Lock()
						waiting++
						mu.Unlock()
					}
				})
			}
			synctest.Wait()
			cancel()
			all.Wait()
			if waiting > most || waiting < 1 {
				t.Errorf("of %d connections %d are taken by guesses that wait; want %d at most", connections, waiting, most)
			}
		})
	}
}
