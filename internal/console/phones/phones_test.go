package phones

import (
	"slices"
	"testing"
)

func TestAWallIsReadAsItWasWritten(t *testing.T) {
	for text, want := range map[string]wall{
		"":                          {},
		"254708374149":              {"254708374149"},
		"0708374149,+254705912645":  {"254708374149", "254705912645"},
		"0708374149, 254708374149":  {"254708374149"},
		"12,<b>,,254705912645,0722": {"254705912645"},
	} {
		if got := parseWall(text); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestPhonesAreHungUpAndPutAway(t *testing.T) {
	w := wall{"254708374149"}
	both := w.With("254705912645")
	if got, want := both.URL(), "/phones?on=254708374149,254705912645"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := both.With("254708374149"); !slices.Equal(got, both) {
		t.Errorf("a phone that hangs there already makes %q", got)
	}
	if got := both.Without("254708374149"); !slices.Equal(got, wall{"254705912645"}) || len(both) != 2 {
		t.Errorf("got %q of %q", got, both)
	}
}

// Every item of the menu is in a list, leads back to it, and can be done.
func TestTheMenuIsWhole(t *testing.T) {
	for i := range menuOfPhone {
		x := &menuOfPhone[i]
		if list := findItem(x.Above); list == nil || x.Key != "" && !slices.Contains(list.Of, x.Key) {
			t.Errorf("%s is not in the list %q", x.Title, x.Above)
		}
		if (x.Of == nil) == (x.act == nil) {
			t.Errorf("%s has %d items, and something to do: %v", x.Title, len(x.Of), x.act != nil)
		}
		for _, key := range x.Of {
			if findItem(key) == nil {
				t.Errorf("%s has an item %q that isn't there", x.Title, key)
			}
		}
	}
}

func TestWhatIsTypedOnAPhoneIsChecked(t *testing.T) {
	for name, x := range map[string]struct {
		ask  question
		good []string
		bad  []string
	}{
		"number":   {askTo, []string{"0708374149", "254708374149", "+254708374149", "708374149"}, []string{"", "12", "0708374149x"}},
		"amount":   {askAmount, []string{"1", "100.50", "0.01"}, []string{"", "0", "-5", "1.005", "a lot", "1e3"}},
		"business": {askPayBill, []string{"17437", "174379", "1743790"}, []string{"", "1743", "17437901", "17437x"}},
		"account":  {askAccount, []string{"INV-7", "<b>"}, []string{""}},
	} {
		for _, text := range x.good {
			if wrong := x.ask.check(text); wrong != "" {
				t.Errorf("%s %q: %s", name, text, wrong)
			}
		}
		for _, text := range x.bad {
			if x.ask.check(text) == "" {
				t.Errorf("%s %q is taken", name, text)
			}
		}
	}
}
