package codes

// The groups of APIs that share causes.
var (
	fromCustomers = []string{APIExpress, APIC2B}
	prompting     = []string{APIExpress, APICheckout, APIStandingOrder}
	withPIN       = []string{APIExpress, APIC2B, APICheckout, APIStandingOrder}
	checkout      = []string{APICheckout}
	standingOrder = []string{APIStandingOrder}
	payouts       = []string{APIB2C, APIPochi}
	transfers     = []string{APIB2B, APITax}
	movers        = []string{APIB2C, APIPochi, APIB2B, APITax, APIReversal}
	initiated     = []string{APIB2C, APIPochi, APIB2B, APITax, APIReversal, APIStatus, APIBalance}
)

// results is the catalogue of result codes, in the order of the documents. The texts are those of an API's own document: its sample
// bodies first, then its tables. Callback is what M-Pesa Express says, or all where it never does.
var results = []ResultEntry{
	{Code: Success, Callback: "The service request is processed successfully.",
		Texts: map[string]string{APIB2B: "The service request is processed successfully"}, // BusinessPayBill, successful result body
		Causes: []Cause{
			{fromCustomers, "the customer's PIN was right and every rule was met: the money moved"},
			{movers, "the initiator may, and every rule was met: the money moved"},
			{[]string{APIStatus}, "the payment is one of PartyA's, whatever became of it"},
			{[]string{APIBalance}, "the initiator may ask"},
			{checkout, "the owner's PIN was right and every rule was met: the money moved"},
			{standingOrder, "the customer agreed; each payment that follows is one of C2B"},
		}, Source: "MpesaExpressSimulate, result codes; BusinessPayBill, successful result body"},
	{Code: InsufficientFunds, Callback: "The balance is insufficient for the transaction.",
		Causes: []Cause{
			{fromCustomers, "the customer's available balance is less than the amount and the customer's share of the charge"},
			{payouts, "the amount is more than what is available in PartyA's Utility Account"},
			{transfers, "the amount is more than what is available in the account of PartyA that the CommandID debits"},
			{[]string{APIReversal}, "what the payment brought is no longer in the account that it was credited to"},
			{checkout, "the amount is more than what is available in the Working Account of primaryShortCode"},
		}, Source: "MpesaExpressSimulate and BusinessToPochi, result codes; DarajaTutorial, Reversal API"},
	{Code: BelowMinimum, Callback: "Declined due to limit rule.",
		Texts: map[string]string{
			"":       "Declined due to limit rule: less than the minimum transaction amount.",
			APIC2B:   "Declined due to limit rule.",
			APIPochi: "Declined due to limit rule",
		},
		Causes: []Cause{
			{fromCustomers, "the amount is less than the smallest that the customer's limits allow (KES 1)"},
			{payouts, "the amount is less than the smallest that a business may pay a customer (KES 10)"},
		}, Source: "MpesaExpressSimulate and BusinessToPochi, result codes; wire.md §8.4"},
	{Code: AboveMaximum, Callback: "Declined due to limit rule: greater than the maximum transaction amount.",
		Causes: []Cause{
			{fromCustomers, "the amount is more than the largest that the customer's limits allow (KES 250,000)"},
			{payouts, "the amount is more than the largest that the customer's limits allow (KES 250,000)"},
		}, Source: "MpesaExpressSimulate and BusinessToPochi, result codes"},
	{Code: AboveDailyLimit, Callback: "Declined due to limit rule: would exceed daily transfer limit.",
		Texts: map[string]string{
			APIB2C:   "Declined due to limit rule: would exceed daily transfer limit",
			APIPochi: "Declined due to limit rule: would exceed daily transfer limit",
		},
		Causes: []Cause{
			{fromCustomers, "what the customer paid today in East Africa Time and this amount are more than the daily limit (KES 500,000)"},
			{payouts, "what businesses paid the customer today in East Africa Time and this amount are more than the daily limit (KES 500,000)"},
			{[]string{APIReversal}, "what businesses paid the customer today and what would come back are more than the daily limit"},
		}, Source: "MpesaExpressSimulate and BusinessToPochi, result codes; DarajaTutorial, Reversal API"},
	{Code: AboveBalanceLimit, Callback: "Declined due to limit rule: would exceed the maximum balance.",
		Causes: []Cause{
			{fromCustomers, "the pay bill's or till's account would hold more than its limit"},
			{payouts, "the customer's wallet would hold more than its limit (KES 500,000)"},
			{transfers, "the account of PartyB that the CommandID credits would hold more than its limit"},
			{[]string{APIReversal}, "the customer's wallet would hold more than its limit"},
			{checkout, "the account of receiverShortCode would hold more than its limit"},
		}, Source: "MpesaExpressSimulate and BusinessToPochi, result codes; DarajaTutorial, Reversal API"},
	{Code: DebitPartyInvalid, Callback: "The DebitParty is in an invalid state.",
		Causes: []Cause{{movers, "the organisation that asks is suspended"}, {checkout, "primaryShortCode is suspended"}},
		Source: "BusinessToPochi, result codes"},
	{Code: RuleLimited, Callback: "Rule limited.",
		Texts: map[string]string{"": "System internal error."},
		Causes: []Cause{
			{[]string{APIExpress}, "the customer completed a payment of the same amount less than two minutes ago"},
			{initiated, `the fault "internal" is ordered for the organisation that asks`},
		}, Source: "MpesaExpressSimulate, result codes; DarajaTutorial, B2C API"},
	{Code: InitiatorNotAllowed, Callback: "The initiator is not allowed to initiate this request.",
		Texts:  map[string]string{APIPochi: "The initiator is not allowed to initiate this request"},
		Causes: []Cause{{initiated, "the operator has not the role that the CommandID needs"}},
		Source: "BusinessToPochi, result codes; wire.md §13"},
	{Code: QueueTimedOut, Callback: "System busy. The service request is rejected.",
		Causes: []Cause{{initiated, `the request waited longer than it may, as it does where the fault "queue" is ordered for the organisation that asks: QueueTimeOutURL is told`}},
		Source: "wire.md §7.4, §13"},
	{Code: SubscriberLocked, Callback: "Unable to lock subscriber, a transaction is already in process for the current subscriber.",
		Causes: []Cause{{prompting, "the customer is busy with a session of his own on the phone"}},
		Source: "wire.md §13"},
	{Code: Expired, Callback: "Transaction has expired.",
		Causes: []Cause{{prompting, "the customer's answer reached M-PESA after the prompt's time to live"}},
		Source: "MpesaExpressSimulate, result codes"},
	{Code: PushFailed, Callback: "An error occurred while sending a push request.",
		Causes: []Cause{{prompting, "the prompt's text is longer than 182 characters, or than the phone can show"}},
		Source: "MpesaExpressSimulate, result codes"},
	{Code: CancelledByUser, Callback: "Request cancelled by user", Query: "Request Cancelled by user.",
		Causes: []Cause{{[]string{APIExpress, APIStandingOrder}, "the customer pressed cancel"}},
		Source: "MpesaExpressSimulate, sample callback; wire.md §5"},
	{Code: AnswerLost, Callback: "SMSC ACK timeout.",
		Causes: []Cause{{prompting, "the prompt reached the customer, and the network lost what he answered"}},
		Source: "DarajaTutorial, API errors; wire.md §13"},
	{Code: Unreachable, Callback: "DS timeout user cannot be reached.",
		Causes: []Cause{{prompting, "the phone is off, nobody answered the prompt in time, or the number is blocked after five unanswered prompts"}},
		Source: "MpesaExpressSimulate, result codes"},
	{Code: InvalidInitiator, Callback: "The initiator information is invalid.",
		Causes: []Cause{
			{withPIN, "the customer entered a wrong PIN"},
			{initiated, "PartyA has no operator of that name, the operator has no password yet, or SecurityCredential doesn't hold it"},
		}, Source: "MpesaExpressSimulate and BusinessToPochi, result codes; BusinessToCustomer, results body; BusinessPayBill, unsuccessful result body"},
	{Code: AccountNotAllowed, Callback: "Declined due to account rule: The account status does not allow this transaction.",
		Causes: []Cause{
			{fromCustomers, "the customer's account is suspended, or the business's accounts are frozen"},
			{payouts, "PartyA's accounts are frozen, or the customer's account is suspended"},
			{transfers, "PartyA's or PartyB's accounts are frozen"},
			{[]string{APIReversal}, "the organisation's accounts or those of the business that paid are frozen, or the customer's account is suspended"},
			{checkout, "the accounts of primaryShortCode or receiverShortCode are frozen"},
			{standingOrder, "the customer's account is suspended, or the business's accounts are frozen"},
		}, Source: "BusinessToPochi, result codes; wire.md §12"},
	{Code: ValidationFailed, Callback: "External validation failed for the C2B transaction.",
		Causes: []Cause{{fromCustomers, "the business's validation URL rejected the payment, or had no answer in time and ResponseType is Cancelled"}},
		Source: "wire.md §6.3, §13"},
	{Code: NotPermitted, Callback: "The request is not permitted according to product assignment.",
		Causes: []Cause{
			{[]string{APIExpress}, "TransactionType doesn't fit the kind of PartyB, PartyB isn't the business's own, or the customer may not pay businesses"},
			{[]string{APIC2B}, "CommandID doesn't fit the kind of shortcode, which may not be assigned C2B, or the customer may not pay businesses"},
			{payouts, "PartyA is not assigned the product of the API"},
			{[]string{APIB2B}, "PartyA or PartyB is not assigned B2B, or CommandID doesn't fit PartyB"},
			{[]string{APITax}, "PartyA is not assigned the product of the API"},
			{[]string{APIReversal}, "the organisation is not assigned reversals"},
			{checkout, "primaryShortCode or receiverShortCode is not assigned B2B"},
			{standingOrder, "TransactionType doesn't fit the kind of shortcode, which may not be assigned C2B, or the customer may not pay businesses"},
		}, Source: "MpesaExpressSimulate and BusinessToPochi, result codes; DarajaTutorial, B2B API; wire.md §12"},
	{Code: ReceiptUnknown, Callback: "The transaction receipt number does not exist.",
		Causes: []Cause{{[]string{APIStatus}, "no payment of PartyA has the receipt in TransactionID"}},
		Source: "wire.md §10"},
	{Code: OriginatorUnknown, Callback: "The transaction receipt number cannot be found by the specified OriginatorConversationID or ConversationID.",
		Causes: []Cause{{[]string{APIStatus}, "no payment of PartyA has the identifier in OriginalConversationID"}},
		Source: "wire.md §10"},
	{Code: RecipientType, Callback: "Credit Party customer type (Unregistered or Registered Customer) can't be supported by the service.",
		Causes: []Cause{
			{fromCustomers, "the payer is not a registered customer"},
			{[]string{APIB2C}, "PartyB is not a registered customer, and CommandID isn't SalaryPayment"},
			{[]string{APIPochi}, "PartyB is not a registered customer, or has no business wallet"},
			{standingOrder, "PartyA is not a registered customer"},
		}, Source: "BusinessToPochi, result codes; BusinessToCustomer, CommandID; DarajaTutorial, API errors"},
	{Code: StillProcessing, Callback: "The transaction is still under processing",
		Causes: []Cause{{[]string{APIQuery}, "the customer has not answered yet"}},
		Source: "wire.md §5"},
	{Code: CredentialLocked, Callback: "The security credential is locked.",
		Texts: map[string]string{APIPochi: "The security credential is locked"},
		Causes: []Cause{
			{withPIN, "the customer's PIN is locked after three wrong ones"},
			{initiated, "the operator is locked after five wrong passwords"},
		}, Source: "MpesaExpressSimulate and BusinessToPochi, result codes; wire.md §7.3"},
	{Code: OperatorNotFound, Callback: "The operator does not exist.",
		Causes: []Cause{
			{[]string{APIExpress}, "PartyB is nobody's shortcode, or the customer's record names no operator"},
			{[]string{APIC2B}, "ShortCode is nobody's, or the customer's record names no operator"},
			{payouts, "strict profile: PartyB is no customer's number; or the customer's record names no operator"},
			{[]string{APIB2B}, "PartyB is nobody's shortcode"},
			{standingOrder, "the customer's record names no operator"},
		}, Source: "MpesaExpressSimulate and BusinessToPochi, result codes"},
	{Code: AlreadyReversed, Callback: "The transaction has already been reversed",
		Causes: []Cause{{[]string{APIReversal}, "the payment was reversed before"}},
		Source: "wire.md §12"},
	{Code: NotReversible, Callback: "The OriginalTransactionID is invalid.",
		Causes: []Cause{{[]string{APIReversal}, "no payment has the receipt, it was not paid to ReceiverParty, it is of a kind that can't be reversed, or Amount isn't its amount"}},
		Source: "wire.md §12"},
}
