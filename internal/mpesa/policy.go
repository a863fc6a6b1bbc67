package mpesa

import (
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// Policy is what the installation decides and the rules obey.
type Policy struct {
	Rules *Rulebook

	RegisterUnknown bool                          // a number nobody knows becomes a customer on first use
	OpeningBalance  money.Amount                  // that such a customer finds in the wallet
	OpeningPIN      func(msisdn.Number) PINDigest // the digest of such a customer's PIN

	Answers       Answers       // how a phone without a way of its own answers
	AnswerAfter   time.Duration // and after how long
	PromptLife    time.Duration // how long a prompt stays open (DarajaTutorial: 1 minute 30 seconds)
	IgnoredResult codes.Result  // of a prompt that nobody answered: 1037, or 1032 as some phones have it

	ResultAfter time.Duration // how long an initiator's request waits for its turn at least
	QueueTime   time.Duration // how long it may wait; then QueueTimeOutURL is told and nothing moves

	Lease   time.Duration                    // how long a new delivery belongs to the node that made it
	Retries map[DeliveryKind][]time.Duration // pauses between the attempts of a delivery; none: a single attempt
}

const (
	sameAmountWindow = 2 * time.Minute // MpesaExpressSimulate, result codes, 17
	blockedFor       = 24 * time.Hour  // DarajaTutorial, Lipa na M-Pesa Online
)

func (p *Policy) lease(now time.Time) int64 { return now.Add(p.Lease).UnixMilli() }
