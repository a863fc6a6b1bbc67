package daraja

import (
	"context"
	"encoding/json"
	"net/http"
)

const billManagerPath = "/v1/billmanager-invoice/"

// billManagerSuccess is the rescode of an accepted request, an HTTP status in the body (wire.md §14.5).
const billManagerSuccess = "200"

// BillManager sends invoices by M-PESA's Bill Manager for one biller (wire.md §14.5). Make it with Client.BillManager.
type BillManager struct {
	client *Client
	appKey string
}

// BillManager gives access to Bill Manager with the key of BillManagerOptInResponse.
func (c *Client) BillManager(appKey string) *BillManager {
	return &BillManager{client: c, appKey: appKey}
}

// BillManagerOptInRequest makes a paybill a biller, or changes its details (wire.md §14.5).
type BillManagerOptInRequest struct {
	ShortCode       string `json:"shortcode"`
	Email           string `json:"email"`
	OfficialContact string `json:"officialContact"`
	SendReminders   string `json:"sendReminders"`  // "1" or "0"
	Logo            string `json:"logo,omitempty"` // a picture
	CallbackURL     string `json:"callbackurl"`    // where the BillPayment is posted to
}

// BillManagerOptInResponse has the biller's key, for Client.BillManager (wire.md §14.5).
type BillManagerOptInResponse struct {
	AppKey string `json:"app_key"`
	BillManagerResponse
}

// BillManagerResponse says that a request was accepted (wire.md §14.5).
type BillManagerResponse struct {
	StatusMessage string          `json:"Status_Message,omitempty"`
	ResMsg        string          `json:"resmsg"`           // "Success"
	ResCode       string          `json:"rescode"`          // "200"
	Errors        json.RawMessage `json:"errors,omitempty"` // of cancellations: a list, of what is not documented
}

func (r *BillManagerResponse) accepted() bool { return r.ResCode == billManagerSuccess }

// Invoice is a bill for a customer, who hears about it by SMS (wire.md §14.5).
type Invoice struct {
	ExternalReference string        `json:"externalReference"` // the biller's own id of the invoice
	BilledFullName    string        `json:"billedFullName"`
	BilledPhoneNumber string        `json:"billedPhoneNumber"`
	BilledPeriod      string        `json:"billedPeriod"` // "August 2021"
	InvoiceName       string        `json:"invoiceName"`
	DueDate           string        `json:"dueDate"`
	AccountReference  string        `json:"accountReference"` // what the customer enters as account number
	Amount            string        `json:"amount"`           // shillings
	InvoiceItems      []InvoiceItem `json:"invoiceItems,omitempty"`
}

// InvoiceItem is a line of an Invoice.
type InvoiceItem struct {
	ItemName string `json:"itemName"`
	Amount   string `json:"amount"` // shillings
}

// BillReconciliation says that the biller has seen a payment, so that the customer gets a receipt (wire.md §14.5).
type BillReconciliation struct {
	PaymentDate       string `json:"paymentDate"`
	PaidAmount        string `json:"paidAmount"` // shillings
	AccountReference  string `json:"accountReference"`
	TransactionID     string `json:"transactionId"` // the receipt
	PhoneNumber       string `json:"phoneNumber"`
	FullName          string `json:"fullName"`
	InvoiceName       string `json:"invoiceName"`
	ExternalReference string `json:"externalReference"`
}

// BillPayment is what is posted to a biller's CallbackURL when a bill is paid, up to five times until the answer is
// {"resmsg":"Success","rescode":"200"} (wire.md §14.5).
type BillPayment struct {
	TransactionID    string `json:"transactionId"` // the receipt
	PaidAmount       string `json:"paidAmount"`    // shillings
	MSISDN           string `json:"msisdn"`
	DateCreated      string `json:"dateCreated"`
	AccountReference string `json:"accountReference"`
	ShortCode        string `json:"shortCode"`
}

// UnmarshalJSON reads numbers for strings too.
func (p *BillPayment) UnmarshalJSON(data []byte) error {
	type plain BillPayment
	return unmarshalTexts(data, (*plain)(p))
}

// invoiceReference names an invoice to be cancelled.
type invoiceReference struct {
	ExternalReference string `json:"externalReference"`
}

// BillManagerOptIn makes a paybill a biller. It returns an *Error when the host refuses, as do BillManager's methods.
func (c *Client) BillManagerOptIn(ctx context.Context, req BillManagerOptInRequest) (*BillManagerOptInResponse, error) {
	resp := new(BillManagerOptInResponse)
	if err := c.post(ctx, billManagerPath+"optin", req, resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// ChangeOptInDetails changes what BillManagerOptIn said.
func (b *BillManager) ChangeOptInDetails(ctx context.Context, req BillManagerOptInRequest) (*BillManagerResponse, error) {
	return b.post(ctx, "change-optin-details", req)
}

// SendInvoice bills one customer.
func (b *BillManager) SendInvoice(ctx context.Context, invoice Invoice) (*BillManagerResponse, error) {
	return b.post(ctx, "single-invoicing", invoice)
}

// SendInvoices bills at most 1000 customers.
func (b *BillManager) SendInvoices(ctx context.Context, invoices []Invoice) (*BillManagerResponse, error) {
	return b.post(ctx, "bulk-invoicing", invoices)
}

// Reconcile says that the biller has seen a payment.
func (b *BillManager) Reconcile(ctx context.Context, req BillReconciliation) (*BillManagerResponse, error) {
	return b.post(ctx, "reconciliation", req)
}

// CancelInvoice takes an invoice back that is not paid; code 409 refuses for one that is.
func (b *BillManager) CancelInvoice(ctx context.Context, externalReference string) (*BillManagerResponse, error) {
	return b.post(ctx, "cancel-single-invoice", invoiceReference{externalReference})
}

// CancelInvoices takes several invoices back.
func (b *BillManager) CancelInvoices(ctx context.Context, externalReferences []string) (*BillManagerResponse, error) {
	references := make([]invoiceReference, len(externalReferences))
	for i, reference := range externalReferences {
		references[i].ExternalReference = reference
	}
	return b.post(ctx, "cancel-bulk-invoices", references)
}

func (b *BillManager) post(ctx context.Context, name string, req any) (*BillManagerResponse, error) {
	resp := new(BillManagerResponse)
	header := http.Header{"Appkey": {b.appKey}} // appKey in the documentation; header names have no case
	if err := b.client.postWith(ctx, billManagerPath+name, header, req, resp); err != nil {
		return nil, err
	}
	return resp, nil
}
