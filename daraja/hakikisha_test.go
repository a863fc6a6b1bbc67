package daraja_test

import (
	"errors"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

func TestHakikisha(t *testing.T) {
	g := newGateway(t)
	const told = `{"header":{"requestID":"r-1","timestamp":"1748933384","status":"200","message":"Success"},"body":{"firstName":"john","middleName":"M******","lastName":"M******"}}`
	g.api = answer{200, told}
	req := daraja.HakikishaRequest{Header: daraja.HakikishaHeader{RequestID: "r-1", Timestamp: "1748933384"}, Body: daraja.HakikishaNumber{MSISDN: "254722000000", ShortCode: "123456"}}
	resp, err := g.client().Hakikisha(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	want := call{"/mpesa/b2c/hakikisha/v1/hakikisha", "application/json", `{"header":{"requestID":"r-1","timestamp":"1748933384"},"body":{"msisdn":"254722000000","shortcode":"123456"}}`}
	if got := g.last(t); got != want {
		t.Errorf("sent %+v\nwant %+v", got, want)
	}
	if got := written(t, resp); got != told {
		t.Errorf("got %s", got)
	}
	g.api = answer{200, `{"header":{"requestID":"r-2","timestamp":"20250603074239","status":"400","message":"Error"},"body":{"message":"The customer does not exist."}}`}
	_, err = g.client().Hakikisha(t.Context(), req)
	if e, ok := errors.AsType[*daraja.Error](err); !ok || e.Code != "400" || e.Message != "The customer does not exist." || e.RequestID != "r-2" {
		t.Errorf("got %v", err)
	}
}
