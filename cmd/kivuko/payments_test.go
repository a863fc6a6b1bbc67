package main

import (
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/mpesa"
)

func TestPayments(t *testing.T) {
	k := startWorld(t)
	k.prints(`
		no payments
		`, "payments", "--shortcode", "174379")
	paid := k.Pay(t, controltest.John, 1500, "1234")
	k.Pay(t, controltest.John, 20, "0000")
	k.Push(t, controltest.Jane, 30)
	k.prints(`
		NUMBER  ACCEPTED             FROM          TO      AMOUNT        STATE      RESULT  RECEIPT OR REASON
		100005  2026-11-20 12:00:00  254705912645  174379  KES 30.00     prompting  -       -
		100004  2026-11-20 12:00:00  254708374149  174379  KES 20.00     failed     2001    wrong PIN, number 1 in a row
		100003  2026-11-20 12:00:00  254708374149  174379  KES 1,500.00  completed  0       UKKCSA2CWC
		`, "payments", "--shortcode", "174379")
	k.prints(`
		NUMBER  ACCEPTED             FROM          TO      AMOUNT     STATE   RESULT  RECEIPT OR REASON
		100004  2026-11-20 12:00:00  254708374149  174379  KES 20.00  failed  2001    wrong PIN, number 1 in a row
		`, "payments", "--limit", "1", "--phone", "0708374149", "--state", "failed")
	k.Attempt(t, paid, mpesa.Attempt{At: controltest.Start.UnixMilli(), Status: 200, Micros: 1250})
	k.prints(`
		payment 100003 of KES 1,500.00 to 174379 completed, receipt UKKCSA2CWC
		  kind               stkpush
		  from               254708374149
		  to                 174379
		  asked for by       174379
		  transaction type   CustomerPayBillOnline
		  reference          INV-7
		  description        Shoes
		  accepted           2026-11-20 12:00:00
		  finished           2026-11-20 12:00:00
		  receipt            UKKCSA2CWC
		  MerchantRequestID  b76c-566a-26f5-e09e5fd9eb2c100003
		  CheckoutRequestID  ws_CO_20112026120000125708374149
		  ConversationID     AG_20261120_01002010qsots5otb2gu
		  principal          KES 1,500.00 from 254708374149 MMF Account For Customer to 174379 Utility Account
		  customer charge    KES 10.00 from 254708374149 MMF Account For Customer to operator Fees Account
		  business charge    KES 5.00 from 174379 Charges Paid Account to operator Fees Account
		  callback 1600048   delivered, 1: HTTP 200 in 1.2ms: http://127.0.0.1:9/callback?a=1&b=2
		`, "payments", "100003")
	k.prints(`
		payment 100005 of KES 30.00 to 174379 waits for an answer on the phone
		  kind               stkpush
		  from               254705912645
		  to                 174379
		  asked for by       174379
		  transaction type   CustomerPayBillOnline
		  reference          INV-7
		  description        Shoes
		  accepted           2026-11-20 12:00:00
		  due                2026-11-20 12:01:30
		  MerchantRequestID  b76c-566a-26f5-e09e5fd9eb2c100005
		  CheckoutRequestID  ws_CO_20112026120000125705912645
		  ConversationID     AG_20261120_010020109z7tnwngb27i
		`, "payments", "100005")
	var list control.Page[control.Payment]
	if k.json(&list, "payments", "--result", "2001"); len(list.Items) != 1 {
		t.Errorf("got %+v", list)
	}
	k.fails(`"UKK0000000" is no payment's number`, "payments", "UKK0000000")
	k.fails(`state: it has to be one of`, "payments", "--state", "open")
}
