package apis

import (
	"fmt"
	"slices"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/seedworld"
	"github.com/kivuko/kivuko/internal/store"
)

// Transaction status: how a payment stands, by its receipt or by the id of the request that asked for it (wire.md §10).

// LiveStatus is what production apps need.
const LiveStatus = "Transaction Status Production"

func status() *API {
	receipt := noted(identifier("TransactionID", "the receipt of a payment"), "may be left out where OriginalConversationID is given").example(MarkReceipt)
	receipt.Instead = "OriginalConversationID"
	originator := optional(identifier("OriginalConversationID", "an identifier"), "OriginatorConversationID is read too")
	originator.Also = "OriginatorConversationID" // what older clients send
	return &API{
		Name: codes.APIStatus, Title: "Transaction status", Product: ProductMpesa,
		Live: golive.Product{Name: LiveStatus, About: "What became of a payment"},

		Family: codes.C2B, Tokens: codes.STK, Kind: mpesa.StatusQuery, Callbacks: results(tellStatus, statusFailed), Source: "wire.md §10",
		Paths: []Path{{Path: "/mpesa/transactionstatus/v1/query", Serve: transactionStatus, Fields: slices.Concat(initiator("Initiator", mpesa.StatusQuery), []Field{
			receipt, originator, asking("PartyA").example(MarkPaid), choice("IdentifierType", "4", "2", "1"),
		}, outcomeURLsFirst())}},
		Parts: Parts{seedworld.Payer: {"PartyA"}, seedworld.Initiator: {"Initiator"}},
		Outcomes: append(initiated(),
			ends(codes.Success, "the payment is one of PartyA's, whatever became of it"),
			ends(codes.ReceiptUnknown, "no payment of PartyA has the receipt in TransactionID").
				try(Try{Fields: with{"TransactionID": unknownReceipt, "PartyA": string(MarkShortcode2)}}),
			ends(codes.OriginatorUnknown, "no payment of PartyA has the identifier in OriginalConversationID").
				try(Try{Fields: with{"TransactionID": "", "OriginalConversationID": "nobody's", "PartyA": string(MarkShortcode2)}})),
		Tests: []Test{
			{Name: "status-found", Title: "What became of a payment is told", How: "Ask with the receipt of a payment", Result: codes.Success},
			{Name: "status-unknown", Title: "There is no such payment", How: "Ask with a receipt that is none", Result: codes.ReceiptUnknown},
			malformed("status-invalid"),
		},
	}
}

// transactionStatus accepts a query of how a payment stands, by its receipt or by the id of the request that asked for it:
// POST /mpesa/transactionstatus/v1/query (wire.md §10).
func transactionStatus(c *Call) (any, error) {
	q := c.query()
	if err := c.find(q, c.text("TransactionID"), c.text("OriginalConversationID")); err != nil {
		return nil, err
	}
	return c.ask(q)
}

// query is what queries have in common.
func (c *Call) query() *mpesa.Query {
	q := &mpesa.Query{Command: c.text("CommandID"), Initiator: c.text("Initiator"), Remarks: c.text("Remarks"), Occasion: c.text("Occassion"),
		TimeoutURL: c.text("QueueTimeOutURL"), ResultURL: c.text("ResultURL")}
	q.Kind, q.Business = c.Path.Kind, c.shortcode("PartyA")
	return q
}

// ask checks the credential, queues the query and acknowledges it.
func (c *Call) ask(q *mpesa.Query) (any, error) {
	if err := c.checkCredential(q.Business, q.Initiator, &q.BadCredential); err != nil {
		return nil, err
	}
	accept := &mpesa.AcceptQuery{Request: *q}
	if err := c.Engine.Do(c.Context, accept); err != nil {
		return nil, err
	}
	c.Note.Payment = accept.Query.ID
	return c.acknowledge(&accept.Query.Header, ""), nil
}

// find notes which payment a query is about. The receipt comes first where both are given.
func (c *Call) find(q *mpesa.Query, receipt, originator string) error {
	if receipt != "" {
		original, err := c.byReceipt(receipt)
		q.OriginalID, q.Original = receipt, original
		if err != nil || original != 0 || originator == "" {
			return err
		}
	}
	id, err := c.byOriginator(q.Business, originator)
	q.OriginalID, q.Original, q.ByOriginator = originator, id, true
	return err
}

// byOriginator finds the payment of a shortcode with an OriginatorConversationID, the client's own or one of ours, or with a
// ConversationID. 0: there is none.
func (c *Call) byOriginator(owner mpesa.Shortcode, id string) (int64, error) {
	payment, err := store.Holder(c.Context, c.Store, mpesa.IdempotencyKey{Owner: owner.Party(), Name: id})
	if err != nil || payment != 0 {
		return payment, err
	}
	for _, parse := range []func(string) (int64, bool){c.Mint.ParseMerchantRequest, c.Mint.ParseConversation} {
		n, ok := parse(id)
		if !ok {
			continue
		}
		x, err := store.Subject(c.Context, c.Store, n)
		if err != nil || x == nil || id != c.Mint.Originator(n, "") && id != c.Mint.Conversation(n, time.UnixMilli(x.Head().AcceptedAt)) {
			return 0, err // an identifier that only looks like the payment's
		}
		return n, nil
	}
	return 0, nil
}

// tellStatus tells how another payment stood when it was looked up (wire.md §10).
func tellStatus(w *Writer, q *mpesa.Query) error {
	x, receiptAt, err := w.asked(q)
	if err != nil {
		return err
	}
	payer, err := w.name(x.Payer)
	if err != nil {
		return err
	}
	payee, err := w.name(x.Payee)
	if err != nil {
		return err
	}
	var transfers []mpesa.Transfer
	if q.Found == mpesa.Completed { // what has moved since is another answer's
		if transfers, err = w.Store.Transfers(w.Context, x.ID); err != nil {
			return err
		}
	}
	final := q.Found.Final()
	w.open("ResultParameters", "ResultParameter")
	w.text("DebitPartyName", publicName(x.Payer, payer))
	w.text("CreditPartyName", publicName(x.Payee, payee))
	w.text("OriginatorConversationID", w.Mint.Originator(x.ID, x.Details.Originator))
	w.stamp("InitiatedTime", x.AcceptedAt)
	w.charges(x, transfers)
	w.text("DebitAccountType", debited(x, transfers))
	w.text("TransactionReason", x.Details.Description)
	w.text("ReasonType", reasonType(x))
	w.text("TransactionStatus", stateWord(q.Found, x))
	if final {
		w.stamp("FinalisedTime", x.FinishedAt)
	} else {
		w.text("FinalisedTime", "")
	}
	w.shillings("Amount", x.Amount)
	w.text("ConversationID", w.Mint.Conversation(x.ID, time.UnixMilli(x.AcceptedAt)))
	if final {
		w.text("ReceiptNo", w.Mint.Receipt(x.ID, time.UnixMilli(receiptAt)))
	} else {
		w.text("ReceiptNo", "")
	}
	w.close()
	statusFailed(w, q)
	return nil
}

// statusFailed writes what every answer ends with.
func statusFailed(w *Writer, q *mpesa.Query) {
	w.open("ReferenceData", "ReferenceItem")
	w.text("Occasion", q.Occasion)
	w.close()
}

// asked reads what a query is about, and the time that dates its receipt. What is no payment is told of in the words of one.
func (w *Writer) asked(q *mpesa.Query) (p *mpesa.Payment, receiptAt int64, err error) {
	original, err := store.Subject(w.Context, w.Store, q.Original)
	if err != nil {
		return nil, 0, err
	}
	switch x := original.(type) {
	case *mpesa.Payment:
		return x, x.ReceiptAt(), nil
	case *mpesa.Query:
		return &mpesa.Payment{Header: x.Header, Details: mpesa.Details{TransactionType: x.Command, Description: x.Remarks, CallBackURL: x.ResultURL, TimedOut: x.TimedOut}}, x.ReceiptAt(), nil
	case *mpesa.Order:
		return &mpesa.Payment{Header: x.Header, Details: mpesa.Details{TransactionType: x.Type, Description: x.Description, CallBackURL: x.CallBackURL, Originator: x.RequestID}}, x.ReceiptAt(), nil
	}
	return nil, 0, fmt.Errorf("payment %d, which query %d is about, is not there", q.Original, q.ID)
}

// charges tells what the business paid for the payment: as its payer or as its payee.
func (w *Writer) charges(x *mpesa.Payment, transfers []mpesa.Transfer) {
	key, name := "CreditPartyCharges", "Pay Bill Charge"
	if _, ok := x.Payer.Shortcode(); ok {
		op, _ := mpesa.FindOperation(x.Kind, x.Details.TransactionType)
		key, name = "DebitPartyCharges", op.Charge
	}
	var paid money.Amount
	for _, t := range transfers {
		if t.Kind == mpesa.BusinessCharge {
			paid += t.Amount
		}
	}
	w.text(key, charge(name, paid))
}

// debited is the name of the account that the payment's amount came from, or would have.
func debited(x *mpesa.Payment, transfers []mpesa.Transfer) string {
	for _, t := range transfers {
		if t.Kind == mpesa.Principal {
			return t.Debit.Kind().String()
		}
	}
	if _, ok := x.Payer.Phone(); ok {
		return mpesa.Wallet.String()
	}
	op, _ := mpesa.FindOperation(x.Kind, x.Details.TransactionType)
	return op.From.String()
}

// reasonType names the sort of payment (wire.md §10).
func reasonType(x *mpesa.Payment) string {
	if op, ok := mpesa.FindOperation(x.Kind, x.Details.TransactionType); ok {
		if x.Details.CallBackURL == "" && !x.OfBulk() {
			return op.Title() // it came from the portal, and not "via API"
		}
		return op.Reason
	}
	switch {
	case x.Details.TransactionType == mpesa.CustomerPayBillOnline && x.Kind == mpesa.Express:
		return "Pay Bill Online"
	case x.Details.TransactionType == mpesa.CustomerPayBillOnline:
		return "Pay Bill"
	case x.Details.TransactionType == mpesa.CustomerBuyGoodsOnline:
		return "Merchant Payment"
	}
	return x.Details.TransactionType // of what no API asks for
}

// stateWord is the state of a payment in the words of wire.md §10.
func stateWord(state mpesa.State, x *mpesa.Payment) string {
	switch state {
	case mpesa.Completed:
		return "Completed"
	case mpesa.Prompting:
		return "Initiated"
	case mpesa.Queued:
		return "Authorized"
	case mpesa.Validating, mpesa.Approving:
		return "Pending Authorized"
	}
	switch {
	case x.Result == codes.CancelledByUser, x.Result == codes.ValidationFailed:
		return "Cancelled"
	case x.Result == codes.Expired, x.Result == codes.AnswerLost, x.Result == codes.Unreachable, x.Details.TimedOut:
		return "Expired"
	}
	return "Declined"
}

// name is a party's public name; unknown parties have none.
func (w *Writer) name(party mpesa.Party) (string, error) {
	if phone, ok := party.Phone(); ok {
		return w.customer(phone)
	}
	shortcode, ok := party.Shortcode()
	if !ok {
		return "M-PESA", nil
	}
	o, err := store.Get(w.Context, w.Store, mpesa.Registry, shortcode)
	if err != nil || o == nil {
		return "", err
	}
	return o.Name, nil
}

func (w *Writer) customer(phone msisdn.Number) (string, error) {
	s, err := store.Get(w.Context, w.Store, mpesa.Subscribers, phone)
	if err != nil || s == nil {
		return "", err
	}
	return s.Name, nil
}
