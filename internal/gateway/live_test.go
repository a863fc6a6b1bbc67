package gateway_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/internal/weburl"
)

const (
	liveKey     = "live-key"
	livePasskey = "passkey-of-production"
	secure      = "https://shop.example/callback"
)

// liveBench is the sandbox's gateway, whose Merchant has a production app of 600000 with every product. The sandbox's own merchant is
// returned beside it.
func liveBench(t *testing.T, changes ...func(*gateway.Options)) (b *bench, sandbox *testworld.Merchant) {
	t.Helper()
	live := func(o *gateway.Options) {
		o.Live = gateway.Rules{Profile: "production", SoleToken: true, URLs: weburl.Production("production"), RegisterOnce: true}
	}
	b = newBench(t, slices.Insert(changes, 0, live)...)
	var products []string
	for _, p := range apis.LiveProducts() {
		products = append(products, p.Name)
	}
	b.do(t, putApp{mpesa.App{Key: liveKey, Secret: "live-secret", Name: "Duka 600000", Products: products, Production: true, Shortcode: 600000}})
	b.change(t, 600000, func(o *mpesa.Organisation) { o.LivePasskey = livePasskey })
	sandbox = b.Merchant
	b.Merchant = testworld.MerchantOf(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, basic := r.BasicAuth(); basic {
			r.SetBasicAuth(liveKey, "live-secret")
		}
		b.gateway.ServeHTTP(w, r)
	}))
	b.CallBack, b.Credential = secure, sandbox.Credential
	b.Token(t)
	return b, sandbox
}

// signedLive are the fields of M-Pesa Express by the production app.
func signedLive(t *testing.T, passkey string) fields {
	password, timestamp := daraja.Password("600000", passkey, time.Now())
	return fields{"BusinessShortCode": "600000", "PartyB": "600000", "Password": password, "Timestamp": timestamp}
}

func TestAProductionAppWorks(t *testing.T) {
	b, _ := liveBench(t)
	if a := b.Push(t, signedLive(t, livePasskey)); a.Status != 200 {
		t.Errorf("HTTP %d %s", a.Status, a.Body)
	}
	if e := b.journal.Entries(0, 0, 1, nil)[0]; e.App != liveKey || e.Payment == 0 || e.Explanation != "" {
		t.Errorf("the journal says %+v", e)
	}
	for path, request := range b.Requests() {
		if strings.Contains(path, "simulate") || strings.Contains(path, "c2b/v1") {
			continue
		}
		if a := b.Send(t, path, request, nil); a.Status != 200 {
			t.Errorf("%s: HTTP %d %s", path, a.Status, a.Body)
		}
	}
}

// A production app of a sandbox is held to production's rules; the sandbox's own app is not.
func TestAProductionAppIsHeldToProductionsRules(t *testing.T) {
	const why = "production's rules"
	b, sandbox := liveBench(t)
	live := signedLive(t, livePasskey)
	b.refused(t, b.Push(t, live.With(fields{"CallBackURL": "http://shop.example/callback"})), codes.InvalidField("CallBackURL"), "https only", why)
	b.refused(t, b.Push(t, live.With(fields{"CallBackURL": "https://shop.example/mpesa"})), codes.InvalidField("CallBackURL"), "mpesa", why)
	b.refused(t, b.Push(t, signedLive(t, testworld.Passkey)), codes.WrongCredentials, "passkey", why)
	b.refused(t, b.Push(t, live.With(fields{"TransactionType": strings.Repeat("x", 2000)})), codes.InvalidField("TransactionType"), "xxx", why)
	if a := sandbox.Push(t, fields{"CallBackURL": "http://localhost/mpesa"}); a.Status != 200 {
		t.Errorf("the sandbox's app: HTTP %d %s", a.Status, a.Body)
	}
	if e := b.journal.Entries(0, 0, 1, nil)[0]; strings.Contains(e.Explanation, why) {
		t.Errorf("the sandbox's app is told of them: %s", e.Explanation)
	}
}

func TestAProductionAppAsksForItsOwnShortcodeOnly(t *testing.T) {
	b, _ := liveBench(t)
	b.refused(t, b.Push(t, nil), codes.MerchantUnknown, "went live with 600000", "174379")
	b.refused(t, b.Query(t, "x", nil), codes.MerchantUnknown, "went live with 600000")
	requests := b.Requests()
	for _, a := range apis.Paths() {
		i := slices.IndexFunc(a.Fields, func(f apis.Field) bool { return f.Own })
		request, there := requests[a.Path]
		if !there || a.Live() == "" {
			continue
		}
		if i < 0 {
			t.Errorf("%s: no field names the organisation that asks", a.Path)
			continue
		}
		name := a.Fields[i].Name
		b.refused(t, b.Send(t, a.Path, request, fields{name: "600002"}), codes.InvalidField(name), name+" is 600002; the app went live with 600000")
	}
	b.refused(t, b.Send(t, "/pulltransactions/v1/query", fields{"ShortCode": "600001", "StartDate": "2026-11-20 00:00:00", "EndDate": "2026-11-20 12:00:00"}, nil),
		codes.InvalidShortCode, "went live with 600000")
	b.refused(t, b.Send(t, checkoutPath, checkoutFields, fields{"callbackUrl": secure}), codes.InvalidField("receiverShortCode"), "went live with 600000")
}

func TestPaymentsCannotBeSimulatedInProduction(t *testing.T) {
	b, _ := liveBench(t)
	b.refused(t, b.Send(t, testworld.SimulatePath, b.Requests()[testworld.SimulatePath], nil), codes.NoProduct(codes.C2B), "the sandbox's only")
}

func TestAProductionAppHasTheProductsThatItWentLiveWith(t *testing.T) {
	b, _ := liveBench(t)
	app, err := store.Get(t.Context(), b.Store, mpesa.Apps, liveKey)
	if err != nil {
		t.Fatal(err)
	}
	changed := *app
	changed.Products = []string{apis.LiveB2C}
	b.do(t, putApp{changed})
	b.Renew(t)
	b.refused(t, b.Push(t, signedLive(t, livePasskey)), codes.NoProduct(codes.STK), apis.LiveExpress, apis.LiveB2C)
	for _, path := range []string{testworld.B2CPath, testworld.PochiPath} {
		b.acknowledged(t, b.request(t, path, nil))
	}
}

func TestAProductionAppsTokensAreSole(t *testing.T) {
	b, sandbox := liveBench(t)
	old, sandboxs := b.Token(t), sandbox.Token(t)
	b.Renew(t)
	sandbox.Renew(t)
	for token, sole := range map[string]bool{old: true, sandboxs: false} {
		r := b.Request(t, http.MethodPost, testworld.PushPath, []byte("{}"))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		want := codes.InvalidField("BusinessShortCode")
		if sole {
			want = codes.InvalidToken(codes.STK, "")
		}
		b.refused(t, b.Merchant.Do(t, r), want)
	}
}

func TestAProductionAppHasProductionsLimits(t *testing.T) {
	b, sandbox := liveBench(t, func(o *gateway.Options) { o.Live.SpikeArrest = 1 })
	live := signedLive(t, livePasskey)
	b.refused(t, b.Query(t, "x", live), codes.TransactionUnknown)
	b.refused(t, b.Query(t, "x", live), codes.SpikeArrest, "more than 1 requests", "production's rules")
	for range 10 {
		b.refused(t, sandbox.Query(t, "x", nil), codes.TransactionUnknown)
	}
	b, sandbox = liveBench(t, func(o *gateway.Options) { o.Live.Quota = 1 })
	b.refused(t, b.Query(t, "x", live), codes.TransactionUnknown)
	b.refused(t, b.Query(t, "x", live), codes.QuotaExceeded, "production's rules")
	b.refused(t, sandbox.Query(t, "x", nil), codes.TransactionUnknown)
}

func TestAProductionAppRegistersItsURLsOnce(t *testing.T) {
	b, sandbox := liveBench(t)
	if a := b.request(t, testworld.RegisterPath, nil); a.Status != 200 {
		t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	b.refused(t, b.request(t, testworld.RegisterPath, nil), codes.AlreadyRegistered, "production's rules")
	if a := sandbox.Send(t, testworld.RegisterPath, sandbox.Requests()[testworld.RegisterPath], nil); a.Status != 200 {
		t.Errorf("the sandbox's app: HTTP %d %s", a.Status, a.Body)
	}
}

func TestAProductionAppsCredentialsHaveToDecrypt(t *testing.T) {
	b, sandbox := liveBench(t)
	foreign := fields{"SecurityCredential": encrypt(t, testworld.OperatorPassword, otherKey())}
	p := b.acknowledged(t, b.request(t, testworld.BalancePath, foreign))
	if e := b.journal.Entries(0, 0, 1, nil)[0]; !strings.Contains(e.Explanation, "the result will be 2001") || !strings.Contains(e.Explanation, "production's rules") {
		t.Errorf("the journal explains %q", e.Explanation)
	}
	if after := b.processed(t, p); after.Result != codes.InvalidInitiator {
		t.Errorf("the result is %s", after.Result)
	}
	p = b.acknowledged(t, sandbox.Send(t, testworld.BalancePath, sandbox.Requests()[testworld.BalancePath], foreign))
	if after := b.processed(t, p); after.Result != codes.Success {
		t.Errorf("the sandbox's app: the result is %s", after.Result)
	}
}
