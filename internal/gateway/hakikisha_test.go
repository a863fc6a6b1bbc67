package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/testworld"
)

const hakikishaPath = "/mpesa/b2c/hakikisha/v1/hakikisha"

// hakikishaBody asks whose a number is.
func hakikishaBody(msisdn, shortcode string) []byte {
	return fmt.Appendf(nil, `{"header":{"requestID":"r-1","timestamp":"1748933384"},"body":{"msisdn":%q,"shortcode":%q}}`, msisdn, shortcode)
}

func TestHakikisha(t *testing.T) {
	for name, b := range map[string]*bench{"sandbox": newBench(t), "strict": strictBench(t)} {
		stamp := b.Clock.Now().Unix()
		answered(t, b.Post(t, hakikishaPath, hakikishaBody(testworld.John, "600000")),
			fmt.Sprintf(`{"header":{"requestID":"r-1","timestamp":"%d","status":"200","message":"Success"},"body":{"firstName":"John","lastName":"D******"}}`, stamp))
		answered(t, b.Post(t, hakikishaPath, hakikishaBody("254799999999", "600000")),
			fmt.Sprintf(`{"header":{"requestID":"r-1","timestamp":"%d","status":"400","message":"Error"},"body":{"message":"The customer does not exist."}}`, stamp))
		b.noted(t, "400")
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestHakikishaRefusesEachFieldThatIsWrong(t *testing.T) {
	b := newBench(t)
	good := string(hakikishaBody(testworld.John, "600000"))
	for field, change := range map[string][2]string{
		"header.requestID": {`"r-1"`, `""`}, "header.timestamp": {`"1748933384"`, `[]`}, "body.msisdn": {testworld.John, "0700"}, "body.shortcode": {`"600000"`, `"999999"`}, "header": {`{"requestID":"r-1","timestamp":"1748933384"}`, `"r-1"`},
	} {
		a := b.Post(t, hakikishaPath, []byte(strings.Replace(good, change[0], change[1], 1)))
		b.refused(t, a, codes.InvalidField(field), field)
	}
	b.refused(t, b.Post(t, hakikishaPath, nil), codes.InvalidField("header.requestID"))
}

func TestHakikishaOfAProductionAppIsForItsOwnShortcode(t *testing.T) {
	b, _ := liveBench(t)
	if a := b.Post(t, hakikishaPath, hakikishaBody(testworld.John, "600000")); a.Status != 200 {
		t.Errorf("HTTP %d %s", a.Status, a.Body)
	}
	b.refused(t, b.Post(t, hakikishaPath, hakikishaBody(testworld.John, "600001")), codes.InvalidField("body.shortcode"), "may ask for that one only")
}

func TestHakikishaNeedsAToken(t *testing.T) {
	b := newBench(t)
	r := b.Request(t, "POST", hakikishaPath, hakikishaBody(testworld.John, "600000"))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer wrong")
	b.refused(t, b.Merchant.Do(t, r), codes.InvalidToken(codes.Lookups, ""))
}
