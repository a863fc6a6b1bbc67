// Package cases has the test cases that an app is to pass before it goes live, and sees from the log which of them it has passed
// (DarajaTutorial, Go Live: "the possible scenarios which you shall encounter as you test your application").
package cases

import (
	"slices"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/golive"
)

// Case is a test case. It is passed by a request with the expected outcome: a refusal, an answer, or the result of the payment that
// came of it, which the app's server has to have taken.
type Case struct {
	Name     string // "express-paid"
	Product  string // of production apps, that needs it
	Title    string // what happens
	How      string // to make it happen
	Expected string // what the app sees

	APIs    []string     // names of those that the request may go to
	Refusal *codes.Error // that answers the request; nil: it is taken
	Result  codes.Result // of the payment that comes of it; "": the answer is all
	Part    string       // that somebody plays who gives the result: payer, payee or initiator; "": the world has nobody for it
}

// Path is that of the API, in its newest version.
func (c *Case) Path() (path string) {
	for _, a := range apis.Paths() {
		if a.Name == c.APIs[0] {
			path = a.Path
		}
	}
	return path
}

// Cases lists the test cases in the order of the products.
func Cases() []Case {
	return slices.Concat(express(), c2b(), b2c(), b2b(), queries(), beyond())
}

// Of lists the test cases of some products.
func Of(products []string) []Case {
	return slices.DeleteFunc(Cases(), func(c Case) bool { return !slices.Contains(products, c.Product) })
}

// Offered lists the products of production apps whose APIs a sandbox app with some products can call, and so test, in their order.
func Offered(products []string) (names []string) {
	for _, p := range golive.Products() {
		for _, a := range apis.Paths() {
			if a.Live() == p.Name && slices.Contains(products, a.Product) && !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	return names
}

// ended is a case whose payment ends with a result.
func ended(product, name, title, how string, result codes.Result, part string, apis ...string) Case {
	return Case{Name: name, Product: product, Title: title, How: how, Expected: "ResultCode " + string(result) + ": " + result.Desc(apis[0]),
		APIs: apis, Result: result, Part: part}
}

// refused is a case whose request is refused at once.
func refused(product, name, title, how string, e codes.Error, apis ...string) Case {
	return Case{Name: name, Product: product, Title: title, How: how, Expected: "errorCode " + e.Code + ": " + e.Message, APIs: apis, Refusal: &e}
}

// malformed is a case whose request has a wrong field.
func malformed(product, name string, apis ...string) Case {
	return refused(product, name, "A parameter is missing or malformed", "Leave a field out, or write letters as the amount", codes.InvalidField("<field>"), apis...)
}

// answered is a case whose request is answered, and that is all.
func answered(product, name, title, how string, api string) Case {
	return Case{Name: name, Product: product, Title: title, How: how, Expected: "HTTP 200 with what was asked for", APIs: []string{api}}
}

func express() []Case {
	const product, api = golive.Express, codes.APIExpress
	return []Case{
		ended(product, "express-paid", "The customer enters the PIN and pays", "Push, and enter the right PIN on the phone", codes.Success, "", api),
		ended(product, "express-balance", "The customer has too little money", "Push for more than the customer has", codes.InsufficientFunds, "payer", api),
		ended(product, "express-pin", "The customer enters a wrong PIN", "Push, and enter another PIN", codes.InvalidInitiator, "payer", api),
		ended(product, "express-cancelled", "The customer cancels", "Push, and press cancel on the phone", codes.CancelledByUser, "payer", api),
		ended(product, "express-timeout", "The customer can't be reached or does not answer", "Push to a phone that is off, or let the prompt stand", codes.Unreachable, "payer", api),
		refused(product, "express-twice", "A second push while the first prompt is open", "Push twice to a phone that asks its owner", codes.SubscriberBusy, api),
		refused(product, "express-password", "The password is wrong", "Make Password with another passkey or another Timestamp", codes.WrongCredentials, api, codes.APIQuery),
		malformed(product, "express-invalid", api),
		answered(product, "express-query", "What became of a push is asked", "Query with the CheckoutRequestID of a push", codes.APIQuery),
	}
}

func c2b() []Case {
	const product, api = golive.C2B, apis.C2BSimulate
	return []Case{
		answered(product, "c2b-registered", "URLs are registered", "Register a confirmation and a validation URL", apis.C2BRegister),
		ended(product, "c2b-paid", "A customer pays from the phone's menu", "Simulate a payment; the confirmation URL is told", codes.Success, "", api),
		ended(product, "c2b-rejected", "The validation URL rejects a payment", "Switch external validation on, simulate, and answer with a code such as C2B00012", codes.ValidationFailed, "", api),
		malformed(product, "c2b-invalid", apis.C2BRegister, api),
	}
}

func b2c() []Case {
	const product = golive.B2C
	apis := []string{codes.APIB2C, codes.APIPochi}
	return []Case{
		ended(product, "b2c-paid", "A customer is paid", "Pay a customer", codes.Success, "", apis...),
		ended(product, "b2c-balance", "The Utility Account has too little money", "Pay more than it has", codes.InsufficientFunds, "payer", apis...),
		ended(product, "b2c-recipient", "The recipient is not registered with M-PESA", "Pay a number that can't be paid", codes.RecipientType, "payee", apis...),
		ended(product, "b2c-initiator", "The initiator or the SecurityCredential is wrong", "Encrypt another password, or name an operator that has none", codes.InvalidInitiator, "initiator", apis...),
		ended(product, "b2c-timeout", "The request waits too long", "Pay from a shortcode whose queue stands still; QueueTimeOutURL is told", codes.QueueTimedOut, "payer", apis...),
		refused(product, "b2c-duplicate", "The same request comes twice", "Send a request again with the same OriginatorConversationID", codes.DuplicateOriginator, apis...),
		malformed(product, "b2c-invalid", apis...),
	}
}

func b2b() []Case {
	const product = golive.B2B
	apis := []string{codes.APIB2B, codes.APITax}
	return []Case{
		ended(product, "b2b-paid", "A business is paid", "Pay a pay bill, a till or a tax", codes.Success, "", apis...),
		ended(product, "b2b-balance", "The account has too little money", "Pay more than it has", codes.InsufficientFunds, "payer", apis...),
		ended(product, "b2b-initiator", "The initiator or the SecurityCredential is wrong", "Encrypt another password, or name an operator that has none", codes.InvalidInitiator, "initiator", apis...),
		malformed(product, "b2b-invalid", apis...),
	}
}

func queries() []Case {
	return []Case{
		ended(golive.Reversal, "reversal-done", "A payment is reversed", "Reverse what a customer paid", codes.Success, "", codes.APIReversal),
		ended(golive.Reversal, "reversal-again", "It was reversed before", "Send the same reversal again", codes.AlreadyReversed, "", codes.APIReversal),
		malformed(golive.Reversal, "reversal-invalid", codes.APIReversal),
		ended(golive.Status, "status-found", "What became of a payment is told", "Ask with the receipt of a payment", codes.Success, "", codes.APIStatus),
		ended(golive.Status, "status-unknown", "There is no such payment", "Ask with a receipt that is none", codes.ReceiptUnknown, "", codes.APIStatus),
		malformed(golive.Status, "status-invalid", codes.APIStatus),
		ended(golive.Balance, "balance-told", "The balances are told", "Ask", codes.Success, "", codes.APIBalance),
		ended(golive.Balance, "balance-initiator", "The initiator or the SecurityCredential is wrong", "Encrypt another password, or name an operator that has none", codes.InvalidInitiator, "initiator", codes.APIBalance),
		malformed(golive.Balance, "balance-invalid", codes.APIBalance),
	}
}

// beyond are the cases of the APIs that the documents don't have.
func beyond() []Case {
	return []Case{
		answered(golive.Pull, "pull-registered", "The shortcode is registered for Pull", "Register", apis.PullRegister),
		answered(golive.Pull, "pull-listed", "Payments are listed", "Query, when a customer has paid", apis.PullQuery),
		malformed(golive.Pull, "pull-invalid", apis.PullRegister, apis.PullQuery),
		ended(golive.Ratiba, "ratiba-agreed", "The customer agrees to a standing order", "Ask, and enter the right PIN on the phone", codes.Success, "", codes.APIStandingOrder),
		ended(golive.Ratiba, "ratiba-cancelled", "The customer cancels", "Ask, and press cancel on the phone", codes.CancelledByUser, "payer", codes.APIStandingOrder),
		malformed(golive.Ratiba, "ratiba-invalid", codes.APIStandingOrder),
		ended(golive.B2BExpress, "b2bexpress-paid", "The business pays", "Ask, and enter the right PIN on its owner's phone", codes.Success, "", codes.APICheckout),
		ended(golive.B2BExpress, "b2bexpress-cancelled", "Its owner cancels", "Ask, and press cancel on its owner's phone", codes.CheckoutCancelled, "", codes.APICheckout),
		malformed(golive.B2BExpress, "b2bexpress-invalid", codes.APICheckout),
		answered(golive.QR, "qr-made", "A QR code is made", "Ask for one", apis.QR),
		malformed(golive.QR, "qr-invalid", apis.QR),
		answered(golive.OrgInfo, "orginfo-told", "The name of an organisation is told", "Ask", apis.OrgInfo),
		malformed(golive.OrgInfo, "orginfo-invalid", apis.OrgInfo),
	}
}
