package msisdn

import "testing"

func TestParse(t *testing.T) {
	for _, good := range []string{"254708374149", "254110000000", "254799999999"} {
		if n, err := Parse(good); err != nil || n.String() != good {
			t.Errorf("Parse(%q) = %v, %v", good, n, err)
		}
	}
	for _, bad := range []string{"", "0708374149", "+254708374149", "25470837414", "2547083741490", "254808374149", "25470837414a", "255708374149", "2547-8374149"} {
		if n, err := Parse(bad); err == nil {
			t.Errorf("Parse(%q) = %v; want an error", bad, n)
		}
	}
}

func TestParseLooseTakesWhatPeopleType(t *testing.T) {
	for _, s := range []string{"0708374149", "+254708374149", "708374149", "254708374149"} {
		if n, err := ParseLoose(s); err != nil || n != 254708374149 {
			t.Errorf("ParseLoose(%q) = %v, %v", s, n, err)
		}
	}
	if got := Number(254708374149).Local(); got != "0708374149" {
		t.Errorf("Local = %q", got)
	}
}
