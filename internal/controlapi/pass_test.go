package controlapi

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// FuzzPasses looks for a ticket or a session that opens and was not sealed: made of anything, of one that was sealed, or for another step,
// organisation or key.
func FuzzPasses(f *testing.F) {
	const shortcode = 600000
	now := new(clock.Shifted)
	key := []byte(rand.Text() + rand.Text())[:32] // each of the fuzzer's processes has its own
	s := &server{Options: Options{Clock: now, Sign: func(string) []byte { return key }}}
	other := &server{Options: Options{Clock: now, Sign: func(string) []byte { return bytes.Repeat([]byte{8}, 32) }}}
	p := pass{Step: control.StepOTP, Shortcode: shortcode, Username: "amina", Epoch: 3, Purpose: "sign in", Since: now.Now().UnixMilli()}
	sealed := s.seal(p)
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{sealed, other.seal(p), "", "=", sealed + "A", sealed[1:], sealed + "\n"} {
		f.Add(text, []byte{}, uint16(0), int64(shortcode), string(p.Step))
	}
	f.Add("", []byte{1}, uint16(7), int64(shortcode), string(p.Step))
	f.Add(sealed, []byte{}, uint16(0), int64(600996), string(p.Step))
	f.Add(sealed, []byte{}, uint16(0), int64(shortcode), string(control.StepDone))
	f.Fuzz(func(t *testing.T, text string, change []byte, at uint16, code int64, step string) {
		if text == "" { // one that was sealed, changed somewhere
			changed := bytes.Clone(raw)
			for i, b := range change {
				changed[(int(at)+i)%len(changed)] ^= b
			}
			text = base64.RawURLEncoding.EncodeToString(changed)
		}
		got, err := s.ticket(text, control.SignInStep(step), mpesa.Shortcode(code))
		if right := strings.NewReplacer("\r", "", "\n", "").Replace(text) == sealed && code == shortcode && step == string(p.Step); (err == nil) != right || right && got != p {
			t.Errorf("%q for the step %q of %d: %+v, %v", text, step, code, got, err)
		}
		if got, ok := other.open(sealed, mpesa.Shortcode(code)); ok {
			t.Errorf("with another key: %+v", got)
		}
	})
}
