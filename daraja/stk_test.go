package daraja_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

// samplePush is the sample of MpesaExpressSimulate, request body.
var samplePush = daraja.STKPushRequest{
	BusinessShortCode: "174379",
	TransactionType:   daraja.CustomerPayBillOnline,
	Amount:            "1",
	PartyA:            "254722000000",
	PartyB:            "174379",
	PhoneNumber:       "254722111111",
	CallBackURL:       "https://mydomain.com/path",
	AccountReference:  "accountref",
	TransactionDesc:   "txndesc",
}

// samplePassword and sampleTimestamp are the sample's, made at sampleTime.
const (
	samplePassword = "MTc0Mzc5YmZiMjc5ZjlhYTliZGJjZjE1OGU5N2RkNzFhNDY3Y2QyZTBjODkzMDU5YjEwZjc4ZTZiNzJhZGExZWQyYzkxOTIwMjEwNjI4MDkyNDA4"

	sampleTimestamp = "20210628092408"
)

func sampleTime() time.Time { return time.Date(2021, 6, 28, 6, 24, 8, 0, time.UTC) }

func TestPasswordIsTheSamples(t *testing.T) {
	password, timestamp := daraja.Password("174379", passkey, sampleTime())
	if password != samplePassword || timestamp != sampleTimestamp {
		t.Errorf("got %s, %s", password, timestamp)
	}
}

func TestSTKPushIsTheSamples(t *testing.T) {
	g := newGateway(t)
	resp, err := g.client(daraja.WithPasskey(passkey), daraja.WithClock(sampleTime)).STKPush(t.Context(), samplePush)
	if err != nil {
		t.Fatal(err)
	}
	want := call{
		path:        "/mpesa/stkpush/v1/processrequest",
		contentType: "application/json",
		body: `{"BusinessShortCode":"174379","Password":"` + samplePassword + `","Timestamp":"20210628092408",` +
			`"TransactionType":"CustomerPayBillOnline","Amount":"1","PartyA":"254722000000","PartyB":"174379",` +
			`"PhoneNumber":"254722111111","CallBackURL":"https://mydomain.com/path","AccountReference":"accountref",` +
			`"TransactionDesc":"txndesc"}`,
	}
	if got := g.last(t); got != want {
		t.Errorf("sent %+v\nwant %+v", got, want)
	}
	if got, _ := json.Marshal(resp); string(got) != pushAccepted {
		t.Errorf("got %s\nwant %s", got, pushAccepted)
	}
}

func TestSTKQuery(t *testing.T) {
	g := newGateway(t)
	g.api = answer{200, queryPending}
	c := g.client(daraja.WithPasskey(passkey), daraja.WithClock(sampleTime))
	resp, err := c.STKQuery(t.Context(), daraja.STKQueryRequest{
		BusinessShortCode: "174379",
		CheckoutRequestID: "ws_CO_1007202409152617172396192",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := call{
		path:        "/mpesa/stkpushquery/v1/query",
		contentType: "application/json",
		body: `{"BusinessShortCode":"174379","Password":"` + samplePassword + `","Timestamp":"20210628092408",` +
			`"CheckoutRequestID":"ws_CO_1007202409152617172396192"}`,
	}
	if got := g.last(t); got != want {
		t.Errorf("sent %+v\nwant %+v", got, want)
	}
	if got, _ := json.Marshal(resp); string(got) != queryPending {
		t.Errorf("got %s\nwant %s", got, queryPending)
	}
}

func TestAPasswordIsFilledInOnlyWhereThereIsNone(t *testing.T) {
	mine := samplePush
	mine.Password, mine.Timestamp = "mine", "20260101000000"
	tests := []struct {
		name                string
		passkey             string
		req                 daraja.STKPushRequest
		password, timestamp string
	}{
		{"passkey and password", passkey, mine, "mine", "20260101000000"},
		{"passkey", passkey, samplePush, samplePassword, sampleTimestamp},
		{"password", "", mine, "mine", "20260101000000"},
		{"neither", "", samplePush, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t)
			c := g.client(daraja.WithPasskey(test.passkey), daraja.WithClock(sampleTime))
			if _, err := c.STKPush(t.Context(), test.req); err != nil {
				t.Fatal(err)
			}
			var sent daraja.STKPushRequest
			if err := json.Unmarshal([]byte(g.last(t).body), &sent); err != nil {
				t.Fatal(err)
			}
			if sent.Password != test.password || sent.Timestamp != test.timestamp {
				t.Errorf("sent %q, %q, want %q, %q", sent.Password, sent.Timestamp, test.password, test.timestamp)
			}
		})
	}
}
