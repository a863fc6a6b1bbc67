package daraja_test

import (
	"errors"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

func TestCheckSIM(t *testing.T) {
	g := newGateway(t)
	req := daraja.SIMRequest{CustomerNumber: "254722000000"}
	const swap = `{"requestRefID":"4277-415525-1","responseCode":"200","responseDesc":"Success","lastSwapDate":"01-01-1900 00:00"}`
	g.api = answer{200, swap}
	resp, err := g.client().CheckSwap(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := g.last(t), (call{"/imsi/v2/checkATI", "application/json", `{"customerNumber":"254722000000"}`}); got != want {
		t.Errorf("sent %+v\nwant %+v", got, want)
	}
	if got := written(t, resp); got != swap {
		t.Errorf("got %s", got)
	}
	const imsi = `{"requestRefID":"r","responseCode":"200","responseDesc":"Success","imsi":"9233817055099406","lastSwapDate":"01-05-2022","msisdnRegistrationDate":"01-03-2022","customerNumber":"254722000000"}`
	g.api = answer{200, imsi}
	if resp, err = g.client().CheckIMSI(t.Context(), req); err != nil || written(t, resp) != imsi || g.last(t).path != "/imsi/v1/checkATI" {
		t.Errorf("got %+v, %v", resp, err)
	}
	g.api = answer{200, `{"requestRefID":"r","responseCode":"404","responseDesc":"Not Found"}`}
	_, err = g.client().CheckSwap(t.Context(), req)
	if e, ok := errors.AsType[*daraja.Error](err); !ok || e.Code != "404" {
		t.Errorf("got %v", err)
	}
}
