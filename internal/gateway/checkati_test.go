package gateway_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/testworld"
)

const swapPath, imsiPath = "/imsi/v2/checkATI", "/imsi/v1/checkATI"

var simFields = fields{"customerNumber": testworld.John}

func TestSIMSwap(t *testing.T) {
	for name, b := range map[string]*bench{"sandbox": newBench(t), "strict": strictBench(t)} {
		t.Run(name, func(t *testing.T) {
			swapped := func(want string) testworld.Answer {
				t.Helper()
				a := b.postFields(t, swapPath, simFields, nil)
				if a.Status != 200 || !requestID.MatchString(a.Text("requestRefID")) || !strings.HasSuffix(string(a.Body), `,"responseCode":"200","responseDesc":"Success","lastSwapDate":"`+want+`"}`) {
					t.Errorf("got HTTP %d %s; want %s", a.Status, a.Body, want)
				}
				return a
			}
			swapped("01-01-1900 00:00")
			before := b.postFields(t, imsiPath, simFields, nil)
			b.do(t, &mpesa.PutPhone{Phone: number(t, testworld.John), SwapSIM: true})
			at := b.Clock.Now().In(time.FixedZone("EAT", 3*60*60)).Format("02-01-2006 15:04")
			swapped(at)
			after := b.postFields(t, imsiPath, simFields, nil)
			if !regexp.MustCompile(`^\d{16}$`).MatchString(after.Text("imsi")) || after.Text("imsi") == before.Text("imsi") || after.Text("lastSwapDate") != at ||
				after.Text("customerNumber") != testworld.John || after.Text("msisdnRegistrationDate") == "" {
				t.Errorf("version 1 says %s, and before the swap %s", after.Body, before.Body)
			}
			b.later(t, 89*24*time.Hour)
			swapped(at)
			b.later(t, 4*24*time.Hour)
			swapped("01-01-1900 00:00")
		})
	}
}

func TestSIMOfANumberThatThereIsNot(t *testing.T) {
	b := newBench(t)
	for _, path := range []string{swapPath, imsiPath} {
		a := b.postFields(t, path, fields{"customerNumber": "254799999999"}, nil)
		if a.Status != 200 || a.Text("responseCode") != "404" || a.Text("responseDesc") != "Not Found" || a.Text("lastSwapDate") != "" {
			t.Errorf("got HTTP %d %s", a.Status, a.Body)
		}
		b.noted(t, "404")
	}
}

func TestSIMSwapRefusesEachFieldThatIsWrong(t *testing.T) {
	b := newBench(t)
	for _, path := range []string{swapPath, imsiPath} {
		b.refusesEach(t, path, simFields, []malformed{{"customerNumber", []any{"0708374149", "25470837414", "254708374149x"}}}, b.refusedField)
		r := b.Request(t, "POST", path, []byte("{}"))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer wrong")
		b.refused(t, b.Merchant.Do(t, r), codes.InvalidToken(codes.Lookups, ""))
	}
}
