package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

var keyTests = map[string]func(*testing.T, Database){
	"AKeyIsOnePaymentsForGood":                testKeyTaken,
	"KeysAreTheirOwnersAndExact":              testKeysApart,
	"OfTwoUnitsWithOneKeyTheSecondIsConflict": testKeyConflict,
	"AKeyThatManyWantAtOnceIsGivenOnce":       testKeyRace,
}

// originator is an OriginatorConversationID of the shop's.
func originator(name string) mpesa.IdempotencyKey {
	return mpesa.IdempotencyKey{Owner: shop.Party(), Name: name}
}

func testKeyTaken(t *testing.T, s Database) {
	put(t, s, key{originator("1"), 7})
	// A unit that doesn't look first finds out by the key itself.
	err := tryUnseen(t, s, key{originator("1"), 8}, mpesa.Payment{Header: mpesa.Header{ID: 8, Payer: achieng1}})
	switch {
	case err == nil:
		t.Error("a key was given twice")
	case s.Shared() && !errors.Is(err, store.ErrConflict):
		t.Errorf("%v, want a conflict", err)
	}
	same(t, "payment with the key", must[int64](t)(store.Holder(t.Context(), s, originator("1"))), 7)
	same(t, "payment without one", must[*mpesa.Payment](t)(store.Get(t.Context(), s, mpesa.Payments, 8)), nil)
}

// tryUnseen writes a key and a payment as if both were known to be new.
func tryUnseen(t *testing.T, s store.Store, k key, p mpesa.Payment) error {
	u, err := s.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer u.Rollback()
	v := mpesa.NewView(mpesa.Policy{}, nil)
	mpesa.Idempotency.Missing(v, k.IdempotencyKey)
	mpesa.Idempotency.Put(v, k.IdempotencyKey, mpesa.KeyHolder(k))
	mpesa.Payments.Create(v, p.ID, p)
	return u.Commit(t.Context(), &v.View)
}

func testKeysApart(t *testing.T, s Database) {
	rows := []any{
		key{originator("feb"), 1}, key{originator("FEB"), 2}, key{originator("feb "), 3}, key{originator("fé–b '%\""), 4},
		key{mpesa.IdempotencyKey{Owner: till.Party(), Name: "feb"}, 5}, key{mpesa.IdempotencyKey{Owner: mpesa.Provider, Name: "feb"}, 6},
	}
	put(t, s, rows...)
	hasRows(t, "written", s, rows)
	put(t, s, mpesa.Organisation{Shortcode: till}, mpesa.Organisation{Shortcode: shop}, key{mpesa.IdempotencyKey{Owner: achieng1, Name: "mar"}, 7})
	for name, want := range map[string]int64{"feb": 1, "FEB": 2, "mar": 0, "": 0, "no\x00text": 0} { // the provider and customers are no organisations
		same(t, "of any organisation, "+name, must[int64](t)(s.Originated(t.Context(), name)), want)
	}
}

func testKeyConflict(t *testing.T, s Database) {
	if !s.Shared() {
		t.Skip("the engine sends such a store one unit at a time")
	}
	ctx, k := t.Context(), originator("1")
	var units [2]store.Unit
	var views [2]*mpesa.View
	for i, node := range nodes(t, s) {
		u, err := node.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer u.Rollback()
		views[i], units[i] = mpesa.NewView(mpesa.Policy{}, nil), u
		if err := u.Load(ctx, want(views[i], need(mpesa.Idempotency, k))); err != nil {
			t.Fatal(err)
		}
		same(t, "key before anybody has it", row(views[i], mpesa.Idempotency, k), nil)
		mpesa.Idempotency.Put(views[i], k, mpesa.KeyHolder{IdempotencyKey: k, Payment: int64(i + 1)})
	}
	if err := units[1].Commit(ctx, &views[1].View); err != nil {
		t.Fatal(err)
	}
	if err := units[0].Commit(ctx, &views[0].View); !errors.Is(err, store.ErrConflict) {
		t.Errorf("%v, want a conflict", err)
	}
	again := load(t, s, need(mpesa.Idempotency, k))
	same(t, "key after the conflict", row(again, mpesa.Idempotency, k).Payment, 2)
}

func testKeyRace(t *testing.T, s Database) {
	const rounds, racers = 5, 8
	stores := nodes(t, s)
	for round := range rounds {
		k := originator(fmt.Sprint(round))
		won := make(chan int64, racers)
		var all sync.WaitGroup
		for i := range racers {
			run := func() {
				if takes(t, stores[i%len(stores)], key{k, int64(i + 1)}) {
					won <- int64(i + 1)
				}
			}
			if s.Shared() {
				all.Go(run)
			} else {
				run()
			}
		}
		all.Wait()
		close(won)
		same(t, "winners", len(won), 1)
		same(t, "payment with the key", must[int64](t)(store.Holder(t.Context(), s, k)), <-won)
	}
}

// takes reports whether a unit gets a key, deciding again as the engine does.
func takes(t *testing.T, s store.Store, k key) bool {
	for {
		taken, err := func() (bool, error) {
			u, err := s.Begin(t.Context())
			if err != nil {
				return false, err
			}
			defer u.Rollback()
			v := mpesa.NewView(mpesa.Policy{}, nil)
			if err := u.Load(t.Context(), want(v, need(mpesa.Idempotency, k.IdempotencyKey))); err != nil {
				return false, err
			}
			if row(v, mpesa.Idempotency, k.IdempotencyKey) != nil {
				return false, nil
			}
			mpesa.Idempotency.Put(v, k.IdempotencyKey, mpesa.KeyHolder(k))
			return true, u.Commit(t.Context(), &v.View)
		}()
		if err != nil && !errors.Is(err, store.ErrConflict) {
			t.Error(err)
			return false
		}
		if err == nil {
			return taken
		}
	}
}
