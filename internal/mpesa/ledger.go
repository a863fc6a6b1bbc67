package mpesa

import (
	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// What has moved to package ledger, by its old names.
type (
	Shortcode    = ledger.Shortcode
	Party        = ledger.Party
	AccountKind  = ledger.AccountKind
	AccountID    = ledger.AccountID
	Account      = ledger.Account
	Recent       = ledger.Recent
	TransferKind = ledger.TransferKind
	Transfer     = ledger.Transfer
	Posting      = ledger.Move
)

const (
	Provider    = ledger.Provider
	Trust       = ledger.Trust
	Fees        = ledger.Fees
	Wallet      = ledger.Wallet
	Working     = ledger.Working
	Utility     = ledger.Utility
	ChargesPaid = ledger.ChargesPaid
	Merchant    = ledger.Merchant
	Settlement  = ledger.Settlement
	Pochi       = ledger.Pochi
	Float       = ledger.Float

	Principal      = ledger.Principal
	CustomerCharge = ledger.CustomerCharge
	BusinessCharge = ledger.BusinessCharge
)

var (
	Accounts  = ledger.Accounts
	Transfers = ledger.Transfers
)

func ParseShortcode(s string) (Shortcode, bool) { return ledger.ParseShortcode(s) }
func CustomerParty(n msisdn.Number) Party       { return ledger.CustomerParty(n) }
