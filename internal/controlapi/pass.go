package controlapi

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// How long sign-ins and sessions last, by the clock that can be moved.
const (
	ticketLife  = 15 * time.Minute // for one step of a sign-in
	sessionIdle = 15 * time.Minute
	sessionLife = 12 * time.Hour
)

// pass is what an operator shows to go on: a ticket, for the next step of a sign-in, or the token of a session. It is encrypted, and kept by
// them: any node, and one that was started again, can read it. The operator's row has its epoch, which grows with all that ends sessions.
type pass struct {
	Step      control.SignInStep `json:"t"` // api.StepOTP and so on; StepDone: a session
	Shortcode mpesa.Shortcode    `json:"s"`
	Username  string             `json:"u"`
	Epoch     int64              `json:"e"`
	Purpose   string             `json:"p,omitempty"` // of the one-time PIN
	Since     int64              `json:"a"`           // milliseconds
	Seen      int64              `json:"n,omitempty"` // when the session was used last; milliseconds
}

func (p *pass) id() mpesa.OperatorID {
	return mpesa.OperatorID{Shortcode: p.Shortcode, Username: p.Username}
}

// seal writes a pass down. It is encrypted, and the epoch doesn't show in its length: a ticket for a forgotten password tells nobody whether
// there is such an operator.
func (s *server) seal(p pass) string {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // it can be marshalled
	}
	b = fmt.Appendf(b, "%*s", mostDigits-len(strconv.FormatInt(p.Epoch, 10)), "")
	return base64.RawURLEncoding.EncodeToString(s.passes().Seal(nil, nil, b, nil))
}

const mostDigits = 20 // of an epoch

// passes is what passes are encrypted with.
func (s *server) passes() cipher.AEAD {
	block, err := aes.NewCipher(s.Sign("portal passes"))
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // an AES block has the right size
	}
	return aead
}

// open reads a pass for an organisation, unless it isn't one of ours.
func (s *server) open(text string, shortcode mpesa.Shortcode) (p pass, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return p, false
	}
	if b, err = s.passes().Open(nil, nil, b, nil); err != nil {
		return p, false
	}
	return p, json.Unmarshal(b, &p) == nil && p.Shortcode == shortcode
}

// ticket reads the ticket for a step of a sign-in.
func (s *server) ticket(text string, step control.SignInStep, shortcode mpesa.Shortcode) (pass, error) {
	p, ok := s.open(text, shortcode)
	if !ok || p.Step != step || s.Clock.Now().Sub(time.UnixMilli(p.Since)) >= ticketLife {
		return p, notSignedIn.problem("the sign-in has ended, or has not got so far: begin anew")
	}
	return p, nil
}

// session finds out whose session the request's header names.
func (s *server) session(r *http.Request) (pass, *mpesa.Operator, error) {
	code, err := readPath(r, "shortcode", shortcode)
	if err != nil {
		return pass{}, nil, err
	}
	p, ok := s.open(r.Header.Get(control.SessionHeader), code)
	if !ok || p.Step != control.StepDone {
		return p, nil, notSignedIn.problem("nobody of %s is signed in", code)
	}
	o, err := store.Get(r.Context(), s.Store, mpesa.Operators, p.id()) // the row itself: what a node remembers may be a second old
	switch now := s.Clock.Now(); {
	case err != nil:
		return p, nil, err
	case now.Sub(time.UnixMilli(p.Since)) >= sessionLife, now.Sub(time.UnixMilli(p.Seen)) >= sessionIdle:
		return p, nil, notSignedIn.problem("the session of %s is over: sign in again", p.Username)
	case o == nil || o.Epoch != p.Epoch || o.State() != mpesa.OperatorActive || o.Channel != mpesa.ChannelWeb:
		return p, nil, notSignedIn.problem("the session of %s has ended: signed out, or the password, roles or state were changed", p.Username)
	}
	return p, o, nil
}

// shownSession is a session as it is after it was used.
func (s *server) shownSession(r *http.Request, p pass, o *mpesa.Operator) (*control.Session, error) {
	organisation, err := s.Engine.Directory().Organisation(r.Context(), p.Shortcode)
	if err != nil {
		return nil, err
	}
	p.Seen = s.Clock.Now().UnixMilli()
	ends := p.Since + sessionLife.Milliseconds()
	x := &control.Session{Token: s.seal(p), Operator: *operator(o), EndsAt: control.At(ends), IdleAt: control.At(min(ends, p.Seen+sessionIdle.Milliseconds()))}
	if organisation != nil {
		x.Organisation = organisation.Name
	}
	return x, nil
}
