package gateway_test

import (
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
)

// admitted sends requests until one is refused by a limit, and counts those before it.
func (b *bench) admitted(t *testing.T, most int, limit codes.Error) int {
	t.Helper()
	for n := range most {
		if a := b.Query(t, "x", nil); a.Message() == limit.Message {
			b.refused(t, a, limit, "kivuko")
			return n
		} else if a.Message() != codes.TransactionUnknown.Message {
			t.Fatalf("HTTP %d %s", a.Status, a.Body)
		}
	}
	return most
}

func TestAFaultThatIsOrderedRefusesAnAppsRequests(t *testing.T) {
	for fault, want := range map[mpesa.AppFault]codes.Error{mpesa.FaultBusy: codes.SystemBusy, mpesa.FaultInternal: codes.InternalError} {
		b := newBench(t)
		order := func(f mpesa.AppFault) {
			b.do(t, &portal.ChangeApp{Key: testworld.Key, Change: func(a *mpesa.App, _ bool) error {
				a.Fault = f
				return nil
			}})
		}
		order(fault)
		b.nothingMoved(t)
		if n := b.admitted(t, 3, want); n != 0 {
			t.Errorf("%s: %d of 3 requests were admitted", fault, n)
		}
		order(mpesa.NoAppFault)
		if n := b.admitted(t, 3, want); n != 3 {
			t.Errorf("after %s: %d of 3 requests were admitted", fault, n)
		}
	}
}

func TestSpikeArrestSmoothsRequests(t *testing.T) {
	for perSecond, atOnce := range map[int64]int{1: 1, 10: 1, 20: 2, 50: 5} {
		b := newBench(t, func(o *gateway.Options) { o.Rules.SpikeArrest = perSecond })
		b.Renew(t)
		b.nothingMoved(t)
		if n := b.admitted(t, 200, codes.SpikeArrest); n != atOnce {
			t.Errorf("%d a second: %d at once; want %d", perSecond, n, atOnce)
		}
		b.Clock.Advance(time.Second / time.Duration(perSecond))
		if n := b.admitted(t, 200, codes.SpikeArrest); n != 1 {
			t.Errorf("%d a second: %d more after an interval", perSecond, n)
		}
		sent := 0
		for range perSecond * 2 { // evenly, as fast as it may be
			b.Clock.Advance(time.Second / time.Duration(perSecond))
			sent += b.admitted(t, 1, codes.SpikeArrest)
		}
		if sent != int(perSecond)*2 {
			t.Errorf("%d a second: %d of %d even requests were admitted", perSecond, sent, perSecond*2)
		}
		b.Clock.Advance(time.Hour / 2)
		if n := b.admitted(t, 200, codes.SpikeArrest); n != atOnce {
			t.Errorf("%d a second: %d at once after a pause; want %d", perSecond, n, atOnce)
		}
	}
}

// Nodes share a database, and count without asking each other.
func TestEachNodeCountsForItself(t *testing.T) {
	var options gateway.Options
	b := newBench(t, func(o *gateway.Options) {
		o.Rules.Quota = 5
		options = *o
	})
	other := *b
	other.gateway = gateway.New(options)
	other.Merchant = testworld.MerchantOf(other.gateway)
	for name, node := range map[string]*bench{"one": b, "the other": &other} {
		node.Renew(t)
		if n := node.admitted(t, 20, codes.QuotaExceeded); n != 5 {
			t.Errorf("%s admitted %d requests", name, n)
		}
	}
}

func TestQuotaIsOfADayInNairobi(t *testing.T) {
	b := newBench(t, func(o *gateway.Options) { o.Rules.Quota = 5 })
	b.nothingMoved(t)
	if n := b.admitted(t, 20, codes.QuotaExceeded); n != 5 {
		t.Errorf("%d requests were admitted", n)
	}
	b.Clock.Advance(12*time.Hour - 126*time.Millisecond) // a millisecond before midnight
	b.Renew(t)                                           // tokens are not counted
	if n := b.admitted(t, 20, codes.QuotaExceeded); n != 0 {
		t.Errorf("%d more requests were admitted on the same day", n)
	}
	b.Clock.Advance(time.Millisecond)
	if n := b.admitted(t, 20, codes.QuotaExceeded); n != 5 {
		t.Errorf("%d requests were admitted on the next day", n)
	}
}

func TestAppsOwnLimitsComeBeforeTheProfiles(t *testing.T) {
	for _, test := range []struct {
		spike, quota, profileSpike, profileQuota int64
		want                                     int
		limit                                    codes.Error
	}{
		{0, 3, 0, 0, 3, codes.QuotaExceeded},
		{0, 3, 0, 7, 3, codes.QuotaExceeded},
		{0, 0, 0, 7, 7, codes.QuotaExceeded},
		{0, -1, 0, 7, 40, codes.QuotaExceeded},
		{20, 0, 1, 0, 2, codes.SpikeArrest},
		{-1, 0, 1, 0, 40, codes.SpikeArrest},
		{0, 0, 0, 0, 40, codes.SpikeArrest},
		{1, 1, 0, 0, 1, codes.SpikeArrest}, // what spike arrest refuses doesn't use up the quota
	} {
		b := newBench(t, func(o *gateway.Options) { o.Rules.SpikeArrest, o.Rules.Quota = test.profileSpike, test.profileQuota })
		app, err := store.Get(t.Context(), b.Store, mpesa.Apps, testworld.Key)
		if err != nil {
			t.Fatal(err)
		}
		changed := *app
		changed.SpikeArrest, changed.Quota = test.spike, test.quota
		b.do(t, putApp{changed})
		if n := b.admitted(t, 40, test.limit); n != test.want {
			t.Errorf("%+v: %d were admitted", test, n)
		}
	}
}

func TestAppsAreLimitedEachForItself(t *testing.T) {
	b := newBench(t, func(o *gateway.Options) { o.Rules.Quota = 2 })
	b.do(t, putApp{mpesa.App{Key: "other", Secret: "other-secret", Name: "other", Products: []string{apis.ProductExpress}}})
	if n := b.admitted(t, 5, codes.QuotaExceeded); n != 2 {
		t.Errorf("%d requests of the first app were admitted", n)
	}
	r := b.Request(t, "GET", testworld.TokenPath, nil)
	r.SetBasicAuth("other", "other-secret")
	token := b.Merchant.Do(t, r).Text("access_token")
	r = b.Request(t, "POST", testworld.QueryPath, []byte("{}"))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	b.refused(t, b.Merchant.Do(t, r), codes.InvalidField("BusinessShortCode"))
}
