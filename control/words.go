package control

// The words of the API. Each is a type of its own with constants, and Choices lists what the API may say or takes, in the order of its
// documentation. "" is among them where it means something.

// choices lists words as text.
func choices[T ~string](list ...T) []string {
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = string(x)
	}
	return texts
}

// Answers is how a phone answers prompts when nobody holds it.
type Answers string

// The ways to answer.
const (
	AnswersApprove   Answers = "approve" // with the right PIN
	AnswersAsk       Answers = "ask"     // it waits for somebody
	AnswersCancel    Answers = "cancel"
	AnswersWrongPIN  Answers = "wrong-pin"
	AnswersIgnore    Answers = "ignore"
	AnswersOff       Answers = "off"
	AnswersNoSignal  Answers = "no-signal"
	AnswersLate      Answers = "late"
	AnswersBusy      Answers = "busy"
	AnswersLost      Answers = "lost"
	AnswersByDefault Answers = "" // the service's default
)

// Choices lists the words.
func (Answers) Choices() []string {
	return choices(AnswersApprove, AnswersAsk, AnswersCancel, AnswersWrongPIN, AnswersIgnore, AnswersOff, AnswersNoSignal, AnswersLate, AnswersBusy, AnswersLost,
		AnswersByDefault)
}

// Standing is what a customer is allowed.
type Standing string

// The standings of customers.
const (
	StandingGood         Standing = ""
	StandingNoProducts   Standing = "no-products"
	StandingNoOperator   Standing = "no-operator"
	StandingUnregistered Standing = "unregistered"
	StandingInactive     Standing = "inactive"
	StandingNoPochi      Standing = "no-pochi"
)

// Choices lists the words.
func (Standing) Choices() []string {
	return choices(StandingGood, StandingNoProducts, StandingNoOperator, StandingUnregistered, StandingInactive, StandingNoPochi)
}

// OrganisationKind is what a shortcode is.
type OrganisationKind string

// The kinds of organisations.
const (
	PayBill OrganisationKind = "paybill"
	Till    OrganisationKind = "till"
	Store   OrganisationKind = "store"
)

// Choices lists the words.
func (OrganisationKind) Choices() []string { return choices(PayBill, Till, Store) }

// OrganisationStanding is what an organisation is allowed.
type OrganisationStanding string

// The standings of organisations.
const (
	OrganisationGood      OrganisationStanding = ""
	OrganisationSuspended OrganisationStanding = "suspended"
	OrganisationFrozen    OrganisationStanding = "frozen"
)

// Choices lists the words.
func (OrganisationStanding) Choices() []string {
	return choices(OrganisationGood, OrganisationSuspended, OrganisationFrozen)
}

// Fault is what goes wrong with an organisation's requests, by order.
type Fault string

// The faults of organisations.
const (
	NoFault       Fault = ""
	FaultQueue    Fault = "queue"    // they wait until they time out
	FaultInternal Fault = "internal" // they fail
)

// Choices lists the words.
func (Fault) Choices() []string { return choices(NoFault, FaultQueue, FaultInternal) }

// AppFault is what goes wrong at the gateway with an app's requests, by order.
type AppFault string

// The faults of apps.
const (
	NoAppFault       AppFault = ""
	AppFaultBusy     AppFault = "busy"
	AppFaultInternal AppFault = "internal"
)

// Choices lists the words.
func (AppFault) Choices() []string { return choices(NoAppFault, AppFaultBusy, AppFaultInternal) }

// Kind is what sort of payment one is.
type Kind string

// The kinds of payments.
const (
	KindSTKPush    Kind = "stkpush"
	KindDeposit    Kind = "deposit"
	KindWithdrawal Kind = "withdrawal"
	KindC2B        Kind = "c2b"
	KindB2C        Kind = "b2c"
	KindB2Pochi    Kind = "b2pochi"
	KindB2B        Kind = "b2b"
	KindTax        Kind = "tax"
	KindReversal   Kind = "reversal"
	KindStatus     Kind = "status"
	KindBalance    Kind = "balance"
	KindSend       Kind = "send"
	KindMove       Kind = "move"
	KindSettlement Kind = "settlement"
	KindB2BExpress Kind = "b2bexpress"
	KindRatiba     Kind = "ratiba"
	KindBulk       Kind = "bulk"
)

// Choices lists the words.
func (Kind) Choices() []string {
	return choices(KindSTKPush, KindDeposit, KindWithdrawal, KindC2B, KindB2C, KindB2Pochi, KindB2B, KindTax, KindReversal, KindStatus, KindBalance, KindSend, KindMove,
		KindSettlement, KindB2BExpress, KindRatiba, KindBulk)
}

// State is how far a payment has come.
type State string

// The states of payments.
const (
	Prompting  State = "prompting"
	Completed  State = "completed"
	Failed     State = "failed"
	Queued     State = "queued"
	Validating State = "validating"
	Approving  State = "approving"
)

// Choices lists the words.
func (State) Choices() []string {
	return choices(Prompting, Completed, Failed, Queued, Validating, Approving)
}

// RowState is how far a row of a bulk file has come: RowWaiting, or the state of its payment.
type RowState string

// The states of rows.
const (
	RowWaiting   RowState = "waiting"
	RowCompleted RowState = "completed"
	RowFailed    RowState = "failed"
)

// Choices lists the words.
func (RowState) Choices() []string { return choices(RowWaiting, RowCompleted, RowFailed) }

// TransferKind is what a transfer is for.
type TransferKind string

// The kinds of transfers.
const (
	Principal      TransferKind = "principal"
	CustomerCharge TransferKind = "customer charge"
	BusinessCharge TransferKind = "business charge"
)

// Choices lists the words.
func (TransferKind) Choices() []string { return choices(Principal, CustomerCharge, BusinessCharge) }

// CallbackKind is what a callback tells.
type CallbackKind string

// The kinds of callbacks.
const (
	CallbackSTKPush      CallbackKind = "stkpush"
	CallbackResult       CallbackKind = "result"
	CallbackTimeout      CallbackKind = "timeout"
	CallbackValidation   CallbackKind = "validation"
	CallbackConfirmation CallbackKind = "confirmation"
	CallbackB2BExpress   CallbackKind = "b2bexpress"
	CallbackRatiba       CallbackKind = "ratiba"
)

// Choices lists the words.
func (CallbackKind) Choices() []string {
	return choices(CallbackSTKPush, CallbackResult, CallbackTimeout, CallbackValidation, CallbackConfirmation, CallbackB2BExpress, CallbackRatiba)
}

// CallbackState is what has become of a callback.
type CallbackState string

// The states of callbacks.
const (
	CallbackPending   CallbackState = "pending"
	CallbackDelivered CallbackState = "delivered"
	CallbackFailed    CallbackState = "failed"
	CallbackGivenUp   CallbackState = "given-up"
)

// Choices lists the words.
func (CallbackState) Choices() []string {
	return choices(CallbackPending, CallbackDelivered, CallbackFailed, CallbackGivenUp)
}

// AccountWord is what one of an organisation's accounts is called in requests.
type AccountWord string

// The accounts of organisations.
const (
	WorkingAccount    AccountWord = "working"
	FloatAccount      AccountWord = "float"
	UtilityAccount    AccountWord = "utility"
	ChargesAccount    AccountWord = "charges"
	MerchantAccount   AccountWord = "merchant"
	SettlementAccount AccountWord = "settlement"
)

// Choices lists the words.
func (AccountWord) Choices() []string {
	return choices(WorkingAccount, FloatAccount, UtilityAccount, ChargesAccount, MerchantAccount, SettlementAccount)
}

// ResponseType is what happens to a payment whose validation has no answer.
type ResponseType string

// The response types.
const (
	ResponseCompleted ResponseType = "Completed"
	ResponseCancelled ResponseType = "Cancelled"
)

// Choices lists the words.
func (ResponseType) Choices() []string { return choices(ResponseCompleted, ResponseCancelled) }

// Right is what an operator may do on the organisation portal.
type Right string

// The rights.
const (
	ManageOperators Right = "manage operators"
	ViewOperators   Right = "view operators"
	SetAPIPasswords Right = "set API passwords"
	SetApproval     Right = "set approval"
	ViewMoney       Right = "view transactions" // accounts, statements and tasks
	ViewBulk        Right = "view bulk files"
	InitiateTasks   Right = "initiate"
	InitiateBulk    Right = "initiate bulk files"
	InitiateBank    Right = "withdraw" // to the bank
	ApproveTasks    Right = "approve"
	ViewAudit       Right = "view audit"
)

// Choices lists the words.
func (Right) Choices() []string {
	return choices(ManageOperators, ViewOperators, SetAPIPasswords, SetApproval, ViewMoney, ViewBulk, InitiateTasks, InitiateBulk, InitiateBank, ApproveTasks, ViewAudit)
}

// Role is what an operator that uses APIs may do.
type Role string

// Choices lists the words.
func (Role) Choices() []string {
	return []string{"ORG B2C API initiator", "Business Paybill Org API initiator", "Business Buy Goods Org API initiator", "Org Business Pay to Bulk API initiator",
		"Transaction Status query ORG API", "Balance Query ORG API", "Org Reversals Initiator", "Tax Remittance to KRA API", "Set Restricted ORG API PASSWORD"}
}

// Product is a group of operations that an organisation can be assigned.
type Product string

// Choices lists the words.
func (Product) Choices() []string { return []string{"C2B", "B2C", "B2Pochi", "B2B", "Tax", "Reversal"} }

// Profile is a set of the gateway's rules.
type Profile string

// The profiles.
const (
	Sandbox Profile = "sandbox"
	Strict  Profile = "strict" // production's
)

// Choices lists the words.
func (Profile) Choices() []string { return choices(Sandbox, Strict) }

// Channel is how an operator acts.
type Channel string

// The channels of operators.
const (
	ChannelAPI Channel = "api"
	ChannelWeb Channel = "web"
)

// Choices lists the words.
func (Channel) Choices() []string { return choices(ChannelAPI, ChannelWeb) }

// OperatorState reports whether an operator may act.
type OperatorState string

// The states of operators.
const (
	OperatorActive    OperatorState = "active"
	OperatorPending   OperatorState = "pending" // an API operator has no password yet, a web operator has not signed in yet
	OperatorLocked    OperatorState = "locked"
	OperatorSuspended OperatorState = "suspended"
)

// Choices lists the words.
func (OperatorState) Choices() []string {
	return choices(OperatorActive, OperatorPending, OperatorLocked, OperatorSuspended)
}

// SignInStep is what a sign-in to the organisation portal needs next.
type SignInStep string

// The steps of a sign-in.
const (
	StepOTP     SignInStep = "otp"     // the one-time PIN that the operator's phone got
	StepFirst   SignInStep = "first"   // another password than the first-time one, and answers to two security questions
	StepRecover SignInStep = "recover" // the answers to the security questions, and another password
	StepDone    SignInStep = "done"    // nothing: the operator is signed in
)

// Choices lists the words.
func (SignInStep) Choices() []string { return choices(StepOTP, StepFirst, StepRecover, StepDone) }

// GoLiveStep is a step on the way to production.
type GoLiveStep string

// The steps on the way to production, in their order.
const (
	GoLiveTests        GoLiveStep = "tests"        // the test cases
	GoLiveVerification GoLiveStep = "verification" // which organisation, and who speaks for it?
	GoLiveOTP          GoLiveStep = "otp"          // the one-time PIN that the operator's phone got
	GoLiveProducts     GoLiveStep = "products"     // the choice of APIs
	GoLiveDone         GoLiveStep = "live"         // there is a production app
)

// Choices lists the words.
func (GoLiveStep) Choices() []string {
	return choices(GoLiveTests, GoLiveVerification, GoLiveOTP, GoLiveProducts, GoLiveDone)
}

// TestOutcome is what came of a test case.
type TestOutcome string

// The outcomes of test cases.
const (
	TestPassed TestOutcome = "success"
	TestFailed TestOutcome = "fail"
	TestUnseen TestOutcome = ""
)

// Choices lists the words.
func (TestOutcome) Choices() []string { return choices(TestPassed, TestFailed, TestUnseen) }

// CertificateKind is whose certificate a SecurityCredential may have been encrypted for.
type CertificateKind string

// The certificates.
const (
	CertificateOurs       CertificateKind = "ours"
	CertificateForeign    CertificateKind = "foreign"    // another one, such as one of Safaricom's
	CertificateUnreadable CertificateKind = "unreadable" // it is no SecurityCredential
)

// Choices lists the words.
func (CertificateKind) Choices() []string {
	return choices(CertificateOurs, CertificateForeign, CertificateUnreadable)
}

// TaskList is one of the lists of tasks.
type TaskList string

// The lists of tasks.
const (
	TasksWaiting TaskList = "waiting"
	TasksDecided TaskList = "decided"
)

// Choices lists the words.
func (TaskList) Choices() []string { return choices(TasksWaiting, TasksDecided) }
