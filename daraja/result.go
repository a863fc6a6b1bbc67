package daraja

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Result is what became of a request that was acknowledged with an Acknowledgement (BusinessToPochi, callback payload;
// wire.md §7.2). It is posted to the request's ResultURL or, when the request was not processed in time, to its
// QueueTimeOutURL (wire.md §7.4). As JSON it is wrapped as it is delivered: {"Result":{…}}.
type Result struct {
	ResultType               Value // "0"
	ResultCode               ResultCode
	ResultDesc               string
	OriginatorConversationID string       // the Acknowledgement's
	ConversationID           string       // the Acknowledgement's
	TransactionID            string       // the receipt; ends in 0000000 where no money was to move or the request failed early
	Parameters               []ResultItem // ResultParameters.ResultParameter on the wire; most failures have none
	References               []ResultItem // ReferenceData.ReferenceItem on the wire
}

// ResultItem is a key and a value of a result. An empty Value is left out of the JSON (wire.md §1).
type ResultItem struct {
	Key   string
	Value Value `json:",omitempty"`
}

// The keys of parameters that several APIs' results have. Those of one API stand in its file.
const (
	ParamAmount                  = "Amount"                  // shillings: B2B, status, reversal
	ParamTransCompletedTime      = "TransCompletedTime"      // YYYYMMDDHHmmss: B2B, reversal
	ParamBOCompletedTime         = "BOCompletedTime"         // YYYYMMDDHHmmss: balance, and failures of others
	ParamReceiverPartyPublicName = "ReceiverPartyPublicName" // "254708374149 - John Doe", "603094 - Safaricom3117": B2C, B2B
)

// The keys of reference items (wire.md §7.2, §7.3).
const (
	ReferenceQueueTimeoutURL     = "QueueTimeoutURL"     // Safaricom's internal URL, not the request's
	ReferenceBillReferenceNumber = "BillReferenceNumber" // the AccountReference of a pay bill or tax payment
	ReferenceOccasion            = "Occasion"            // the request's, in results of the transaction status
	ReferenceB2BOccasion         = "Occassion"           // the request's, in results of B2B and tax
)

// ErrNotResult says that a body is JSON but not a result: Result, its ResultCode or both of its conversation ids are missing.
var ErrNotResult = errors.New("not a result")

// ParseResult reads the body of a delivery to a ResultURL or QueueTimeOutURL. It returns ErrNotResult, or the JSON
// decoder's error.
//
// Deliveries are not signed (wire.md §17): anyone who knows the URL can post one. Confirm with TransactionStatus what matters.
func ParseResult(body []byte) (*Result, error) {
	r := new(Result)
	if err := json.Unmarshal(body, r); err != nil {
		return nil, fmt.Errorf("daraja: %w", err)
	}
	return r, nil
}

// Parameter is the value of the result parameter with this key, or "" when there is none.
func (r *Result) Parameter(key string) Value { return itemValue(r.Parameters, key) }

// Reference is the value of the reference item with this key, or "" when there is none.
func (r *Result) Reference(key string) Value { return itemValue(r.References, key) }

func itemValue(items []ResultItem, key string) Value {
	for _, item := range items {
		if item.Key == key {
			return item.Value
		}
	}
	return ""
}

// resultEnvelope is a Result as it is delivered.
type resultEnvelope struct{ Result *resultBody }

// resultBody has the keys in their order of wire.md §7.2. All of it comes from XML, so that an id of digits is a number.
type resultBody struct {
	ResultType               Value
	ResultCode               ResultCode
	ResultDesc               Value
	OriginatorConversationID Value
	ConversationID           Value
	TransactionID            Value             `json:",omitempty"`
	ResultParameters         *resultParameters `json:",omitempty"`
	ReferenceData            *referenceData    `json:",omitempty"`
}

type resultParameters struct{ ResultParameter resultItems }

type referenceData struct{ ReferenceItem resultItems }

// resultItems is one element as an object, or several as an array (wire.md §1).
type resultItems []ResultItem

func (items resultItems) MarshalJSON() ([]byte, error) {
	if len(items) == 1 {
		return marshalPlain(items[0])
	}
	return marshalPlain([]ResultItem(items))
}

// UnmarshalJSON takes what is neither an object nor an array, such as null, for no items.
func (items *resultItems) UnmarshalJSON(data []byte) error {
	*items = nil
	switch data[0] {
	case '{':
		var item ResultItem
		err := json.Unmarshal(data, &item)
		*items = resultItems{item}
		return err
	case '[':
		return json.Unmarshal(data, (*[]ResultItem)(items))
	default:
		return nil
	}
}

// MarshalJSON writes the result as it is delivered, by the typing rules of wire.md §1: numeric text as numbers, no Value
// for an empty one, one item as an object, nothing for no items. json.Marshal escapes the & between accounts; an encoder
// with SetEscapeHTML(false) leaves it as M-PESA does.
func (r Result) MarshalJSON() ([]byte, error) {
	body := &resultBody{
		ResultType:               r.ResultType,
		ResultCode:               r.ResultCode,
		ResultDesc:               Value(r.ResultDesc),
		OriginatorConversationID: Value(r.OriginatorConversationID),
		ConversationID:           Value(r.ConversationID),
		TransactionID:            Value(r.TransactionID),
	}
	if len(r.Parameters) > 0 {
		body.ResultParameters = &resultParameters{r.Parameters}
	}
	if len(r.References) > 0 {
		body.ReferenceData = &referenceData{r.References}
	}
	return marshalPlain(resultEnvelope{body})
}

// UnmarshalJSON reads a result as it is delivered. It returns ErrNotResult for any other JSON object.
func (r *Result) UnmarshalJSON(data []byte) error {
	var envelope resultEnvelope
	if err := json.Unmarshal(data, &envelope); err != nil {
		return err
	}
	body := envelope.Result
	if body == nil || body.ResultCode == "" || body.OriginatorConversationID == "" && body.ConversationID == "" {
		return ErrNotResult
	}
	*r = Result{
		ResultType:               body.ResultType,
		ResultCode:               body.ResultCode,
		ResultDesc:               string(body.ResultDesc),
		OriginatorConversationID: string(body.OriginatorConversationID),
		ConversationID:           string(body.ConversationID),
		TransactionID:            string(body.TransactionID),
	}
	if body.ResultParameters != nil {
		r.Parameters = body.ResultParameters.ResultParameter
	}
	if body.ReferenceData != nil {
		r.References = body.ReferenceData.ReferenceItem
	}
	return nil
}
