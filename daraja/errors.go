package daraja

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Error is a refusal by the gateway, or an answer that is not Daraja's at all. The client's methods return it wrapped;
// errors.As finds it. Failures to reach the host are not of this type.
//
// Most refusals carry requestId, errorCode and errorMessage (MpesaExpressSimulate, error codes). Faults of the gateway
// itself come in two other forms (wire.md §2.5), some APIs have a form of their own (wire.md §14), and a ResponseCode other
// than 0 is a refusal as well; they fill Code and Message too. An answer that is empty, HTML or anything else leaves
// RequestID, Code and Message empty.
type Error struct {
	HTTPStatus int    // status of the answer; 2xx when the refusal is in the body only
	RequestID  string // the gateway's id of the request, to quote to Safaricom's support
	Code       string // such as "400.002.02"
	Message    string // such as "Bad Request - Invalid BusinessShortCode"; may be empty beside a Code
	Body       []byte // the answer's body as it came, at most 1 MiB of it
}

// shownBody is how many bytes of a foreign body Error.Error quotes.
const shownBody = 120

// Error says the status, code and message, or how a body that is not Daraja's begins.
func (e *Error) Error() string {
	switch body := strings.TrimSpace(string(e.Body)); {
	case e.Code != "" || e.Message != "":
		return strings.TrimSpace(fmt.Sprintf("HTTP %d: %s %s", e.HTTPStatus, e.Code, e.Message))
	case body == "":
		return fmt.Sprintf("HTTP %d with an empty body", e.HTTPStatus)
	default:
		return fmt.Sprintf("HTTP %d with an unexpected body: %.*q", e.HTTPStatus, shownBody, body)
	}
}

// InvalidToken reports whether the gateway refused the access token: it expired, a newer one replaced it, or the app has
// not subscribed to the API. The codes and even the HTTP status differ from one family of APIs to the next, but the words
// do not (wire.md §2.2, §2.3).
func (e *Error) InvalidToken() bool {
	return e.HTTPStatus == http.StatusUnauthorized ||
		e.HTTPStatus/100 == 4 && strings.Contains(e.Message, "Invalid Access Token")
}

// errorBody is the union of the forms in which the gateway refuses; no answer fills more than one of them.
type errorBody struct {
	RequestID    Value `json:"requestId"`
	ErrorCode    Value `json:"errorCode"`
	ErrorMessage Value `json:"errorMessage"`

	// An answer in the form of success that does not say so (MpesaExpressSimulate, response parameters).
	ResponseCode        Value
	ResponseDescription Value
	ResponseStatus      Value // Pull's registration, in place of ResponseCode
	ResponseMessage     Value // Pull and Ratiba, in place of ResponseDescription
	Code, Status        Value // B2B Express, which has both
	ResCode             Value `json:"rescode"` // Bill Manager
	ResMsg              Value `json:"resmsg"`

	// A fault of the API gateway product, Apigee (wire.md §2.5).
	Fault struct {
		FaultString Value `json:"faultstring"`
		Detail      struct {
			ErrorCode Value `json:"errorcode"`
		} `json:"detail"`
	} `json:"fault"`

	// The same as a SOAP fault, seen on C2B registration from 2019 to 2022 (wire.md §2.5).
	Envelope struct {
		Body struct {
			Fault struct {
				FaultString Value `json:"faultstring"`
				Detail      struct {
					Source struct {
						ErrorCode Value `json:"errorcode"`
					} `json:"source"`
				} `json:"detail"`
			} `json:"Fault"`
		} `json:"Body"`
	} `json:"Envelope"`
}

// newError makes the error of an answer, with as much as its body tells.
func newError(status int, body []byte) *Error {
	var b errorBody
	_ = json.Unmarshal(body, &b) // A body that is not JSON leaves b empty, and that is what Error says.
	if b.Code == "" {
		b.Status = "" // Many a foreign body has a status.
	}
	soap := b.Envelope.Body.Fault
	return &Error{
		HTTPStatus: status,
		RequestID:  string(b.RequestID),
		Code: first(b.ErrorCode, b.ResponseCode, b.ResponseStatus, b.Code, b.ResCode,
			b.Fault.Detail.ErrorCode, soap.Detail.Source.ErrorCode),
		Message: first(b.ErrorMessage, b.ResponseDescription, b.ResponseMessage, b.Status, b.ResMsg,
			b.Fault.FaultString, soap.FaultString),
		Body: body,
	}
}

// first is the first value that is not empty.
func first(values ...Value) string {
	for _, v := range values {
		if v != "" {
			return string(v)
		}
	}
	return ""
}
