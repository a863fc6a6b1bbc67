package handset

import (
	"context"
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
)

// Message is an SMS that a customer got.
type Message struct {
	At      time.Time
	Text    string
	Payment int64
}

// Messages writes the messages that a customer's phone received, newest first. They are not stored: the payments that the
// customer's wallet remembers say all that was in them.
func Messages(ctx context.Context, r store.Reader, mint *ids.Mint, phone msisdn.Number, limit int) ([]Message, error) {
	wallet, err := r.Account(ctx, mpesa.CustomerParty(phone).Account(mpesa.Wallet))
	if err != nil || wallet == nil {
		return nil, err
	}
	var list []Message
	for id := wallet.LastPayment; id != 0 && len(list) < limit; {
		p, err := r.Payment(ctx, id)
		if err != nil || p == nil {
			return list, err
		}
		text, err := message(ctx, r, mint, *p)
		if err != nil {
			return list, err
		}
		if text != "" {
			list = append(list, Message{At: time.UnixMilli(p.FinishedAt).In(clock.EAT), Text: text, Payment: p.ID})
		}
		id = p.Previous
	}
	return list, nil
}

// message is the SMS that the payer got about a payment; "" when there was none.
func message(ctx context.Context, r store.Reader, mint *ids.Mint, p mpesa.Payment) (string, error) {
	if p.State != mpesa.Completed {
		return failure(p), nil
	}
	transfers, err := r.Transfers(ctx, p.ID)
	if err != nil {
		return "", err
	}
	var balance, charge money.Amount
	for _, t := range transfers {
		if t.Debit == p.Payer.Account(mpesa.Wallet) {
			balance = t.DebitAfter
		}
		if t.Kind == mpesa.CustomerCharge {
			charge = t.Amount
		}
	}
	name := p.Payee.String()
	if shortcode, ok := p.Payee.Shortcode(); ok {
		o, err := r.Organisation(ctx, shortcode)
		if err != nil {
			return "", err
		}
		if o != nil {
			name = o.Name
		}
	}
	at := time.UnixMilli(p.FinishedAt).In(clock.EAT)
	when := at.Format("2/1/06") + " at " + at.Format("3:04 PM")
	receipt := mint.Receipt(p.ID, at)
	if p.Details.TransactionType == mpesa.CustomerBuyGoodsOnline {
		return fmt.Sprintf("%s Confirmed. Ksh%s paid to %s. on %s. New M-PESA balance is Ksh%s. Transaction cost, Ksh%s.",
			receipt, p.Amount.Grouped(), name, when, balance.Grouped(), charge.Grouped()), nil
	}
	return fmt.Sprintf("%s Confirmed. Ksh%s sent to %s for account %s on %s. New M-PESA balance is Ksh%s. Transaction cost, Ksh%s.",
		receipt, p.Amount.Grouped(), name, p.Details.Reference, when, balance.Grouped(), charge.Grouped()), nil
}

// failure is what the payer is told when nothing moved. Who cancelled or never answered is told nothing.
func failure(p mpesa.Payment) string {
	switch p.Result {
	case codes.InsufficientFunds:
		return fmt.Sprintf("Failed. You do not have enough money in your M-PESA account to pay Ksh%s. You may deposit money and try again.", p.Amount.Grouped())
	case codes.InvalidInitiator:
		return "Failed. You have entered a wrong PIN. Please try again with the right one."
	case codes.CredentialLocked:
		return "Failed. Your M-PESA PIN is locked. Please call customer care."
	case codes.CancelledByUser, codes.Unreachable, codes.Expired, codes.PushFailed, codes.SubscriberLocked:
		return ""
	default:
		return fmt.Sprintf("Transaction failed, M-PESA cannot complete payment of Ksh %s to %s. %s", p.Amount, p.Payee, p.Result.Callback())
	}
}
