package controlapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

const apps = "/kivuko/v1/apps"

func TestAnAppIsMadeWithNewKeys(t *testing.T) {
	c := start(t)
	var made, again control.App
	c.do(http.MethodPost, apps, `{"name":"Duka","products":["M-Pesa Sandbox"],"spikeArrest":5,"quota":-1}`).answers(http.StatusCreated, &made)
	if len(made.Key) != 48 || len(made.Secret) != 64 {
		t.Errorf("the key is %q, the secret %q", made.Key, made.Secret)
	}
	want := control.App{Key: made.Key, Secret: made.Secret, Name: "Duka", Products: []string{apis.ProductMpesa}, SpikeArrest: 5, Quota: -1,
		Created: control.Time{Time: controltest.Start}}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
	c.do(http.MethodPost, apps, `{"name":"Duka"}`).answers(http.StatusCreated, &again)
	if again.Key == made.Key || again.Secret == made.Secret || len(again.Products) != len(apis.Products()) {
		t.Errorf("the second is %+v", again)
	}
	for _, x := range []struct{ body, field, says string }{
		{`{}`, "name", "it is missing"},
		{`{"name":""}`, "name", "1 to 100"},
		{`{"name":"a","products":["Lipa"]}`, "products", "Lipa Na M-Pesa Sandbox"},
		{`{"name":"a","consumerSecret":"x"}`, "consumerSecret", "there is no such field"},
		{`{"name":"a","spikeArrest":"many"}`, "spikeArrest", "requests a second"},
	} {
		c.do(http.MethodPost, apps, x.body).refuses(http.StatusBadRequest, "bad-field", x.field, x.says)
	}
}

func TestAppsAreListedInPages(t *testing.T) {
	c := start(t)
	for _, name := range []string{"a", "b"} {
		c.do(http.MethodPut, apps+"/"+name, `{"consumerSecret":"s3cret"}`).answers(http.StatusCreated, new(control.App))
	}
	var first, second control.Page[control.App]
	c.get(apps+"?limit=2").answers(http.StatusOK, &first)
	if len(first.Items) != 2 || first.Items[0].Key != "a" || first.Items[0].Secret != "" || first.Next == "" || first.Next != "b" {
		t.Fatalf("got %+v", first)
	}
	c.get(apps+"?after=b").answers(http.StatusOK, &second)
	if len(second.Items) != 1 || second.Items[0].Key != controltest.AppKey || second.Next != "" {
		t.Errorf("got %+v", second)
	}
	c.get(apps+"?after=a%20b").refuses(http.StatusBadRequest, "bad-parameter", "after", "letters, digits")
}

func TestARotatedSecretReplacesTheOld(t *testing.T) {
	c := start(t)
	var rotated, shown control.App
	c.do(http.MethodPost, apps+"/"+controltest.AppKey+"/rotate", "").answers(http.StatusOK, &rotated)
	c.get(apps+"/"+controltest.AppKey+"?secrets=1").answers(http.StatusOK, &shown)
	if rotated.Secret == controltest.AppSecret || len(rotated.Secret) != 64 || shown.Secret != rotated.Secret || shown.Name != "Test App" {
		t.Errorf("rotated %+v, shown %+v", rotated, shown)
	}
	c.do(http.MethodPost, apps+"/nobody/rotate", "").refuses(http.StatusNotFound, "not-found", "", `no app has the consumer key "nobody"`)
}

func TestTheTokensOfADeletedAppEnd(t *testing.T) {
	c := start(t)
	token := c.token()
	ask := func() response {
		return c.gateway(http.MethodPost, "/mpesa/stkpushquery/v1/query", "Bearer "+token, "{}")
	}
	if got := ask(); got.status != http.StatusBadRequest {
		t.Fatalf("before: HTTP %d %s", got.status, got.body)
	}
	mine := apps + "/" + controltest.AppKey
	if got := c.do(http.MethodDelete, mine, ""); got.status != http.StatusNoContent {
		t.Fatalf("HTTP %d %s", got.status, got.body)
	}
	invalid := func(when string) {
		t.Helper()
		if got := ask(); got.status != http.StatusNotFound || !strings.Contains(string(got.body), "404.001.03") {
			t.Errorf("%s: HTTP %d %s", when, got.status, got.body)
		}
	}
	invalid("after it is deleted")
	c.get(mine).refuses(http.StatusNotFound, "not-found", "", "POST to /kivuko/v1/apps")
	c.do(http.MethodDelete, mine, "").refuses(http.StatusNotFound, "not-found", "", "no app")
	c.Clock.Advance(1)
	c.Clock.Advance(1e6)
	c.do(http.MethodPut, mine, `{"consumerSecret":"`+controltest.AppSecret+`"}`).answers(http.StatusCreated, new(control.App))
	invalid("of an app that has the key anew")
}
