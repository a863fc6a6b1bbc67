package bench

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
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
				address: strings.TrimPrefix(s.URL, "http://"), token: fakeToken, concurrency: 4, inFlight: 1000, duration: time.Minute, patience: time.Minute,
				apis: chosen(t, STK), limit: 500, first: FirstCustomer, customers: 100, progress: io.Discard,
				funds: func(account) int64 { return 1_000_000 },
			}
			change(&l)
			g, err := newGenerator(l, network)
			if err != nil {
				t.Fatal(err)
			}
			client := daraja.New(s.URL, consumerKey, consumerSecret)
			if err := errors.Join(register(t.Context(), client, control.New(s.URL), g), g.run(t.Context())); err != nil {
				t.Fatal(err)
			}
			check(t, f, g)
		})
	}
}

func unchanged(*load) {}

// chosen are the APIs of a name.
func chosen(t *testing.T, name string) []api {
	list, err := apis(name, "sealed", "run")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// counted is what the generator counted, of all APIs.
func counted(g *generator) *counts {
	all := newCounts()
	for _, f := range g.flows {
		all.add(&f.counts)
	}
	return &all
}

// String is the counts without their histograms.
func (c *counts) String() string {
	return fmt.Sprintf("sent %d, acknowledged %d, whole %d, twice %d, unknown %d, misdirected %d, validations %d, unasked %d, uncounted %d, refused %v, broken %v, results %v",
		c.sent, c.acks, c.whole, c.duplicates, c.unknown, c.misdirected, c.validations, c.unasked, c.uncounted, c.refusals, c.broken, c.results)
}

func TestGeneratorSendsWhatAMerchantSends(t *testing.T) {
	drive(t, behaviour{keep: true}, unchanged, func(t *testing.T, f *fake, g *generator) {
		if c := counted(g); !flawless(c, 500) {
			t.Error(c)
		}
		byPaybill := map[int]int{}
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
			n, _ := strconv.Atoi(shortcode)
			byPaybill[n]++
		}
		if got := slices.Sorted(maps.Keys(byPaybill)); !slices.Equal(got, expressPaybills) {
			t.Errorf("paybills %v", byPaybill)
		}
	})
}

func TestGeneratorCountsWhatGoesWrong(t *testing.T) {
	for name, c := range map[string]struct {
		does behaviour
		want func(*counts) bool
	}{
		"repeated callbacks": {behaviour{repeat: 10}, func(t *counts) bool { return t.whole == 500 && t.duplicates > 0 }}, // the last may come too late
		"failed payments":    {behaviour{fail: 100}, func(t *counts) bool { return t.whole == 500 && t.results["1"] == 5 }},
		"refused pushes": {behaviour{refuse: 10}, func(t *counts) bool {
			return t.whole == 450 && t.acks == 450 && t.refusals["500 500.003.02 System is busy. Please try again in few minutes."] == 50
		}},
		"broken connections": {behaviour{hangUp: 50}, func(t *counts) bool { return t.whole == 490 && t.acks == 490 && total(t.broken) == 10 }},
		"early callbacks":    {behaviour{early: true}, func(t *counts) bool { return t.whole == 500 && t.unknown == 0 }},
		"early and repeated": {behaviour{early: true, repeat: 10}, func(t *counts) bool { return t.whole == 500 && t.duplicates == 50 }},
	} {
		t.Run(name, func(t *testing.T) {
			drive(t, c.does, unchanged, func(t *testing.T, _ *fake, g *generator) {
				if got := counted(g); !c.want(got) {
					t.Error(got)
				}
			})
		})
	}
}

func TestGeneratorGivesUpOnLostCallbacks(t *testing.T) {
	drive(t, behaviour{lose: 100}, func(l *load) { l.patience = 50 * time.Millisecond },
		func(t *testing.T, _ *fake, g *generator) {
			if c := counted(g); c.acks != 500 || c.whole != 495 || g.underWay != 5 {
				t.Error(c)
			}
		})
}

func TestGeneratorPacesAnOpenLoop(t *testing.T) {
	drive(t, behaviour{}, func(l *load) { l.rate, l.limit = 2000, 200 }, func(t *testing.T, _ *fake, g *generator) {
		if g.whole() != 200 || g.to.at < 99*time.Millisecond {
			t.Errorf("%d payments in %s", g.whole(), g.to.at)
		}
	})
}

func TestGeneratorKeepsTroubledMerchantsApart(t *testing.T) {
	drive(t, behaviour{}, func(l *load) { l.hang, l.refuse = true, true }, func(t *testing.T, _ *fake, g *generator) {
		if c := counted(g); c.sent != 500 || c.uncounted != 50 || c.acks != 450 || c.whole != 450 {
			t.Error(c)
		}
	})
}

func TestGeneratorAsksEachCustomerOnceAtATime(t *testing.T) {
	drive(t, behaviour{answerAfter: time.Millisecond},
		func(l *load) { l.customers, l.limit = 2, 20 }, func(t *testing.T, _ *fake, g *generator) {
			if g.whole() != 20 || g.starved == 0 {
				t.Error(counted(g), g.starved)
			}
		})
}

func TestGeneratorBoundsPaymentsInFlight(t *testing.T) {
	drive(t, behaviour{answerAfter: time.Millisecond}, func(l *load) { l.inFlight, l.limit = 2, 50 }, func(t *testing.T, f *fake, g *generator) {
		if most := f.mostOpen.Load(); g.whole() != 50 || most < 1 || most > 2 || g.starved > 0 {
			t.Error(counted(g), most)
		}
	})
}

func TestGeneratorEndsWhenNobodyHasMoney(t *testing.T) {
	drive(t, behaviour{}, func(l *load) { l.apis[0].terms.most, l.customers = 300, 100 }, func(t *testing.T, _ *fake, g *generator) {
		if g.whole() == 0 || g.sent == g.limit || !g.flows[0].exhausted() {
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
				address: l.Addr().String(), apis: chosen(t, STK), concurrency: 1, inFlight: 1, duration: time.Minute, first: FirstCustomer,
				customers: 1, progress: io.Discard,
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
