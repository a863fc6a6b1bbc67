package daraja

import (
	"cmp"
	"context"
	"fmt"
	"strings"
)

// AccountBalance is the only command of the account balance API (wire.md §11).
const AccountBalance = "AccountBalance"

const accountBalancePath = "/mpesa/accountbalance/v1/query"

// AccountBalanceRequest asks for the balances of an organisation's accounts (wire.md §11). All fields are mandatory; see
// WithInitiator for Initiator and SecurityCredential.
type AccountBalanceRequest struct {
	Initiator          string // the API operator
	SecurityCredential string // see EncryptCredential
	CommandID          string // AccountBalance
	PartyA             string // the organisation's shortcode
	IdentifierType     string // IdentifierShortcode
	Remarks            string // at most 100 characters
	QueueTimeOutURL    string // where the Result is posted to if the request is not processed in time
	ResultURL          string // where the Result is posted to
}

// The keys of the parameters in the Result of a balance query, besides ParamBOCompletedTime (wire.md §11).
const (
	ParamActionType     = "ActionType"     // "AccountBalance"
	ParamAccountBalance = "AccountBalance" // see ParseAccounts
	ParamErrorMsg       = "ErrorMsg"       // in failures, in place of the balance
)

// The names of an organisation's and a customer's accounts (wire.md §18).
const (
	WorkingAccount                = "Working Account" // also MMF
	UtilityAccount                = "Utility Account"
	ChargesPaidAccount            = "Charges Paid Account"
	MerchantAccount               = "Merchant Account"
	OrganizationSettlementAccount = "Organization Settlement Account"
	FloatAccount                  = "Float Account"
	CustomerAccount               = "MMF Account For Customer"
)

// AccountBalance asks for the balances of an organisation's accounts. Without an error the request was accepted; the Result
// has the balances as ParamAccountBalance. It fills in the CommandID where there is none.
//
// It returns an *Error when the host refuses. To ask again moves no money.
func (c *Client) AccountBalance(ctx context.Context, req AccountBalanceRequest) (*Acknowledgement, error) {
	req.CommandID = cmp.Or(req.CommandID, AccountBalance)
	return c.submit(ctx, accountBalancePath, &req, &req.Initiator, &req.SecurityCredential)
}

// Account is an account and its balances, in cents (wire.md §11). Current is Available and Reserved together.
type Account struct {
	Name      string // such as WorkingAccount
	Currency  string // "KES"
	Current   int64
	Available int64
	Reserved  int64 // held for payments under way
	Uncleared int64
}

// accountFields is how many fields an account has on the wire.
const accountFields = 6

// ParseAccounts reads accounts in the form of a result's parameter: "Working Account|KES|10.00|8.00|2.00|0.00", with &
// between accounts (wire.md §11). ParamAccountBalance has all of an organisation's, ParamDebitPartyAffected the one that
// paid. It returns an error for anything else, also for an empty value.
func ParseAccounts(v Value) ([]Account, error) {
	var accounts []Account
	for text := range strings.SplitSeq(string(v), "&") {
		account, err := parseAccount(text)
		if err != nil {
			return nil, fmt.Errorf("daraja: account %q: %w", text, err)
		}
		accounts = append(accounts, account)
	}
	return accounts, nil
}

func parseAccount(text string) (Account, error) {
	fields := strings.Split(text, "|")
	if len(fields) != accountFields {
		return Account{}, fmt.Errorf("%d fields, want %d", len(fields), accountFields)
	}
	account := Account{Name: fields[0], Currency: fields[1]}
	for i, cents := range []*int64{&account.Current, &account.Available, &account.Reserved, &account.Uncleared} {
		amount, ok := Value(fields[2+i]).Cents()
		if !ok {
			return Account{}, fmt.Errorf("%q is not an amount", fields[2+i])
		}
		*cents = amount
	}
	return account, nil
}

// String is the account in the form of a result's parameter, which ParseAccounts reads.
func (a Account) String() string {
	return strings.Join([]string{
		a.Name, a.Currency, shillings(a.Current), shillings(a.Available), shillings(a.Reserved), shillings(a.Uncleared),
	}, "|")
}

// shillings is an amount with two decimals, as the wire has it.
func shillings(cents int64) string {
	sign, magnitude := "", uint64(cents)
	if cents < 0 {
		sign, magnitude = "-", -magnitude
	}
	return fmt.Sprintf("%s%d.%02d", sign, magnitude/100, magnitude%100)
}
