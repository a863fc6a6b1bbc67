package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/internal/msisdn"
)

// One-time PINs, which go by SMS to an operator's phone: to sign in to the portal, to recover a password, to go live.

// The bounds of one-time PINs. No source has OTPPause.
const (
	OTPLife   = 3 * time.Minute  // how long one is valid (DarajaTutorial, Go Live)
	OTPLength = 6                // digits
	OTPPause  = 30 * time.Second // before another one is sent
)

// OTPPurpose is what a one-time PIN lets somebody do.
type OTPPurpose string

// The purposes.
const (
	OTPSignIn  OTPPurpose = "sign-in"
	OTPRecover OTPPurpose = "recover" // a forgotten password
	OTPGoLive  OTPPurpose = "go live"
)

// OneTimePIN is a PIN that was sent to an operator's phone; none has no digest.
type OneTimePIN struct {
	Digest  string     `json:"digest,omitempty"` // keyed: the rules never see a PIN
	Purpose OTPPurpose `json:"purpose,omitempty"`
	At      int64      `json:"at,omitempty"`    // when it was sent; milliseconds
	Wrong   int        `json:"wrong,omitempty"` // other PINs that were entered
}

// Draw is a new one-time PIN: what the phone gets and what is kept of it.
type Draw struct{ Digits, Digest string }

// SendOTP sends a one-time PIN in place of the one before. Wrong entries count on: to ask for another one gives nobody more of them.
func (v *View) SendOTP(p *OneTimePIN, phone msisdn.Number, what string, purpose OTPPurpose, draw Draw, now time.Time) {
	*p = OneTimePIN{Digest: draw.Digest, Purpose: purpose, At: now.UnixMilli(), Wrong: p.Wrong}
	v.Send(phone, fmt.Sprintf("%s is %s. It is valid for %d minutes. Do not share it with anybody.", what, draw.Digits, int(OTPLife.Minutes())), now)
}

// Expires is when the PIN's time is over.
func (p OneTimePIN) Expires() time.Time { return time.UnixMilli(p.At).Add(OTPLife) }

// Rested reports whether another one-time PIN may be sent.
func (p OneTimePIN) Rested(now time.Time) bool {
	return now.UnixMilli()-p.At >= OTPPause.Milliseconds()
}

// Unrested says how long to wait for another one.
func (p OneTimePIN) Unrested(now time.Time) string {
	wait := time.Duration(p.At-now.UnixMilli())*time.Millisecond + OTPPause
	return fmt.Sprintf("the last one-time PIN was sent only just now; another one can be sent in %d seconds", (wait+time.Second-1)/time.Second)
}

// Waits reports whether a one-time PIN of a purpose was sent and is still to be entered.
func (p OneTimePIN) Waits(purpose OTPPurpose) bool { return p.Digest != "" && p.Purpose == purpose }
