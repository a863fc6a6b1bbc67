package apis

import (
	"slices"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// Lengths in characters.
const (
	nameMost    = 100 // of usernames and of identifiers that clients choose or repeat: the documents name no bound
	remarksMost = 100 // BusinessToPochi, request parameters
	accountMost = 13  // of a B2B AccountReference (BusinessPayBill, request parameters)
	billMost    = 20  // DarajaTutorial, C2B API
)

func plain(form Form, name string) Field { return Field{Name: name, Rule: Rule{Form: form}} }

// asking is the shortcode of whoever asks.
func asking(name string) Field { return Field{Name: name, Rule: Rule{Form: Shortcode}, Own: true} }

// text is one of some length.
func text(name string, least, most int) Field {
	return Field{Name: name, Rule: Rule{Form: Text, Least: least, Most: most}}
}

// identifier is a text that is looked for, or shown, as it is.
func identifier(name, what string) Field {
	return Field{Name: name, Rule: Rule{Form: Text, Least: 1, Most: nameMost, What: what}}
}

// customer is the number of a customer as the APIs without a prompt take it.
func customer(name string) Field { return Field{Name: name, Rule: Rule{Form: Phone, Local: true}} }

func choice(name string, values ...string) Field {
	return Field{Name: name, Rule: Rule{Form: Text, Values: values}}
}

func optional(f Field, note string) Field {
	f.Optional, f.Least, f.Note = true, 0, note
	return f
}

func noted(f Field, note string) Field {
	f.Note = note
	return f
}

func password() Field {
	return noted(plain(Password, "Password"), "base64 of shortcode, passkey and Timestamp; a missing one gives Wrong credentials too")
}

func pushFields() []Field {
	reference := noted(plain(Text, "AccountReference"), "documented: 12 characters at most; longer ones may give result 1025")
	reference.What = "text that the customer sees, at most 12 characters"
	return []Field{
		asking("BusinessShortCode"), password(), plain(Timestamp, "Timestamp"),
		choice("TransactionType", mpesa.CustomerPayBillOnline, mpesa.CustomerBuyGoodsOnline), plain(Amount, "Amount"),
		plain(Phone, "PartyA"), plain(Shortcode, "PartyB"), plain(Phone, "PhoneNumber"), plain(URL, "CallBackURL"), reference,
		optional(lines(plain(Text, "TransactionDesc")), "documented: 13 characters at most"),
	}
}

func queryFields() []Field {
	checkout := plain(Text, "CheckoutRequestID")
	checkout.What = "a CheckoutRequestID"
	return []Field{asking("BusinessShortCode"), password(), plain(Timestamp, "Timestamp"), checkout}
}

func registerFields() []Field {
	return []Field{
		asking("ShortCode"), choice("ResponseType", mpesa.ResponseCompleted, mpesa.ResponseCancelled),
		plain(URL, "ConfirmationURL"), plain(URL, "ValidationURL"),
	}
}

func simulateFields() []Field {
	bill := noted(text("BillRefNumber", 1, billMost), "a payment to a till must not have one")
	bill.Cases = []Case{{"CommandID", []string{mpesa.CustomerBuyGoodsOnline}, Rule{Form: Nothing, What: "nothing: a payment to a till has none"}}}
	return []Field{
		asking("ShortCode"), choice("CommandID", mpesa.CustomerPayBillOnline, mpesa.CustomerBuyGoodsOnline),
		plain(Amount, "Amount"), customer("Msisdn"), bill,
	}
}

// initiator are the fields that all requests by initiators have (wire.md §7). name is the field that names him.
func initiator(name string, kinds ...mpesa.Kind) []Field {
	var commands []string
	for _, kind := range kinds {
		commands = append(commands, mpesa.Commands(kind)...)
	}
	return []Field{identifier(name, "the username of an API operator"), plain(Credential, "SecurityCredential"), choice("CommandID", commands...)}
}

// outcome are the fields that payouts, payments to businesses and balance queries end with.
func outcome() []Field {
	return []Field{remarks(), plain(URL, "QueueTimeOutURL"), plain(URL, "ResultURL"), occasion()}
}

// outcomeURLsFirst are the same fields in the order in which reversal and transaction status have them (DarajaTutorial, Reversal API;
// wire.md §10).
func outcomeURLsFirst() []Field {
	return []Field{plain(URL, "ResultURL"), plain(URL, "QueueTimeOutURL"), remarks(), occasion()}
}

func remarks() Field { return lines(text("Remarks", 2, remarksMost)) }

// lines lets a text have line breaks and tabs, which people paste into what only people read.
func lines(f Field) Field {
	f.Lines = true
	return f
}

// occasion has a key that is spelled so in half of the documents, and Occasion in the others (wire.md §8.1).
func occasion() Field {
	f := optional(lines(text("Occassion", 0, remarksMost)), "Occasion is read too")
	f.Also = "Occasion"
	return f
}

// payoutFields have the order in which the documents print them, but for the OriginatorConversationID: of a body that can't be read,
// the gateway misses the InitiatorName first (BusinessToPochi, FAQ 19).
func payoutFields(numbered bool, kinds ...mpesa.Kind) []Field {
	list := initiator("InitiatorName", kinds...)
	if numbered {
		list = append(list, noted(identifier("OriginatorConversationID", "an identifier that no other request has"), "PartyA may use it once"))
	}
	return slices.Concat(list, []Field{plain(Amount, "Amount"), asking("PartyA"), customer("PartyB")}, outcome())
}

// transferFields are those of a payment to a business (BusinessPayBill; wire.md §9).
func transferFields() []Field {
	receiver := noted(choice("RecieverIdentifierType", "4"), "2 for BusinessBuyGoods only")
	receiver.Cases = []Case{{"CommandID", tillCommands(), Rule{Form: Text, Values: []string{"2", "4"}}}} // wire.md §21 row 19
	payee := plain(Shortcode, "PartyB")
	payee.Nobody = true
	account := noted(text("AccountReference", 1, accountMost), "BusinessPayBill needs one, others may have one")
	others := slices.DeleteFunc(mpesa.Commands(mpesa.B2B), func(c string) bool { return c == mpesa.BusinessPayBill })
	account.Cases = []Case{{"CommandID", others, Rule{Form: Text, Optional: true, Most: accountMost}}}
	return slices.Concat(initiator("Initiator", mpesa.B2B), []Field{
		choice("SenderIdentifierType", "4"), receiver, plain(Amount, "Amount"), asking("PartyA"), payee, account, requester(),
	}, outcome())
}

// tillCommands lists the CommandIDs by which a till can be paid.
func tillCommands() (list []string) {
	for _, o := range mpesa.Operations() {
		if o.Kind == mpesa.B2B && o.Till {
			list = append(list, o.Command)
		}
	}
	return list
}

func taxFields() []Field {
	payee := Field{Name: "PartyB", Rule: Rule{Form: Shortcode, Values: []string{mpesa.KRA.String()}, What: "the revenue authority's shortcode: tax is paid to " + mpesa.KRA.String()}}
	return slices.Concat(initiator("Initiator", mpesa.Tax), []Field{
		choice("SenderIdentifierType", "4"), choice("RecieverIdentifierType", "4"), plain(Amount, "Amount"), asking("PartyA"), payee,
		text("AccountReference", 1, accountMost), requester(),
	}, outcome())
}

func requester() Field { return optional(customer("Requester"), "on whose behalf") }

// reversalFields begin with what the gateway misses first of a body that can't be read (wire.md §1, §12).
func reversalFields() []Field {
	return slices.Concat([]Field{choice("RecieverIdentifierType", "11", "4")}, initiator("Initiator", mpesa.Reversal), []Field{
		identifier("TransactionID", "the receipt of the payment to be reversed"), plain(Amount, "Amount"), asking("ReceiverParty"),
	}, outcomeURLsFirst())
}

func statusFields() []Field {
	receipt := noted(identifier("TransactionID", "the receipt of a payment"), "may be left out where OriginalConversationID is given")
	receipt.Instead = "OriginalConversationID"
	originator := optional(identifier("OriginalConversationID", "an identifier"), "OriginatorConversationID is read too")
	originator.Also = "OriginatorConversationID" // what older clients send
	return slices.Concat(initiator("Initiator", mpesa.StatusQuery), []Field{
		receipt, originator, asking("PartyA"), choice("IdentifierType", "4", "2", "1"),
	}, outcomeURLsFirst())
}

func balanceFields() []Field {
	return slices.Concat(initiator("Initiator", mpesa.BalanceQuery), []Field{asking("PartyA"), choice("IdentifierType", "4", "2", "1")}, outcome())
}
