package bench

import (
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

// drive has a generator send limit pushes to a fake, on every network there is.
func drive(t *testing.T, b behaviour, change func(*load), check func(*testing.T, *fake, *generator)) {
	for name, open := range networks {
		t.Run(name, func(t *testing.T) {
			f := &fake{behaviour: b}
			s := f.start(t)
			network, err := open()
			if err != nil {
				t.Fatal(err)
			}
			defer network.close()
			l := load{
				address: strings.TrimPrefix(s.URL, "http://"), token: "c9SQxWWhmdVRlyh0zh8gZDTkubVF", concurrency: 4, inFlight: 1000, duration: time.Minute, patience: time.Minute,
				limit: 500, customers: newCustomers(FirstCustomer, 100), troubled: newCustomers(FirstCustomer+100, 1000), progress: io.Discard,
			}
			change(&l)
			g, err := newGenerator(l, network)
			if err != nil {
				t.Fatal(err)
			}
			if err := g.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			check(t, f, g)
		})
	}
}

func unchanged(*load) {}

// counts is a tally without its histograms.
func counts(t *tally) string {
	return fmt.Sprintf("sent %d, acknowledged %d, whole %d, twice %d, unknown %d, misdirected %d, uncounted %d, refused %v, broken %v, results %v, starved %s",
		t.sent, t.acks, t.whole, t.duplicates, t.unknown, t.misdirected, t.uncounted, t.refusals, t.broken, t.results, t.starved)
}

func TestGeneratorSendsWhatAMerchantSends(t *testing.T) {
	drive(t, behaviour{keep: true}, unchanged, func(t *testing.T, f *fake, g *generator) {
		if g.whole != 500 || g.acks != 500 || g.problems != 0 || g.duplicates != 0 || g.unknown != 0 || g.misdirected != 0 || len(g.results) != 0 {
			t.Error(counts(&g.tally))
		}
		byPaybill := map[string]int{}
		for _, r := range f.seen {
			shortcode := r.BusinessShortCode.String()
			at, err := time.Parse("20060102150405", r.Timestamp)
			if err != nil {
				t.Fatal(err)
			}
			password, _ := daraja.Password(shortcode, passkey, at.Add(-3*time.Hour)) // EAT
			if r.Password != password || r.TransactionType != daraja.CustomerPayBillOnline || r.PartyB != shortcode ||
				r.PartyA != r.PhoneNumber || !strings.HasSuffix(r.CallBackURL, "/"+shortcode) ||
				r.AccountReference == "" || len(r.AccountReference) > 12 || len(r.TransactionDesc) > 13 {
				t.Fatalf("%+v", r)
			}
			byPaybill[shortcode]++
		}
		if got := slices.Sorted(maps.Keys(byPaybill)); !slices.Equal(got, paybills[:]) {
			t.Errorf("paybills %v", byPaybill)
		}
	})
}

func TestGeneratorCountsWhatGoesWrong(t *testing.T) {
	for name, c := range map[string]struct {
		does behaviour
		want func(*tally) bool
	}{
		"repeated callbacks": {behaviour{repeat: 10}, func(t *tally) bool { return t.whole == 500 && t.duplicates >= 45 }}, // the last may come too late
		"failed payments":    {behaviour{fail: 100}, func(t *tally) bool { return t.whole == 500 && t.results["1"] == 5 }},
		"refused pushes": {behaviour{refuse: 10}, func(t *tally) bool {
			return t.whole == 450 && t.acks == 450 && t.refusals["500 500.003.02 System is busy. Please try again in few minutes."] == 50
		}},
		"broken connections": {behaviour{hangUp: 50}, func(t *tally) bool { return t.whole == 490 && t.acks == 490 && total(t.broken) == 10 }},
		"early callbacks":    {behaviour{early: true}, func(t *tally) bool { return t.whole == 500 && t.unknown == 0 }},
		"early and repeated": {behaviour{early: true, repeat: 10}, func(t *tally) bool { return t.whole == 500 && t.duplicates == 50 }},
	} {
		t.Run(name, func(t *testing.T) {
			drive(t, c.does, unchanged, func(t *testing.T, _ *fake, g *generator) {
				if !c.want(&g.tally) {
					t.Error(counts(&g.tally))
				}
			})
		})
	}
}

func TestGeneratorGivesUpOnLostCallbacks(t *testing.T) {
	drive(t, behaviour{lose: 100}, func(l *load) { l.patience = 50 * time.Millisecond },
		func(t *testing.T, _ *fake, g *generator) {
			if g.acks != 500 || g.whole != 495 || g.underWay != 5 {
				t.Error(counts(&g.tally))
			}
		})
}

func TestGeneratorPacesAnOpenLoop(t *testing.T) {
	drive(t, behaviour{}, func(l *load) { l.rate, l.limit = 2000, 200 }, func(t *testing.T, _ *fake, g *generator) {
		if g.whole != 200 || g.to.at < 99*time.Millisecond {
			t.Errorf("%d payments in %s", g.whole, g.to.at)
		}
	})
}

func TestGeneratorKeepsTroubledMerchantsApart(t *testing.T) {
	drive(t, behaviour{}, func(l *load) { l.hang, l.refuse = true, true }, func(t *testing.T, _ *fake, g *generator) {
		if g.sent != 500 || g.uncounted != 50 || g.acks != 450 || g.whole != 450 {
			t.Error(counts(&g.tally))
		}
	})
}

func TestGeneratorAsksEachCustomerOnceAtATime(t *testing.T) {
	drive(t, behaviour{answerAfter: time.Millisecond},
		func(l *load) { l.customers, l.limit = newCustomers(FirstCustomer, 2), 20 }, func(t *testing.T, _ *fake, g *generator) {
			if g.whole != 20 || g.starved == 0 {
				t.Error(counts(&g.tally))
			}
		})
}

func TestGeneratorBoundsPaymentsInFlight(t *testing.T) {
	drive(t, behaviour{answerAfter: time.Millisecond}, func(l *load) { l.inFlight, l.limit = 2, 50 }, func(t *testing.T, f *fake, g *generator) {
		if most := f.mostOpen.Load(); g.whole != 50 || most < 1 || most > 2 || g.starved > 0 {
			t.Error(counts(&g.tally), most)
		}
	})
}

func TestGeneratorEndsWhenNobodyHasMoney(t *testing.T) {
	drive(t, behaviour{}, func(l *load) {
		for i := range l.customers.list {
			l.customers.list[i].spent = openingBalance - 300
		}
	}, func(t *testing.T, _ *fake, g *generator) {
		if g.whole == 0 || g.sent == g.limit || !g.customers.exhausted() {
			t.Errorf("%d of %d pushes sent", g.sent, g.limit)
		}
	})
}

func TestGeneratorFailsWhenTheServerIsGone(t *testing.T) {
	for name, open := range networks {
		t.Run(name, func(t *testing.T) {
			network, err := open()
			if err != nil {
				t.Fatal(err)
			}
			defer network.close()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			go func() { // a server that accepts one connection, reads a request and crashes
				c, err := l.Accept()
				if err == nil {
					c.Read(make([]byte, 1))
					l.Close()
					c.Close()
				}
			}()
			g, err := newGenerator(load{
				address: l.Addr().String(), concurrency: 1, inFlight: 1, duration: time.Minute, customers: newCustomers(FirstCustomer, 1),
				troubled: newCustomers(0, 0), progress: io.Discard,
			}, network)
			if err != nil {
				t.Fatal(err)
			}
			if err := g.run(t.Context()); err == nil || !strings.Contains(err.Error(), "doesn't answer any more") {
				t.Error(err)
			}
		})
	}
}
