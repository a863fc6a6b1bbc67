package daraja

import (
	"context"
	"encoding/base64"
	"fmt"
)

// The kinds of payment that a QR code can ask for (wire.md §14.1).
const (
	QRBuyGoods       = "BG" // CPI is a till
	QRWithdraw       = "WA" // CPI is an agent's till
	QRPayBill        = "PB" // CPI is a paybill
	QRSendMoney      = "SM" // CPI is a phone number
	QRSendToBusiness = "SB" // CPI is a business' phone number
)

const qrPath = "/mpesa/qrcode/v1/generate"

// QRRequest asks for a QR code that a customer's app pays by (wire.md §14.1). All fields are mandatory.
type QRRequest struct {
	MerchantName string
	RefNo        string // the account or reference of the payment
	Amount       Value  // shillings, a number on the wire
	TrxCode      string // QRBuyGoods and so on
	CPI          string // who is paid
	Size         string // of the square picture's side, in pixels: "300"
}

// QRResponse has the QR code (wire.md §14.1). Its ResponseCode was "00" on the sandbox and is an id in the documentation.
type QRResponse struct {
	ResponseCode        string
	RequestID           string `json:",omitempty"` // in the documentation only
	ResponseDescription string
	QRCode              string // the picture; see PNG
}

func (r *QRResponse) accepted() bool { return r.QRCode != "" }

// PNG is the picture. It returns an error when QRCode is not base64.
func (r *QRResponse) PNG() ([]byte, error) {
	png, err := base64.StdEncoding.DecodeString(r.QRCode)
	if err != nil {
		return nil, fmt.Errorf("daraja: QR code: %w", err)
	}
	return png, nil
}

// GenerateQR asks for a QR code. It returns an *Error when the host refuses, or answers without a code.
func (c *Client) GenerateQR(ctx context.Context, req QRRequest) (*QRResponse, error) {
	resp := new(QRResponse)
	if err := c.post(ctx, qrPath, req, resp); err != nil {
		return nil, err
	}
	return resp, nil
}
