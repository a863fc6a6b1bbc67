package sms

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

// writer writes messages from what the books say.
type writer struct {
	ctx  context.Context
	read store.Reader
	mint *ids.Mint
}

// event is a payment and what texts say of it.
type event struct {
	*mpesa.Payment
	transfers []mpesa.Transfer
	receipt   string
	on        string // "20/11/26 at 12:00 PM"
}

// messages writes what a customer, or the owner of an organisation, is told of a payment, the newest first.
func (w *writer) messages(p *mpesa.Payment, owner mpesa.Party) (list []Message, err error) {
	add := func(text string, err error) error {
		if text != "" {
			list = append(list, Message{At: time.UnixMilli(p.FinishedAt).In(clock.EAT), Text: text, Payment: p.ID})
		}
		return err
	}
	if p.State != mpesa.Completed {
		if p.Kind != mpesa.Reversal { // by which nothing was taken back
			err = add(w.failure(&p.Header, p.Details.TransactionType, p.Details.Payee))
		}
		return list, err
	}
	at := time.UnixMilli(p.ReceiptAt()).In(clock.EAT)
	e := event{Payment: p, receipt: w.mint.Receipt(p.ID, at), on: at.Format("2/1/06") + " at " + at.Format("3:04 PM")}
	if e.transfers, err = w.read.Transfers(w.ctx, p.ID); err != nil {
		return nil, err
	}
	switch _, customer := owner.Phone(); {
	case customer && p.Payer == owner:
		err = add(w.paid(e))
	case customer:
		err = add(w.received(e))
	case p.Payer != owner:
		err = add(w.earned(e))
	}
	return list, err
}

// paid is the SMS to the customer who paid.
func (w *writer) paid(e event) (string, error) {
	payee, err := w.name(e.Payee, e.Details.Payee)
	if err != nil {
		return "", err
	}
	cost := fmt.Sprintf("New M-PESA balance is Ksh%s. Transaction cost, Ksh%s.", e.balance(e.Payer.Account(mpesa.Wallet)), e.charge().Grouped())
	amount := e.Amount.Grouped()
	phone, _ := e.Payee.Phone()
	switch {
	case e.Kind == mpesa.B2BExpress:
		return w.checkedOut(e)
	case e.Kind == mpesa.Reversal:
		return w.takenBack(e, payee)
	case e.Kind == mpesa.Withdrawal:
		return fmt.Sprintf("%s Confirmed. on %s Withdraw Ksh%s from M-PESA Agent. %s", e.receipt, e.on, amount, cost), nil
	case e.Kind == mpesa.SendMoney && e.Details.TransactionType == mpesa.TakeFromPochi:
		return fmt.Sprintf("%s Confirmed. Ksh%s moved from your business account to M-PESA on %s. New business balance is Ksh%s. %s",
			e.receipt, amount, e.on, e.balance(e.Payer.Account(mpesa.Pochi)), cost), nil
	case e.Kind == mpesa.SendMoney && e.Details.TransactionType == mpesa.SendToPochi:
		return fmt.Sprintf("%s Confirmed. Ksh%s paid to %s on %s. %s", e.receipt, amount, payee, e.on, cost), nil
	case e.Kind == mpesa.SendMoney:
		return fmt.Sprintf("%s Confirmed. Ksh%s sent to %s %s on %s. %s", e.receipt, amount, payee, phone.Local(), e.on, cost), nil
	case e.Details.TransactionType == mpesa.CustomerBuyGoodsOnline:
		return fmt.Sprintf("%s Confirmed. Ksh%s paid to %s. on %s. %s", e.receipt, amount, payee, e.on, cost), nil
	}
	return fmt.Sprintf("%s Confirmed. Ksh%s sent to %s for account %s on %s. %s", e.receipt, amount, payee, e.Details.Reference, e.on, cost), nil
}

// takenBack is the SMS to a customer whom a business had paid. No source has its text.
func (w *writer) takenBack(e event, payee string) (string, error) {
	original, err := store.Get(w.ctx, w.read, mpesa.Payments, e.Details.Original)
	if err != nil || original == nil {
		return "", err
	}
	account, into := e.Payer.Account(mpesa.Wallet), "M-PESA"
	if original.Kind == mpesa.B2Pochi {
		account, into = e.Payer.Account(mpesa.Pochi), "business"
	}
	return fmt.Sprintf("%s Confirmed. Transaction %s of Ksh%s from %s was reversed on %s. New %s balance is Ksh%s.",
		e.receipt, w.mint.Receipt(original.ID, time.UnixMilli(original.ReceiptAt())), e.Amount.Grouped(), payee, e.on, into, e.balance(account)), nil
}

// received is the SMS to the customer who got money; "" when the payment isn't one that they are told of.
func (w *writer) received(e event) (string, error) {
	wallet := fmt.Sprintf("New M-PESA balance is Ksh%s.", e.balance(e.Payee.Account(mpesa.Wallet)))
	business := fmt.Sprintf("New business balance is Ksh%s.", e.balance(e.Payee.Account(mpesa.Pochi)))
	switch e.Kind {
	case mpesa.Deposit:
		return fmt.Sprintf("%s Confirmed. On %s Give Ksh%s cash to M-PESA Agent. %s", e.receipt, e.on, e.Amount.Grouped(), wallet), nil
	case mpesa.B2C:
		return w.payout(e, wallet)
	case mpesa.B2Pochi:
		return w.gotten(e, "%s Confirmed. You have received Ksh%s from %s on %s. %s", business)
	case mpesa.SendMoney:
		if e.Details.TransactionType == mpesa.SendToPochi {
			wallet = business
		}
		return w.gotten(e, "%s Confirmed. You have received Ksh%s from %s on %s. %s", wallet)
	case mpesa.Reversal:
		return w.reversed(e, "your M-PESA account. New M-PESA account balance is Ksh"+e.balance(e.Payee.Account(mpesa.Wallet)))
	}
	return "", nil
}

// payout is the SMS for a payment by a business. A promotion congratulates, and salaries reach people who have no M-PESA account
// to tell the balance of (BusinessToCustomer, CommandID).
func (w *writer) payout(e event, balance string) (string, error) {
	if e.Details.Unknown {
		balance = "Visit an M-PESA agent with your ID to withdraw it."
	}
	switch e.Details.TransactionType {
	case mpesa.SalaryPayment:
		return w.gotten(e, "%s Confirmed. You have received a salary of Ksh%s from %s on %s. %s", balance)
	case mpesa.PromotionPayment:
		return w.gotten(e, "Congratulations! %s Confirmed. You have received Ksh%s from %s on %s. %s", balance)
	}
	return w.gotten(e, "%s Confirmed. You have received Ksh%s from %s on %s. %s", balance)
}

// gotten fills in what a customer got and from whom: a name with its number.
func (w *writer) gotten(e event, format, balance string) (string, error) {
	payer, err := w.name(e.Payer, e.Details.Payer)
	number := e.Payer.String()
	if phone, ok := e.Payer.Phone(); ok {
		number = phone.Local()
	}
	return fmt.Sprintf(format, e.receipt, e.Amount.Grouped(), payer+" "+number, e.on, balance), err
}

// reversed is the SMS to the customer who gets their money back.
func (w *writer) reversed(e event, into string) (string, error) {
	original, err := store.Get(w.ctx, w.read, mpesa.Payments, e.Details.Original)
	if err != nil || original == nil {
		return "", err
	}
	return fmt.Sprintf("%s Confirmed. Reversal of transaction %s has been successfully reversed on %s and Ksh%s is credited to %s.",
		e.receipt, w.mint.Receipt(original.ID, time.UnixMilli(original.ReceiptAt())), e.on, e.Amount.Grouped(), into), nil
}

// earned is the SMS to the owner of an organisation for what others paid into it; "" for what nobody else paid.
func (w *writer) earned(e event) (string, error) {
	into, balance := e.credited(e.Payee)
	switch e.Kind {
	case mpesa.Express, mpesa.C2B, mpesa.B2B, mpesa.Tax, mpesa.B2BExpress:
	case mpesa.Reversal:
		return w.reversed(e, fmt.Sprintf("your %s. New %s balance is Ksh%s", into, into, balance.Grouped()))
	default:
		return "", nil
	}
	payer, err := w.name(e.Payer, e.Details.Payer)
	number := e.Payer.String()
	if e.Kind == mpesa.B2BExpress { // its payer is who was asked, not who pays
		number = e.Details.From.String()
	} else if phone, ok := e.Payer.Phone(); ok {
		number = hidden(phone)
	}
	account := ""
	if e.Details.Reference != "" && e.Details.TransactionType != mpesa.CustomerBuyGoodsOnline {
		account = "Account Number " + e.Details.Reference + ". "
	}
	return fmt.Sprintf("%s Confirmed. on %s Ksh%s received from %s %s. %sNew %s balance is Ksh%s.",
		e.receipt, e.on, e.Amount.Grouped(), payer, number, account, into, balance.Grouped()), err
}

// hidden is a customer's number as businesses see it: as little of it as their callbacks show (wire.md §6.3).
func hidden(phone msisdn.Number) string {
	local := phone.Local()
	return local[:4] + "***" + local[len(local)-3:]
}

// failure is what the payer is told when nothing moved. Who cancelled or never answered is told nothing.
func (w *writer) failure(p *mpesa.Header, transactionType, name string) (string, error) {
	switch p.Result {
	case codes.InsufficientFunds:
		account, do := "M-PESA", "pay"
		switch {
		case p.Kind == mpesa.Withdrawal:
			do = "withdraw"
		case p.Kind == mpesa.B2BExpress:
			account = "business"
		case transactionType == mpesa.TakeFromPochi:
			account, do = "business", "move"
		}
		return fmt.Sprintf("Failed. You do not have enough money in your %s account to %s Ksh%s. You may deposit money and try again.", account, do, p.Amount.Grouped()), nil
	case codes.InvalidInitiator:
		return "Failed. You have entered a wrong PIN. Please try again with the right one.", nil
	case codes.CredentialLocked:
		return "Failed. Your M-PESA PIN is locked. Please call customer care.", nil
	case codes.CancelledByUser, codes.Unreachable, codes.Expired, codes.AnswerLost, codes.PushFailed, codes.SubscriberLocked:
		return "", nil
	}
	if p.Kind == mpesa.Withdrawal {
		return fmt.Sprintf("Transaction failed, M-PESA cannot complete withdrawal of Ksh %s. %s", p.Amount, p.Result.Desc(p.Kind.String())), nil
	}
	reason := p.Result.Desc(p.Kind.String())
	if p.Result == codes.ValidationFailed { // DarajaTutorial, API errors
		reason = "Organization receiving the payment is unavailable, try again later."
	}
	payee, err := w.name(p.Payee, name)
	return fmt.Sprintf("Transaction failed, M-PESA cannot complete payment of Ksh %s to %s. %s", p.Amount, payee, reason), err
}

// name is a party's name: as the payment remembers it, or else as it is registered. A party without one goes by its number.
func (w *writer) name(party mpesa.Party, remembered string) (string, error) {
	if remembered != "" {
		return remembered, nil
	}
	if phone, ok := party.Phone(); ok {
		s, err := store.Get(w.ctx, w.read, mpesa.Subscribers, phone)
		if err != nil || s == nil {
			return phone.Local(), err
		}
		return s.Name, nil
	}
	if shortcode, ok := party.Shortcode(); ok {
		o, err := store.Get(w.ctx, w.read, mpesa.Registry, shortcode)
		if err != nil || o == nil {
			return party.String(), err
		}
		return o.Name, nil
	}
	return "M-PESA", nil
}

// balance is what an account held after the payment.
func (e *event) balance(account mpesa.AccountID) string {
	var balance money.Amount
	for _, t := range e.transfers {
		switch account {
		case t.Debit:
			balance = t.DebitAfter
		case t.Credit:
			balance = t.CreditAfter
		}
	}
	return balance.Grouped()
}

// charge is what the customer paid beside the amount.
func (e *event) charge() (sum money.Amount) {
	for _, t := range e.transfers {
		if t.Kind == mpesa.CustomerCharge {
			sum += t.Amount
		}
	}
	return sum
}

// credited is the account that a party got the payment's amount into, and what it then held.
func (e *event) credited(party mpesa.Party) (mpesa.AccountKind, money.Amount) {
	for _, t := range e.transfers {
		if t.Kind == mpesa.Principal && t.Credit.Party() == party {
			return t.Credit.Kind(), t.CreditAfter
		}
	}
	return 0, 0
}
