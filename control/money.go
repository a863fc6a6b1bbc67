package control

import (
	"context"
	"net/http"
	"net/url"
)

// Pay is a customer paying a business from the phone's menu.
type Pay struct {
	Shortcode string `json:"shortcode" is:"shortcode" doc:"Of a pay bill or a till."`
	Account   string `json:"account,omitempty" is:"line" jsonschema:"minLength=1,maxLength=20" doc:"The account number: of a pay bill."`
	Amount    Amount `json:"amount" is:"amount" doc:"Shillings, more than 0 and at most 1000000000, with at most two decimals as text, whole as a number."`
	PIN       string `json:"pin,omitempty" is:"pin" doc:"Four digits; without it the owner enters the right one."`
}

// Send is a customer sending money to another.
type Send struct {
	To     string `json:"to" is:"msisdn" doc:"The number that gets it."`
	Pochi  bool   `json:"pochi,omitempty" doc:"Into the business wallet."`
	Amount Amount `json:"amount" is:"amount" doc:"Shillings, more than 0 and at most 1000000000, with at most two decimals as text, whole as a number."`
	PIN    string `json:"pin,omitempty" is:"pin" doc:"Four digits; without it the owner enters the right one."`
}

// Cash is a customer taking cash out at an agent, or emptying the business wallet.
type Cash struct {
	Amount Amount `json:"amount" is:"amount" doc:"Shillings, more than 0 and at most 1000000000, with at most two decimals as text, whole as a number."`
	PIN    string `json:"pin,omitempty" is:"pin" doc:"Four digits; without it the owner enters the right one."`
}

// CashDeposit is cash that a customer pays in at an agent.
type CashDeposit struct {
	Amount Amount `json:"amount" is:"amount" doc:"Shillings, more than 0 and at most 1000000000, with at most two decimals as text, whole as a number."`
}

// Move is an organisation moving money between its own accounts: "working", "utility", "merchant" or "float".
type Move struct {
	From   AccountWord `json:"from" is:"from account"`
	To     AccountWord `json:"to" is:"to account"`
	Amount Amount      `json:"amount" is:"amount" doc:"Shillings, more than 0 and at most 1000000000, with at most two decimals as text, whole as a number."`
}

// BankDeposit is money from outside into an organisation's account.
type BankDeposit struct {
	Amount  Amount      `json:"amount" is:"amount" doc:"Shillings, more than 0 and at most 1000000000, with at most two decimals as text, whole as a number."`
	Account AccountWord `json:"account,omitempty" is:"deposit account" doc:"\"working\", \"utility\" or \"merchant\"; \"\": working."`
}

// BankWithdrawal is money from an organisation's Working account to its bank.
type BankWithdrawal struct {
	Amount Amount `json:"amount" is:"amount" doc:"Shillings, more than 0 and at most 1000000000, with at most two decimals as text, whole as a number."`
}

// Pay has a customer pay a business from the phone's menu, and gives the payment as it then is. One that a rule forbids is not an
// error: it has failed, with a result and a reason. So it is with all that move money, but for what is initiated as a task: Settle, Move and
// WithdrawToBank.
func (c *Client) Pay(ctx context.Context, number string, pay Pay) (*Payment, error) {
	return send[Payment](ctx, c, http.MethodPost, phonePath(number, "/pay"), pay)
}

// Send has a customer send money to another.
func (c *Client) Send(ctx context.Context, number string, x Send) (*Payment, error) {
	return send[Payment](ctx, c, http.MethodPost, phonePath(number, "/send"), x)
}

// WithdrawCash has a customer take cash out at an agent.
func (c *Client) WithdrawCash(ctx context.Context, number string, cash Cash) (*Payment, error) {
	return send[Payment](ctx, c, http.MethodPost, phonePath(number, "/withdraw"), cash)
}

// DepositCash has a customer pay cash in at an agent.
func (c *Client) DepositCash(ctx context.Context, number string, amount Amount) (*Payment, error) {
	return send[Payment](ctx, c, http.MethodPost, phonePath(number, "/deposit"), CashDeposit{amount})
}

// EmptyPochi has a customer move money from their business wallet to their own one.
func (c *Client) EmptyPochi(ctx context.Context, number string, cash Cash) (*Payment, error) {
	return send[Payment](ctx, c, http.MethodPost, phonePath(number, "/pochi"), cash)
}

// Settle has an organisation settle its revenue: what came in clears what it owes, and the rest becomes Working. Where a rule
// forbids it, the error is a *Problem with status 409.
func (c *Client) Settle(ctx context.Context, shortcode string) (*Payment, error) {
	return send[Payment](ctx, c, http.MethodPost, organisationPath(shortcode, "/settle"), nil)
}

// Move has an organisation move money between its own accounts, like Settle.
func (c *Client) Move(ctx context.Context, shortcode string, move Move) (*Payment, error) {
	return send[Payment](ctx, c, http.MethodPost, organisationPath(shortcode, "/move"), move)
}

// WithdrawToBank has an organisation withdraw from its Working account, like Settle.
func (c *Client) WithdrawToBank(ctx context.Context, shortcode string, amount Amount) (*Payment, error) {
	return send[Payment](ctx, c, http.MethodPost, organisationPath(shortcode, "/withdraw"), BankWithdrawal{amount})
}

// DepositFromBank pays money from outside into an organisation's account.
func (c *Client) DepositFromBank(ctx context.Context, shortcode string, deposit BankDeposit) (*Payment, error) {
	return send[Payment](ctx, c, http.MethodPost, organisationPath(shortcode, "/deposit"), deposit)
}

func phonePath(number, rest string) string { return "phones/" + url.PathEscape(number) + rest }

func organisationPath(shortcode, rest string) string {
	return "organisations/" + url.PathEscape(shortcode) + rest
}
