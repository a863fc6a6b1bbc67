package daraja_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

func TestEveryFormOfRefusalIsAnError(t *testing.T) {
	tests := []struct {
		name               string
		answer             answer
		id, code, msg      string
		text               string // that Error says
		refusesTheTokenToo bool
	}{
		{name: "normal", answer: answer{400, invalidField},
			id: "1c5b-4ba8-815c-ac45c57a3db01495926", code: "400.002.02", msg: "Bad Request - Invalid BusinessShortCode",
			text: "HTTP 400: 400.002.02 Bad Request - Invalid BusinessShortCode"},
		{name: "no message", answer: answer{500, `{"requestId":"1","errorCode":"500.001.1001","errorMessage":""}`},
			id: "1", code: "500.001.1001", text: "HTTP 500: 500.001.1001"},
		{name: "errorCode with status 200",
			answer: answer{200, `{"requestId":"1","errorCode":"500.001.1001","errorMessage":""}`},
			id:     "1", code: "500.001.1001", text: "HTTP 200: 500.001.1001"},
		{name: "numbers for strings",
			answer: answer{401, `{"requestId":7,"errorCode":401,"errorMessage":"Unauthorized - Invalid Access Token"}`},
			id:     "7", code: "401", msg: "Unauthorized - Invalid Access Token",
			text: "HTTP 401: 401 Unauthorized - Invalid Access Token", refusesTheTokenToo: true},
		{name: "Apigee fault", answer: answer{504, `{"fault":{"faultstring":"Gateway Timeout","detail":{` +
			`"errorcode":"messaging.adaptors.http.flow.GatewayTimeout","reason":"TARGET_READ_TIMEOUT"}}}`},
			code: "messaging.adaptors.http.flow.GatewayTimeout", msg: "Gateway Timeout",
			text: "HTTP 504: messaging.adaptors.http.flow.GatewayTimeout Gateway Timeout"},
		{name: "SOAP fault", answer: answer{500, `{"Envelope":{"encodingStyle":"http://schemas.xmlsoap.org/soap/encoding/",` +
			`"Body":{"Fault":{` +
			`"faultcode":"soap:Server","faultstring":"Execution of ServiceCallout SCO-AddURLVault failed.","faultactor":{},` +
			`"detail":{"source":{"errorcode":"steps.servicecallout.ExecutionFailed"}}}}}}`},
			code: "steps.servicecallout.ExecutionFailed", msg: "Execution of ServiceCallout SCO-AddURLVault failed.",
			text: "HTTP 500: steps.servicecallout.ExecutionFailed Execution"},
		{name: "ResponseCode is not 0", answer: answer{200, `{"ResponseCode":"1","ResponseDescription":"Rejected"}`},
			code: "1", msg: "Rejected", text: "HTTP 200: 1 Rejected"},
		{name: "no ResponseCode", answer: answer{200, `{}`}, text: `HTTP 200 with an unexpected body: "{}"`},
		{name: "HTML", answer: answer{503, "<html>\nRequest unsuccessful. Incapsula incident ID: 1-2</html>"},
			text: `HTTP 503 with an unexpected body: "<html>\nRequest unsuccessful.`},
		{name: "HTML with status 200", answer: answer{200, "<html></html>"}, text: `HTTP 200 with an unexpected body: "<html></html>"`},
		{name: "empty", answer: answer{404, ""}, text: "HTTP 404 with an empty body"},
		{name: "empty with status 200", answer: answer{200, ""}, text: "HTTP 200 with an empty body"},
		{name: "another program's", answer: answer{500, `{"status":500,"error":"Internal Server Error"}`},
			text: `HTTP 500 with an unexpected body: "{\"status\":500`},
		{name: "JSON of another kind", answer: answer{500, `["errorCode"]`}, text: `HTTP 500 with an unexpected body`},
		{name: "not JSON throughout", answer: answer{500, `{"errorCode":"500`}, text: `HTTP 500 with an unexpected body`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t)
			g.api = test.answer
			_, err := g.client().STKPush(t.Context(), daraja.STKPushRequest{})
			e, ok := errors.AsType[*daraja.Error](err)
			if !ok {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.HTTPStatus != test.answer.status || e.RequestID != test.id || e.Code != test.code || e.Message != test.msg {
				t.Errorf("got %d %q %q %q", e.HTTPStatus, e.RequestID, e.Code, e.Message)
			}
			if string(e.Body) != test.answer.body {
				t.Errorf("Body is %q, want %q", e.Body, test.answer.body)
			}
			if !strings.HasPrefix(e.Error(), test.text) {
				t.Errorf("it says %q, want %q", e, test.text)
			}
			if e.InvalidToken() != test.refusesTheTokenToo {
				t.Errorf("InvalidToken is %v", e.InvalidToken())
			}
			if !strings.Contains(err.Error(), "/mpesa/stkpush/v1/processrequest") {
				t.Errorf("%q does not say which API", err)
			}
		})
	}
}

func TestAHugeBodyIsReadInPart(t *testing.T) {
	g := newGateway(t)
	g.api = answer{500, strings.Repeat("x", 2<<20)}
	_, err := g.client().STKPush(t.Context(), daraja.STKPushRequest{})
	e, ok := errors.AsType[*daraja.Error](err)
	if !ok || len(e.Body) != 1<<20 || len(e.Error()) > 300 {
		t.Errorf("got an error of %d bytes with a body of %d", len(err.Error()), len(e.Body))
	}
}
