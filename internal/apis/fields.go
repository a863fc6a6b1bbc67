package apis

import (
	"github.com/kivuko/kivuko/internal/mpesa"
)

// Lengths in characters.
const (
	nameMost    = 100 // of usernames and of identifiers that clients choose or repeat: the documents name no bound
	remarksMost = 100 // BusinessToPochi, request parameters
)

func plain(form Form, name string) Field { return Field{Name: name, Rule: Rule{Form: form}} }

// asking is the shortcode of the organisation that asks.
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

// example gives a field another example than the first of its values or that of its form.
func (f Field) example(value Mark) Field {
	f.Example = value
	return f
}

func noted(f Field, note string) Field {
	f.Note = note
	return f
}

// initiator are the fields that all requests by initiators have (wire.md §7). name is the field that names the operator.
func initiator(name string, kinds ...mpesa.Kind) []Field {
	var commands []string
	for _, kind := range kinds {
		commands = append(commands, mpesa.Commands(kind)...)
	}
	return []Field{identifier(name, "the username of an API operator").example(MarkInitiator), plain(Credential, "SecurityCredential"), choice("CommandID", commands...)}
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

func remarks() Field { return lines(text("Remarks", 2, remarksMost)).example("Test payment") }

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

func requester() Field { return optional(customer("Requester"), "on whose behalf") }
