package daraja_test

import (
	"encoding/json"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

// Requests and answers as the seeds print them; placeholders in braces are replaced and missing commas are put in.
const (
	tutorialRegister = `{"ShortCode":"600996","ResponseType":"Cancelled","ConfirmationURL":"https://mydomain.com/c",` +
		`"ValidationURL":"https://mydomain.com/v"}`
	tutorialSimulate = `{"ShortCode":"600996","CommandID":"CustomerPayBillOnline","Amount":"100","Msisdn":"254708374149",` +
		`"BillRefNumber":"account"}`
	tutorialB2C = `{"InitiatorName":"testapi","SecurityCredential":"secret","CommandID":"SalaryPayment","Amount":"1000",` +
		`"PartyA":"600996","PartyB":"254708374149","Remarks":"","QueueTimeOutURL":"https://mydomain.com/path",` +
		`"ResultURL":"https://mydomain.com/path","Occassion":""}`
	tutorialB2B = `{"Initiator":"testapi","SecurityCredential":"secret","CommandID":"DisburseFundsToBusiness",` +
		`"SenderIdentifierType":"4","RecieverIdentifierType":"4","Amount":"100000","PartyA":"600996","PartyB":"600000",` +
		`"AccountReference":"","Remarks":"","QueueTimeOutURL":"https://mydomain.com/path","ResultURL":"https://mydomain.com/path"}`
	tutorialReversal = `{"Initiator":"testapi","SecurityCredential":"secret","CommandID":"TransactionReversal",` +
		`"TransactionID":"LGR019G3J2","Amount":"10","ReceiverParty":"600996","RecieverIdentifierType":"4",` +
		`"ResultURL":"https://mydomain.com/path","QueueTimeOutURL":"https://mydomain.com/path","Remarks":"please","Occasion":"work"}`
	pochiRequest = `{"OriginatorConversationID":"600997_Test_32et3241ed8yu","InitiatorName":"testapi",` +
		`"SecurityCredential":"RC6E9WDxXR4b9X2c6z3gp0oC5Th ==","CommandID":"BusinessPayToPochi","Amount":"10","PartyA":"600992",` +
		`"PartyB":"254705912645","Remarks":"remarked","QueueTimeOutURL":"https://mydomain.com/path",` +
		`"ResultURL":"https://mydomain.com/path","Occassion":"ChristmasPay"}`
	b2cAck = `{"ConversationID":"AG_20191219_00005797af5d7d75f652","OriginatorConversationID":"16740-34861180-1",` +
		`"ResponseCode":"0","ResponseDescription":"Accept the service request successfully."}`
)

func TestSamplesAreWrittenAsTheyWereRead(t *testing.T) {
	tests := []struct {
		name, body string
		into       any
	}{
		{"registration", tutorialRegister, new(daraja.RegisterURLRequest)},
		{"simulation", tutorialSimulate, new(daraja.C2BSimulateRequest)},
		{"validation", validation, new(daraja.C2BPayment)},
		{"confirmation", confirmation, new(daraja.C2BPayment)},
		{"accepting reply", `{"ResultCode":0,"ResultDesc":"Accepted"}`, new(daraja.ValidationReply)},
		{"rejecting reply", `{"ResultCode":1,"ResultDesc":"Rejected"}`, new(daraja.ValidationReply)},
		{"confirmation's reply", `{"C2BPaymentConfirmationResult":"Success"}`, new(daraja.ConfirmationReply)},
		{"B2C", sampleB2CBody, new(daraja.B2CRequest)},
		{"B2C of the tutorial", tutorialB2C, new(daraja.B2CRequest)},
		{"B2Pochi", pochiRequest, new(daraja.B2CRequest)},
		{"pay bill", samplePayBillBody, new(daraja.B2BRequest)},
		{"B2B of the tutorial", tutorialB2B, new(daraja.B2BRequest)},
		{"reversal", tutorialReversal, new(daraja.ReversalRequest)},
		{"acknowledgement of B2C", b2cAck, new(daraja.Acknowledgement)},
		{"acknowledgement of B2Pochi", acknowledged, new(daraja.Acknowledgement)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := json.Unmarshal([]byte(test.body), test.into); err != nil {
				t.Fatal(err)
			}
			if got := written(t, test.into); got != test.body {
				t.Errorf("got  %s\nwant %s", got, test.body)
			}
		})
	}
}
