package bench

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// flawless reports whether so many payments are whole and nothing went wrong.
func flawless(c *counts, payments uint64) bool {
	return c.whole == payments && c.acks == payments && c.problems == 0 && c.duplicates == 0 && c.unknown == 0 && c.misdirected == 0 &&
		c.unasked == 0 && len(c.results) == 0
}

// through drives an API.
func through(t *testing.T, name string) func(*load) {
	return func(l *load) { l.apis = chosen(t, name) }
}

// text is a field of a kept request.
func text(request map[string]any, name string) string { return fmt.Sprint(request[name]) }

func TestPayOutsAreWhatABusinessSends(t *testing.T) {
	drive(t, behaviour{keep: true}, through(t, B2C), func(t *testing.T, f *fake, g *generator) {
		if c := counted(g); !flawless(c, 500) || c.validations != 0 {
			t.Error(c)
		}
		ids, payers := map[string]bool{}, map[string]bool{}
		for _, r := range f.requested["/mpesa/b2c/v3/paymentrequest"] {
			id, payer := text(r, "OriginatorConversationID"), text(r, "PartyA")
			ids[id], payers[payer] = true, true
			amount, err := strconv.Atoi(text(r, "Amount"))
			if err != nil || amount < 10 || len(r) != 11 || text(r, "InitiatorName") != initiator || text(r, "SecurityCredential") != "sealed" ||
				text(r, "CommandID") != "BusinessPayment" || !strings.HasPrefix(text(r, "PartyB"), "25471") ||
				!strings.HasSuffix(text(r, "ResultURL"), "/b2c/"+payer) || !strings.HasPrefix(id, "bench-run-") {
				t.Fatal(r)
			}
		}
		if len(ids) != 500 || len(payers) != payersAtATime {
			t.Errorf("%d identifiers, %d payers", len(ids), len(payers))
		}
	})
}

func TestTransfersAreWhatABusinessSends(t *testing.T) {
	drive(t, behaviour{keep: true}, through(t, B2B), func(t *testing.T, f *fake, g *generator) {
		if c := counted(g); !flawless(c, 500) {
			t.Error(c)
		}
		payees := map[int]bool{}
		for _, r := range f.requested["/mpesa/b2b/v1/paymentrequest"] {
			payee, _ := strconv.Atoi(text(r, "PartyB"))
			payees[payee] = true
			if reference := text(r, "AccountReference"); len(reference) > 13 || text(r, "CommandID") != "BusinessPayBill" || text(r, "Initiator") != initiator ||
				text(r, "SenderIdentifierType") != "4" || text(r, "RecieverIdentifierType") != "4" ||
				!strings.HasSuffix(text(r, "ResultURL"), "/b2b/"+text(r, "PartyA")+"/"+reference) {
				t.Fatal(r)
			}
		}
		if got := slices.Sorted(maps.Keys(payees)); !slices.Equal(got, paidBusinesses) {
			t.Errorf("paid %v", got)
		}
	})
}

func TestPaymentsByCustomersAreValidated(t *testing.T) {
	drive(t, behaviour{keep: true}, through(t, C2B), func(t *testing.T, f *fake, g *generator) {
		if c := counted(g); !flawless(c, 500) || c.validations != 500 {
			t.Error(c)
		}
		businesses := map[string]bool{}
		for _, r := range f.requested["/mpesa/c2b/v2/simulate"] {
			businesses[text(r, "ShortCode")] = true
			if text(r, "CommandID") != "CustomerPayBillOnline" || !strings.HasPrefix(text(r, "Msisdn"), "25471") || len(text(r, "BillRefNumber")) > 20 {
				t.Fatal(r)
			}
		}
		if len(businesses) != len(validatedPaybills) {
			t.Errorf("paid %v", businesses)
		}
	})
}

func TestAMixIsInEqualShares(t *testing.T) {
	drive(t, behaviour{}, through(t, Mix), func(t *testing.T, _ *fake, g *generator) {
		for _, f := range g.flows {
			if !flawless(&f.counts, 125) {
				t.Error(f.name, &f.counts)
			}
		}
	})
}

func TestEachAPICountsWhatGoesWrong(t *testing.T) {
	for _, name := range []string{B2C, C2B, B2B} {
		for fault, c := range map[string]struct {
			does behaviour
			want func(*counts) bool
		}{
			"repeated callbacks": {behaviour{repeat: 10}, func(t *counts) bool { return t.whole == 200 && t.duplicates > 0 }}, // the last may come too late
			"failed payments":    {behaviour{fail: 100}, func(t *counts) bool { return t.whole == 200 && (t.results["1"] == 2 || name == C2B) }},
			"refused requests":   {behaviour{refuse: 10}, func(t *counts) bool { return t.whole == 180 && total(t.refusals) == 20 }},
			"broken connections": {behaviour{hangUp: 50}, func(t *counts) bool { return t.whole == 196 && total(t.broken) == 4 }},
			"early callbacks":    {behaviour{early: true}, func(t *counts) bool { return flawless(t, 200) }},
			"early and repeated": {behaviour{early: true, repeat: 10}, func(t *counts) bool { return t.whole == 200 && t.duplicates == 20 }},
			"no validation":      {behaviour{unasked: 10}, func(t *counts) bool { return t.whole == 200 && (t.unasked == 20) == (name == C2B) }},
		} {
			t.Run(name+" "+fault, func(t *testing.T) {
				drive(t, c.does, func(l *load) { l.apis, l.limit = chosen(t, name), 200 }, func(t *testing.T, _ *fake, g *generator) {
					if got := counted(g); !c.want(got) {
						t.Error(got)
					}
				})
			})
		}
	}
}

func TestBusinessesPayByTurnsAsLongAsTheyHaveMoney(t *testing.T) {
	for _, name := range []string{B2C, B2B} {
		drive(t, behaviour{keep: true}, func(l *load) {
			l.apis = chosen(t, name)
			l.apis[0].businesses = l.apis[0].businesses[:20]
			l.funds = func(account) int64 { return 400 }
		}, func(t *testing.T, f *fake, g *generator) {
			if c := counted(g); c.sent == 500 || c.whole != c.sent || !g.flows[0].broke {
				t.Error(c)
			}
			spent := map[int]int64{}
			for a, shillings := range f.paid {
				if shillings < 0 {
					spent[a.shortcode] = -shillings
				}
			}
			if len(spent) != 20 {
				t.Errorf("%d businesses paid", len(spent))
			}
			for shortcode, shillings := range spent {
				if shillings > 400 {
					t.Errorf("%d spent %d", shortcode, shillings)
				}
			}
		})
	}
}

func TestLedgerFindsMoneyThatIsGone(t *testing.T) {
	f := &fake{behaviour: behaviour{steal: 50}}
	o := quick(t)
	o.URL, o.API = f.start(t).URL, Mix
	r, err := run(t, o)
	if err == nil || len(r.Unmoved) == 0 || !strings.Contains(r.Unmoved[0], "changed by") {
		t.Errorf("%v, %v", err, r.Unmoved)
	}
}
