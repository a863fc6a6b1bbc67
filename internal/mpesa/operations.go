package mpesa

import "strings"

// Operation is what an initiator can ask for: a line of the table of CommandIDs.
type Operation struct {
	Command  string // CommandID
	Kind     Kind
	Role     Role    // that the initiator needs
	Product  Product // that the organisation, and a receiving one, need; "" is none
	From, To AccountKind
	Own      bool   // between the organisation's own accounts
	Till     bool   // the receiver may be a till or a store, and not a pay bill
	Tariff   string // of what the organisation pays for it; "" is none
	Charge   string // the charge's name in DebitPartyCharges
	Reason   string // ReasonType in the status of such a payment
}

// KRA is the shortcode of the Kenya Revenue Authority (wire.md §9.1).
const KRA Shortcode = 572572

// The CommandIDs that code asks for by name.
const (
	SalaryPayment          = "SalaryPayment"
	BusinessPayment        = "BusinessPayment"
	PromotionPayment       = "PromotionPayment"
	BusinessPayBill        = "BusinessPayBill"
	BusinessBuyGoods       = "BusinessBuyGoods"
	BusinessPayToPochi     = "BusinessPayToPochi"
	PayTaxToKRA            = "PayTaxToKRA"
	TransactionReversal    = "TransactionReversal"
	TransactionStatusQuery = "TransactionStatusQuery"
	AccountBalance         = "AccountBalance"
)

var operations = []Operation{
	// BusinessToCustomer and BusinessToPochi, request parameters: CommandID; wire.md §8.
	{Command: SalaryPayment, Kind: B2C, Role: RoleB2C, Product: ProductB2C, From: Utility, To: Wallet, Tariff: "salary", Charge: "Fee For B2C Payment", Reason: "Salary Payment via API"},
	{Command: BusinessPayment, Kind: B2C, Role: RoleB2C, Product: ProductB2C, From: Utility, To: Wallet, Tariff: "business", Charge: "Fee For B2C Payment", Reason: "Business Payment to Customer via API"},
	{Command: PromotionPayment, Kind: B2C, Role: RoleB2C, Product: ProductB2C, From: Utility, To: Wallet, Tariff: "promotion", Charge: "Fee For B2C Payment", Reason: "Promotion Payment via API"},
	{Command: BusinessPayToPochi, Kind: B2Pochi, Role: RoleB2C, Product: ProductPochi, From: Utility, To: Pochi, Tariff: "b2c", Charge: "Fee For B2C Payment", Reason: "Business Pay to Pochi via API"},

	// BusinessPayBill; DarajaTutorial, B2B API; wire.md §9.
	{Command: BusinessPayBill, Kind: B2B, Role: RolePayBill, Product: ProductB2B, From: Working, To: Utility, Tariff: "b2b", Charge: "Business Pay Bill Charge", Reason: "Business Pay Bill via API"},
	{Command: BusinessBuyGoods, Kind: B2B, Role: RoleBuyGoods, Product: ProductB2B, From: Working, To: Merchant, Till: true, Tariff: "b2b", Charge: "Business Buy Goods Charge", Reason: "Business Buy Goods via API"},
	{Command: "BusinessPayToBulk", Kind: B2B, Role: RolePayToBulk, Product: ProductB2B, From: Working, To: Utility, Tariff: "b2b", Charge: "Business Pay to Bulk Charge", Reason: "Business Pay to Bulk via API"},
	{Command: "DisburseFundsToBusiness", Kind: B2B, Role: RoleB2C, Product: ProductB2B, From: Utility, To: Working, Tariff: "b2b", Charge: "Disburse Funds to Business Charge", Reason: "Disburse Funds to Business via API"},
	{Command: "BusinessToBusinessTransfer", Kind: B2B, Role: RoleB2C, Product: ProductB2B, From: Working, To: Working, Tariff: "b2b", Charge: "Business to Business Transfer Charge", Reason: "Business to Business Transfer via API"},
	{Command: "MerchantToMerchantTransfer", Kind: B2B, Role: RoleB2C, Product: ProductB2B, From: Merchant, To: Merchant, Tariff: "b2b", Charge: "Merchant to Merchant Transfer Charge", Reason: "Merchant to Merchant Transfer via API"},
	{Command: "MerchantServicesMMFAccountTransfer", Kind: B2B, Role: RoleB2C, Product: ProductB2B, From: Working, To: Working, Tariff: "b2b", Charge: "Merchant Services MMF Account Transfer Charge", Reason: "Merchant Services MMF Account Transfer via API"},
	{Command: "AgencyFloatAdvance", Kind: B2B, Role: RoleB2C, Product: ProductB2B, From: Working, To: Float, Tariff: "b2b", Charge: "Agency Float Advance Charge", Reason: "Agency Float Advance via API"},
	{Command: "MerchantTransferFromMerchantToWorking", Kind: B2B, Role: RoleB2C, From: Merchant, To: Working, Own: true, Reason: "Merchant Transfer from Merchant to Working via API"},
	{Command: "BusinessTransferFromMMFToUtility", Kind: B2B, Role: RoleB2C, From: Working, To: Utility, Own: true, Reason: "Move Funds from MMF Account to Utility Account via API"},
	{Command: "BusinessTransferFromUtilityToMMF", Kind: B2B, Role: RoleB2C, From: Utility, To: Working, Own: true, Reason: "Move Funds from Utility Account to MMF Account via API"},
	{Command: PayTaxToKRA, Kind: Tax, Role: RoleTax, Product: ProductTax, From: Working, To: Utility, Tariff: "b2b", Charge: "Pay Tax to KRA Charge", Reason: "Pay Tax to KRA via API"},

	// wire.md §10, §11, §12.
	{Command: TransactionReversal, Kind: Reversal, Role: RoleReversal, Product: ProductReversal, Reason: "Transaction Reversal via API"},
	{Command: TransactionStatusQuery, Kind: StatusQuery, Role: RoleStatus},
	{Command: AccountBalance, Kind: BalanceQuery, Role: RoleBalance},
}

// Operations lists what an initiator can ask for. The caller may keep the slice.
func Operations() []Operation { return append([]Operation(nil), operations...) }

// FindOperation finds the operation of a kind with a CommandID.
func FindOperation(kind Kind, command string) (Operation, bool) {
	for i := range operations {
		if operations[i].Kind == kind && operations[i].Command == command {
			return operations[i], true
		}
	}
	return Operation{}, false
}

// Commands lists the CommandIDs of a kind.
func Commands(kind Kind) (list []string) {
	for i := range operations {
		if operations[i].Kind == kind {
			list = append(list, operations[i].Command)
		}
	}
	return list
}

// operation is the payment's line of the table.
func (p *Payment) operation() Operation {
	op, _ := FindOperation(p.Kind, p.Details.TransactionType)
	return op
}

// Title is what statements and the portal call the operation.
func (op *Operation) Title() string { return strings.TrimSuffix(op.Reason, " via API") }
