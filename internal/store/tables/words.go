package tables

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// Conditions of indexes. A query that repeats one in the same words lets the database know that the index will do.
var (
	Open        = Is("state", mpesa.Prompting)         // a prompt is open
	Waiting     = Above("state", mpesa.Failed)         // queued, or being validated
	OfCustomers = In("kind", mpesa.Express, mpesa.C2B) // what customers pay to businesses
	ToBeTold    = Is("state", mpesa.Pending)           // of deliveries

	ToBeApproved = Is("state", mpesa.Approving)                // of tasks
	OfBulkFiles  = Is("kind", mpesa.Bulk)                      // of tasks
	NotMade      = Not("state", mpesa.Completed)               // of tasks
	ToldInVain   = In("state", mpesa.GivenUp, mpesa.Abandoned) // of deliveries
	HasFailed    = "result NOT IN ('', '0')"                   // of payments, queries and standing orders
	Owned        = "owner <> 0"                                // of organisations
	WithURLs     = "has_urls = 1"                              // of organisations
)

type number interface{ ~int64 }

// Is is the condition that a column has a value.
func Is[T number](column string, x T) string { return column + " = " + literal(x) }

// Not is the condition that a column has another value.
func Not[T number](column string, x T) string { return column + " <> " + literal(x) }

// In is the condition that a column has one of some values.
func In[T number](column string, list ...T) string {
	var names []string
	for _, x := range list {
		names = append(names, literal(x))
	}
	return column + " IN (" + strings.Join(names, ", ") + ")"
}

// Above is the condition that a column has a value that was numbered later.
func Above[T number](column string, x T) string { return column + " > " + literal(x) }

// OfOrganisation is the condition that a column names an account of an organisation's.
func OfOrganisation(column string) string {
	return Above(column, mpesa.Provider.Account(15)) + " AND " + column + " < " + literal(firstCustomer.Account(0))
}

// firstCustomer is above all organisations' parties, and below all customers'.
const firstCustomer mpesa.Party = 10_000_000

func literal[T number](x T) string { return strconv.FormatInt(int64(x), 10) }

// Word says what a number in a column means.
type Word struct {
	Topic  string
	Number int64
	Name   string
}

// Words lists what the numbers of all kinds and states mean. The databases have them in the table words.
func Words() []Word {
	return slices.Concat(words[mpesa.Kind]("payment kind"), words[mpesa.State]("payment state"), words[mpesa.TransferKind]("transfer kind"),
		words[mpesa.AccountKind]("account kind"), words[mpesa.DeliveryKind]("delivery kind"), words[mpesa.DeliveryState]("delivery state"))
}

func words[T interface {
	number
	String() string
}](topic string) (list []Word) {
	for n := range T(32) {
		if name := n.String(); name != "" {
			list = append(list, Word{topic, int64(n), name})
		}
	}
	return list
}

// PutWords is the statement that brings the table words up to date. It changes nothing where it is.
func PutWords() string {
	var rows []string
	for _, w := range Words() {
		rows = append(rows, "('"+w.Topic+"', "+literal(w.Number)+", '"+w.Name+"')")
	}
	return "INSERT INTO words (topic, number, name) VALUES " + strings.Join(rows, ", ") +
		" ON CONFLICT (topic, number) DO UPDATE SET name = excluded.name WHERE words.name <> excluded.name"
}
