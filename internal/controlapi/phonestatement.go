package controlapi

import (
	"context"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// The mini statement of a customer's phone.
const (
	miniStatement = 5   // lines
	maxLookedAt   = 100 // payments: those that failed are in the chain too
)

// movements lists the latest payments into and out of a customer's wallet, newest first, along the chain that the wallet is the head of.
func (s *server) movements(ctx context.Context, wallet mpesa.Account) ([]control.Movement, error) {
	list := []control.Movement{}
	next := wallet.LastPayment
	for looked := 0; next != 0 && looked < maxLookedAt && len(list) < miniStatement; looked++ {
		p, err := store.Get(ctx, s.Store, mpesa.Payments, next)
		if err != nil || p == nil {
			return list, err
		}
		next = p.PreviousOf(wallet.ID.Party())
		if p.State != mpesa.Completed {
			continue
		}
		m, moved, err := s.movement(ctx, p, wallet.ID)
		if err != nil {
			return list, err
		}
		if moved {
			list = append(list, m)
		}
	}
	return list, nil
}

// movement is what a payment did to a wallet; moved is false when that is nothing.
func (s *server) movement(ctx context.Context, p *mpesa.Payment, wallet mpesa.AccountID) (m control.Movement, moved bool, err error) {
	transfers, err := s.Store.Transfers(ctx, p.ID)
	if err != nil {
		return m, false, err
	}
	for _, t := range transfers {
		switch {
		case t.Credit == wallet:
			m.PaidIn += control.Amount(t.Amount)
			m.Balance = control.Amount(t.CreditAfter)
		case t.Debit == wallet && t.Kind == mpesa.CustomerCharge:
			m.Charge += control.Amount(t.Amount)
			m.Balance = control.Amount(t.DebitAfter)
		case t.Debit == wallet:
			m.Withdrawn += control.Amount(t.Amount)
			m.Balance = control.Amount(t.DebitAfter)
		default:
			continue
		}
		moved = true
	}
	if !moved {
		return m, false, nil
	}
	at := time.UnixMilli(p.ReceiptAt())
	m.Payment, m.Receipt, m.At = p.ID, s.Mint.Receipt(p.ID, at), control.At(p.ReceiptAt())
	m.Details, err = s.movementDetails(ctx, p, wallet)
	return m, true, err
}

// movementDetails says what a payment was for, from the side of a wallet.
func (s *server) movementDetails(ctx context.Context, p *mpesa.Payment, wallet mpesa.AccountID) (string, error) {
	switch {
	case p.Kind == mpesa.Deposit, p.Kind == mpesa.Withdrawal:
		return p.Details.TransactionType, nil
	case p.Payer == p.Payee:
		return mpesa.TakeFromPochi, nil
	case p.Kind == mpesa.Reversal && p.Payer == wallet.Party():
		name, err := s.partyName(ctx, p.Payee, p.Details.Payee)
		return "Reversal by " + name, err
	case p.Payer == wallet.Party():
		name, err := s.partyName(ctx, p.Payee, p.Details.Payee)
		return paidTo(p, name), err
	case p.Kind == mpesa.Reversal:
		name, err := s.partyName(ctx, p.Payer, p.Details.Payer)
		return "Reversal by " + name, err
	}
	name, err := s.partyName(ctx, p.Payer, p.Details.Payer)
	return "Funds received from " + name, err
}

// paidTo is what a customer's payment to somebody is called on statements.
func paidTo(p *mpesa.Payment, name string) string {
	switch {
	case p.Kind == mpesa.SendMoney:
		return p.Details.TransactionType + " to " + name
	case p.Details.TransactionType == mpesa.CustomerBuyGoodsOnline:
		return "Merchant Payment to " + name
	}
	return "Pay Bill to " + name + " Acc. " + p.Details.Reference
}

// partyName is a party's number and name: as the payment remembers it, or else as it is registered.
func (s *server) partyName(ctx context.Context, p mpesa.Party, remembered string) (string, error) {
	if phone, ok := p.Phone(); ok {
		x, err := store.Get(ctx, s.Store, mpesa.Subscribers, phone)
		if err == nil && x != nil && remembered == "" {
			remembered = x.Name
		}
		return numbered(phone.Local(), remembered), err
	}
	if shortcode, ok := p.Shortcode(); ok && remembered == "" {
		o, err := s.Engine.Directory().Organisation(ctx, shortcode)
		if err != nil || o == nil {
			return p.String(), err
		}
		remembered = o.Name
	}
	return numbered(p.String(), remembered), nil
}

func numbered(number, name string) string {
	if name == "" {
		return number
	}
	return number + " " + name
}
