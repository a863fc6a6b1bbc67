package apis

import (
	"net/http"

	"github.com/kivuko/kivuko/daraja/codes"
)

// Outcomes that several APIs have.

// fromCustomers are those of what customers pay to businesses.
func fromCustomers() []Outcome {
	return group("customers",
		ends(codes.Success, "the customer's PIN was right and every rule was met: the money moved"),
		ends(codes.InsufficientFunds, "the customer's available balance is less than the amount and the customer's share of the charge"),
		ends(codes.BelowMinimum, "the amount is less than the smallest that the customer's limits allow (KES 1)"),
		ends(codes.AboveMaximum, "the amount is more than the largest that the customer's limits allow (KES 250,000)"),
		ends(codes.AboveDailyLimit, "what the customer paid today in East Africa Time and this amount are more than the daily limit (KES 500,000)"),
		ends(codes.AboveBalanceLimit, "the pay bill's or till's account would hold more than its limit"),
		ends(codes.AccountNotAllowed, "the customer's account is suspended, or the business's accounts are frozen"),
		ends(codes.ValidationFailed, "the business's validation URL rejected the payment, or had no answer in time and ResponseType is Cancelled"),
		ends(codes.RecipientType, "the payer is not a registered customer"),
	)
}

// withPIN are those of what is approved with a PIN.
func withPIN() []Outcome {
	return group("PIN",
		ends(codes.InvalidInitiator, "the customer entered a wrong PIN"),
		ends(codes.CredentialLocked, "the customer's PIN is locked after three wrong ones"),
	)
}

// prompting are those of prompts on a phone.
func prompting() []Outcome {
	return append(withPIN(), group("prompts",
		ends(codes.SubscriberLocked, "the customer is busy with a session of their own on the phone"),
		ends(codes.Expired, "the customer's answer reached M-PESA after the prompt's time to live"),
		ends(codes.PushFailed, "the prompt's text is longer than 182 characters, or than the phone can show"),
		ends(codes.AnswerLost, "the prompt reached the customer, and the network lost what they answered"),
		ends(codes.Unreachable, "the phone is off, nobody answered the prompt in time, or the number is blocked after five prompts in a row without a payment"),
	)...)
}

func cancelled() Outcome {
	return group("cancelled", ends(codes.CancelledByUser, "the customer pressed cancel"))[0]
}

// initiated are those of every request by an initiator.
func initiated() []Outcome {
	return group("initiators",
		ends(codes.InternalFailure, `the fault "internal" is ordered for the organisation that asks`),
		ends(codes.InitiatorNotAllowed, "the operator has not the role that the CommandID needs"),
		ends(codes.QueueTimedOut, `the request waited longer than it may, as it does where the fault "queue" is ordered for the organisation that asks: QueueTimeOutURL is told`),
		ends(codes.InvalidInitiator, "PartyA has no operator of that name, the operator has no password yet, or SecurityCredential doesn't hold it"),
		ends(codes.CredentialLocked, "the operator is locked after five wrong passwords"),
	)
}

// moved are those of requests by initiators that move money.
func moved() []Outcome {
	return append(initiated(), group("movers",
		ends(codes.Success, "the initiator may, and every rule was met: the money moved"),
		ends(codes.DebitPartyInvalid, "the organisation that asks is suspended"),
	)...)
}

const emptyFirst = "empty the account first; for B2B Express, that of a pay bill that has an owner; then ask"

const unassigned = "PartyA is not assigned the product of the API"

// common are the refusals of all APIs.
func common() []Outcome {
	const push = codes.APIExpress
	list := []Outcome{
		refused(codes.InvalidField("XXXX"), "the field is missing or malformed").try(Try{Of: push, Fields: with{"PhoneNumber": "07"}}),
		refused(codes.BadPayload, "the body isn't a JSON object, or is longer than the gateway reads").try(Try{Of: push, Body: "{"}),
		refused(codes.MethodNotAllowed("XXXX"), "the API takes POST only").try(Try{Of: push, Method: http.MethodPut, Body: "{}"}),
		refused(codes.SystemBusy, "the request could not be kept: too much is waiting, or the database refuses writes; or the app's fault is set to busy").
			by("set the app's fault to busy, and ask; Kivuko itself answers so when its database keeps nothing"),
		refused(codes.InternalError, "the app's fault is set to internal; or else a defect in Kivuko, of which the log says more").by("set the app's fault to internal, and ask"),
		refused(codes.NotForPages, "a page of another origin caused the request, or it is for a host that isn't one of this Kivuko's names: a page may have pointed its own name at it").
			by("nothing that is asked here brings it about: call the API for a host that is nobody's name, such as with curl -H 'Host: evil.example'"),
		refused(codes.SpikeArrest, "the app sends more requests a second than it may").by("set the app's requests a second to 1, and send some at once"),
		refused(codes.QuotaExceeded, "the app has used up its requests of the day").by("set the app's requests a day to 1, and send two"),
	}
	for family, of := range map[codes.Family]string{
		codes.STK: push, codes.Payments: codes.APIBalance, codes.C2B: C2BRegister, codes.PullRegister: PullRegister, codes.Lookups: PullQuery, codes.Checkout: codes.APICheckout,
	} {
		list = append(list,
			refused(codes.InvalidToken(family, ""), "the access token is missing, malformed, unknown, expired or replaced").try(Try{Of: of, Authorization: "Bearer nobody's", Body: "{}"}),
			refused(codes.NoProduct(family), "the app did not have the API's product when the token was issued").by("take the product from the app, get a token and ask"))
		if family <= codes.C2B {
			list = append(list, refused(codes.NotFound(family), "no API has this path").try(Try{Of: of, After: "/nothing", Body: "{}"}))
		}
	}
	return list
}
