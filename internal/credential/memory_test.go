package credential

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func numbered(i int) (d digest) {
	binary.BigEndian.PutUint64(d[:], uint64(i))
	return d
}

func TestTheLatestFindingsAreRemembered(t *testing.T) {
	in := install(t)
	m := memory[int]{now: in.now}
	for i := range 3 * remembered {
		if got, err := m.find(t.Context(), numbered(i), func() (int, error) { return i, nil }); got != i || err != nil {
			t.Fatalf("find(%d) = %d, %v", i, got, err)
		}
	}
	if len(m.known) != remembered || len(m.order) != remembered {
		t.Errorf("it remembers %d in an order of %d; want %d", len(m.known), len(m.order), remembered)
	}
	for i := range 3 * remembered {
		if got, ok := m.recall(numbered(i)); ok != (i >= 2*remembered) || ok && got != i {
			t.Fatalf("recall(%d) = %d, %v", i, got, ok)
		}
	}
	in.ms.Add(rememberedFor.Milliseconds())
	m.remember(numbered(0), 0)
	if len(m.known) != 1 || len(m.order) != 1 {
		t.Errorf("after their time it remembers %d in an order of %d; want 1", len(m.known), len(m.order))
	}
}

func TestAClockThatIsSetBackDoesNoHarm(t *testing.T) {
	in := install(t)
	m := memory[int]{now: in.now}
	for round := range 5 {
		in.ms.Store(int64(round%2) * 2 * rememberedFor.Milliseconds())
		for i := range remembered {
			if got, err := m.find(t.Context(), numbered(i), func() (int, error) { return i, nil }); got != i || err != nil {
				t.Fatalf("find(%d) = %d, %v", i, got, err)
			}
		}
		if len(m.known) > remembered || len(m.order) > remembered {
			t.Fatalf("it remembers %d in an order of %d", len(m.known), len(m.order))
		}
	}
}

func TestOneSearchesForAllWhoAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := install(t)
		credential, hash := encrypted(t, in.key, password), cheapHash(password)
		release := make(chan struct{})
		decrypt := in.checker.decrypt
		in.checker.decrypt = func(ctx context.Context, ciphertext []byte) ([]byte, error) {
			<-release
			return decrypt(ctx, ciphertext)
		}
		for range 100 {
			go in.check(credential, hash, Right)
		}
		synctest.Wait()
		impatient, cancel := context.WithCancel(t.Context())
		given := make(chan error, 1)
		go func() {
			_, _, err := in.checker.Check(impatient, credential, hash)
			given <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-given; !errors.Is(err, context.Canceled) {
			t.Errorf("who gives up gets %v", err)
		}
		close(release)
		synctest.Wait()
		if n := in.decryptions.Load(); n != 1 {
			t.Errorf("%d decryptions; want 1", n)
		}
	})
}

func TestAnotherTakesOverFromOneWhoGivesUp(t *testing.T) {
	for name, giveUp := range map[string]func(ctx context.Context) error{
		"context": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		"panic":   func(ctx context.Context) error { <-ctx.Done(); panic("a defect") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := memory[int]{now: install(t).now}
				ctx, cancel := context.WithCancel(t.Context())
				first := make(chan any, 1)
				go func() {
					defer func() {
						if defect := recover(); defect != nil {
							first <- defect
						}
					}()
					_, err := m.find(ctx, numbered(1), func() (int, error) { return 0, giveUp(ctx) })
					first <- err
				}()
				synctest.Wait()
				var searches, found atomic.Int64
				for range 10 {
					go func() {
						value, err := m.find(t.Context(), numbered(1), func() (int, error) { searches.Add(1); return 7, nil })
						if value == 7 && err == nil {
							found.Add(1)
						}
					}()
				}
				synctest.Wait()
				cancel()
				synctest.Wait()
				if outcome := fmt.Sprint(<-first); outcome != context.Canceled.Error() && outcome != "a defect" {
					t.Errorf("the first gets %v", outcome)
				}
				if searches.Load() != 1 || found.Load() != 10 {
					t.Errorf("%d searches, found by %d; want one for 10", searches.Load(), found.Load())
				}
			})
		})
	}
}

func TestAnErrorIsForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := memory[int]{now: install(t).now}
		trouble, release := errors.New("trouble"), make(chan struct{})
		var searches, failed atomic.Int64
		for range 10 {
			go func() {
				_, err := m.find(t.Context(), numbered(1), func() (int, error) {
					searches.Add(1)
					<-release
					return 0, trouble
				})
				if errors.Is(err, trouble) {
					failed.Add(1)
				}
			}()
		}
		synctest.Wait()
		close(release)
		synctest.Wait()
		if searches.Load() != 1 || failed.Load() != 10 {
			t.Errorf("%d searches failed for %d; want one for 10", searches.Load(), failed.Load())
		}
	})
}

func TestHashesWaitForTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := install(t)
		credential, hash := encrypted(t, in.key, password), cheapHash(password)
		in.fillSlots()
		ctx, cancel := context.WithCancel(t.Context())
		given := make(chan error, 1)
		go func() {
			_, _, err := in.checker.Check(ctx, credential, hash)
			given <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-given; !errors.Is(err, context.Canceled) {
			t.Errorf("who gives up gets %v", err)
		}
		go in.check(credential, hash, Right)
		synctest.Wait()
		if n := len(in.checker.passwords.flights); n != 1 {
			t.Errorf("%d are computed; want one that waits", n)
		}
		<-in.checker.slots
		synctest.Wait()
		if n := len(in.checker.passwords.flights); n != 0 {
			t.Errorf("%d still wait", n)
		}
	})
}
