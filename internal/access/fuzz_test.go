package access_test

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/access/accesstest"
)

// FuzzSessions looks for a token that tells who has signed in and was not given to them: made of anything, of one that was given, or for
// another key.
func FuzzSessions(f *testing.F) {
	ledger := &accesstest.Ledger{}
	s, other := sessions(rand.Text(), ledger), sessions("another key", ledger) // each of the fuzzer's processes has its own
	given := s.Begin("owner")
	raw, err := base64.RawURLEncoding.DecodeString(given)
	if err != nil {
		f.Fatal(err)
	}
	for _, token := range []string{given, other.Begin("owner"), "", "=", given + "A", given[1:], given + "\n", given + "=="} {
		f.Add(token, []byte{}, uint16(0))
	}
	f.Add("", []byte{1}, uint16(7))
	f.Add("", []byte("\xff\xff"), uint16(40))
	f.Fuzz(func(t *testing.T, token string, change []byte, at uint16) {
		if token == "" { // one that was given, changed somewhere
			changed := append([]byte{}, raw...)
			for i, b := range change {
				changed[(int(at)+i)%len(changed)] ^= b
			}
			token = base64.RawURLEncoding.EncodeToString(changed)
		}
		same := strings.NewReplacer("\r", "", "\n", "").Replace(token) == given // base64 has line breaks
		who, ok := s.Who(t.Context(), token)
		if ok != same || ok && who != "owner" {
			t.Errorf("%q: %q, %t", token, who, ok)
		}
		if renewed := s.Renew(token); renewed != "" && !ok {
			t.Errorf("%q is renewed", token)
		}
		if !same {
			if err := s.End(t.Context(), token); err != nil {
				t.Error(err)
			}
		}
		if _, ok := s.Who(t.Context(), given); !ok {
			t.Errorf("after %q the one that was given doesn't hold", token)
		}
	})
}
