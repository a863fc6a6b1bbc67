package daraja_test

import (
	"errors"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

func TestPullRegister(t *testing.T) {
	g := newGateway(t)
	const registered = `{"ResponseRefID":"feb5e3f2","ResponseStatus":"1000","ShortCode":"600000",` +
		`"ResponseDescription":"Shortcode Registered Successfully"}`
	g.api = answer{200, registered}
	req := daraja.PullRegisterRequest{ShortCode: "600000", NominatedNumber: "254722000000", CallBackURL: "https://mydomain.com/path"}
	resp, err := g.client().PullRegister(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	want := call{"/pulltransactions/v1/register", "application/json", `{"ShortCode":"600000","RequestType":"Pull",` +
		`"NominatedNumber":"254722000000","CallBackURL":"https://mydomain.com/path"}`}
	if got := g.last(t); got != want {
		t.Errorf("sent %+v\nwant %+v", got, want)
	}
	if got := written(t, resp); got != registered {
		t.Errorf("got %s", got)
	}
	g.api = answer{200, `{"ResponseRefID":"1","ResponseStatus":"1001","ResponseDescription":"ShortCode already Registered"}`}
	_, err = g.client().PullRegister(t.Context(), req)
	if e, ok := errors.AsType[*daraja.Error](err); !ok || e.Code != "1001" {
		t.Errorf("registered already: got %v", err)
	}
}

func TestPullQuery(t *testing.T) {
	tests := []struct {
		name, body string
		count      int
	}{
		{"payments", `{"ResponseRefID":"26178-42530161-2","ResponseCode":"1000","ResponseMessage":"Success","Response":[[` +
			`{"transactionId":"RKL51ZDR4F","trxDate":"2020-08-05T10:13:00Z","msisdn":"254722000000","sender":"MPESA",` +
			`"transactiontype":"c2b-pay-bill-debit","billreference":"37207636392","amount":"168.00","organizationname":"Test"}]]}`, 1},
		{"none", `{"RequestID":"f9e9-41a5-8783-2ee591b46cc741228","ResponseCode":"1001",` +
			`"ResponseMessage":"No records found or Organization Name not available"}`, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t)
			g.api = answer{200, test.body}
			start := time.Date(2020, 8, 4, 22, 0, 0, 0, time.UTC)
			resp, err := g.client().PullQuery(t.Context(), daraja.PullQueryRequest{
				ShortCode: "600000", StartDate: daraja.PullTime(start), EndDate: daraja.PullTime(start.Add(time.Hour)), OffSetValue: "0",
			})
			if err != nil {
				t.Fatal(err)
			}
			want := call{"/pulltransactions/v1/query", "application/json",
				`{"ShortCode":"600000","StartDate":"2020-08-05 01:00:00","EndDate":"2020-08-05 02:00:00","OffSetValue":"0"}`}
			if got := g.last(t); got != want {
				t.Errorf("sent %+v\nwant %+v", got, want)
			}
			if got := written(t, resp); got != test.body {
				t.Errorf("got %s\nwant %s", got, test.body)
			}
			if got := len(resp.Transactions()); got != test.count {
				t.Errorf("%d payments, want %d", got, test.count)
			}
		})
	}
}

func TestAPullQueryThatIsRefusedIsAnError(t *testing.T) {
	g := newGateway(t)
	g.api = answer{200, `{"ResponseCode":"1002","ResponseMessage":"Not now"}`}
	_, err := g.client().PullQuery(t.Context(), daraja.PullQueryRequest{})
	if e, ok := errors.AsType[*daraja.Error](err); !ok || e.Code != "1002" || e.Message != "Not now" {
		t.Errorf("got %v", err)
	}
}
