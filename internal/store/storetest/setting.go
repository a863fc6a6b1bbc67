package storetest

import (
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

var settingTests = map[string]func(*testing.T, Database){
	"SettingsAreKept":                     testSettings,
	"TheFirstWhoKeepsASettingWins":        testKeepSetting,
	"EndedSessionsAreKeptForTheirTime":    testEndedSessions,
	"NumbersBeginWithSixDigits":           testFirstNumber,
	"NumbersAreReservedOnce":              testReserve,
	"ASoleTokenEndsTheAppsOthers":         testSoleToken,
	"TokensThatHaveExpiredAreSwept":       testExpiredTokens,
	"AnAppHasTheLatestTokensOnly":         testMostTokens,
	"AnAppWithoutProductsHasBareTokens":   testBareToken,
	"TheLastOfSeveralChangesIsTheOneKept": testLastChange,
}

func testSettings(t *testing.T, s Database) {
	ctx := t.Context()
	same(t, "missing", must[string](t)(s.Setting(ctx, "key")), "")
	for _, value := range []string{"value", "‘another’ value", ""} {
		if err := s.PutSetting(ctx, "key", value); err != nil {
			t.Fatal(err)
		}
		same(t, "setting", must[string](t)(s.Setting(ctx, "key")), value)
	}
	same(t, "another", must[string](t)(s.Setting(ctx, "other")), "")
}

func testKeepSetting(t *testing.T, s Database) {
	stores := nodes(t, s)
	kept := make([]string, 8)
	var all sync.WaitGroup
	for i := range kept {
		all.Go(func() {
			var err error
			if kept[i], err = stores[i%len(stores)].KeepSetting(t.Context(), "key", string(rune('a'+i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	first := must[string](t)(s.Setting(t.Context(), "key"))
	for _, got := range kept {
		same(t, "kept", got, first)
	}
	if err := s.PutSetting(t.Context(), "key", "changed"); err != nil {
		t.Fatal(err)
	}
	same(t, "kept after a change", must[string](t)(s.KeepSetting(t.Context(), "key", "other")), "changed")
}

func testEndedSessions(t *testing.T, s Database) {
	now := time.Now()
	for id, left := range map[string]time.Duration{"over": -time.Minute, "one": time.Minute, "two": time.Hour} {
		for range 2 { // by two requests at once
			if err := s.EndSession(t.Context(), id, now, now.Add(left)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for when, want := range map[time.Duration][]string{0: {"one", "two"}, 2 * time.Minute: {"two"}, 2 * time.Hour: nil} {
		got := must[[]string](t)(s.EndedSessions(t.Context(), now.Add(when)))
		slices.Sort(got)
		same(t, "ended after "+when.String(), got, want)
	}
	if s.Again != nil {
		same(t, "after opening again", len(must[[]string](t)(s.Again(t).EndedSessions(t.Context(), now))), 2)
	}
}

func testFirstNumber(t *testing.T, s Database) {
	same(t, "first", must[int64](t)(s.Reserve(t.Context(), 10)), 100_001)
	same(t, "second", must[int64](t)(s.Reserve(t.Context(), 1)), 100_011)
	if s.Again != nil {
		same(t, "after opening again", must[int64](t)(s.Again(t).Reserve(t.Context(), 1)), 100_012)
	}
}

func testReserve(t *testing.T, s Database) {
	stores := []store.Store{s.Store}
	if s.Shared() && s.Again != nil {
		stores = append(stores, s.Again(t))
	}
	const times = 50
	var mu sync.Mutex
	given := map[int64]bool{}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range int64(times) {
				first, err := stores[i%len(stores)].Reserve(t.Context(), n+1)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				for x := first; x <= first+n; x++ {
					if given[x] {
						t.Errorf("%d was reserved twice", x)
					}
					given[x] = true
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	same(t, "reserved", len(given), 4*times*(times+1)/2)
}

func testSoleToken(t *testing.T, s Database) {
	ctx := t.Context()
	has := func(when string, want map[string]bool) {
		t.Helper()
		for name, there := range want {
			if got := must[*mpesa.Token](t)(s.Token(ctx, mpesa.DigestToken(name))); (got != nil) != there {
				t.Errorf("%s: token %s: %+v", when, name, got)
			}
		}
	}
	put(t, s, mpesa.App{Key: "ours"}, mpesa.App{Key: "theirs"})
	put(t, s, mpesa.Token{Digest: mpesa.DigestToken("a"), App: "ours", Expires: 9}, mpesa.Token{Digest: mpesa.DigestToken("b"), App: "theirs", Expires: 9})
	put(t, s, mpesa.Token{Digest: mpesa.DigestToken("c"), App: "ours", Expires: 9})
	has("side by side", map[string]bool{"a": true, "b": true, "c": true})
	put(t, s, mpesa.Token{Digest: mpesa.DigestToken("d"), App: "ours", Expires: 9, Sole: true})
	has("sole", map[string]bool{"a": false, "b": true, "c": false, "d": true})
	put(t, s, mpesa.Token{Digest: mpesa.DigestToken("e"), App: "ours", Expires: 9, Sole: true}, mpesa.Token{Digest: mpesa.DigestToken("f"), App: "theirs", Expires: 9},
		mpesa.Token{Digest: mpesa.DigestToken("g"), App: "ours", Expires: 9, Sole: true}, mpesa.Token{Digest: mpesa.DigestToken("h"), App: "ours", Expires: 9})
	has("several in a unit", map[string]bool{"b": true, "d": false, "e": false, "f": true, "g": true, "h": true})
}

func testExpiredTokens(t *testing.T, s Database) {
	put(t, s, mpesa.Token{Digest: mpesa.DigestToken("old"), App: "ours", Issued: 1, Expires: 10}, mpesa.Token{Digest: mpesa.DigestToken("long"), App: "ours", Issued: 1, Expires: 100})
	put(t, s, mpesa.Token{Digest: mpesa.DigestToken("new"), App: "theirs", Issued: 50, Expires: 60})
	same(t, "old", must[*mpesa.Token](t)(s.Token(t.Context(), mpesa.DigestToken("old"))), nil)
	if must[*mpesa.Token](t)(s.Token(t.Context(), mpesa.DigestToken("long"))) == nil {
		t.Error("a token that still holds was swept")
	}
}

func testMostTokens(t *testing.T, s Database) {
	there := func(name string) bool {
		return must[*mpesa.Token](t)(s.Token(t.Context(), mpesa.DigestToken(name))) != nil
	}
	token := func(i int) mpesa.Token {
		return mpesa.Token{Digest: mpesa.DigestToken(strconv.Itoa(i)), App: "ours", Issued: int64(i), Expires: 1 << 40}
	}
	put(t, s, mpesa.Token{Digest: mpesa.DigestToken("theirs"), App: "theirs", Expires: 1 << 40}, token(0))
	var list []any
	for i := 1; i < store.MostTokens; i++ {
		list = append(list, token(i))
	}
	put(t, s, list...)
	if !there("0") {
		t.Error("the first is gone before another one is too many")
	}
	put(t, s, token(store.MostTokens), token(store.MostTokens+1))
	for name, want := range map[string]bool{"0": false, "1": false, "2": true, strconv.Itoa(store.MostTokens + 1): true, "theirs": true} {
		if there(name) != want {
			t.Errorf("token %s is there: %t; want %t", name, !want, want)
		}
	}
}

func testBareToken(t *testing.T, s Database) {
	want := mpesa.Token{Digest: mpesa.DigestToken("bare")}
	put(t, s, want)
	same(t, "token", must[*mpesa.Token](t)(s.Token(t.Context(), mpesa.DigestToken("bare"))), &want)
}

func testLastChange(t *testing.T, s Database) {
	put(t, s, mpesa.Organisation{Shortcode: shop, Name: "first"}, mpesa.App{Key: "key", Name: "first"},
		mpesa.Organisation{Shortcode: shop, Name: "last"}, mpesa.App{Key: "key", Name: "last"})
	same(t, "organisation", must[*mpesa.Organisation](t)(store.Get(t.Context(), s, mpesa.Registry, shop)).Name, "last")
	same(t, "app", must[*mpesa.App](t)(store.Get(t.Context(), s, mpesa.Apps, "key")).Name, "last")
}
