package organisation

import (
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

func accountRoutes() map[string]page.Handler {
	return map[string]page.Handler{"GET /organisation/accounts": signedIn(showAccounts)}
}

// accountsPage is what the page of the accounts shows.
type accountsPage struct {
	*portal
	Accounts []account
	Revenue  control.Revenue
	Waiting  int // tasks; Many: there are more
	Many     bool
}

// account is an account with the way to its statement.
type account struct {
	control.Account
	Word  string // what the control API calls it
	About string
}

// accountWords are what the control API calls the accounts, and what they are for (BusinessToPochi, account types in a C2B organisation).
var accountWords = map[string][2]string{
	"Working Account":                 {"working", "Settled money. Businesses, taxes and the bank are paid from here."},
	"Float Account":                   {"float", "An agency's."},
	"Utility Account":                 {"utility", "What customers pay comes in here, and payments to customers go out."},
	"Charges Paid Account":            {"charges", "Charges that are to be paid. A revenue settlement clears it."},
	"Merchant Account":                {"merchant", "What customers pay at tills comes in here."},
	"Organization Settlement Account": {"settlement", "Passes revenue on when it is settled. It is empty before and after."},
}

// showAccounts shows what the organisation has, and what waits.
func showAccounts(q *page.Request, p *portal) error {
	list, err := q.API().Accounts(q.HTTP.Context(), p.Shortcode)
	if err != nil {
		return err
	}
	kinds, err := q.API().TaskKinds(q.HTTP.Context(), p.Shortcode)
	if err != nil {
		return err
	}
	tasks, err := q.API().Tasks(q.HTTP.Context(), p.Shortcode, control.TaskQuery{Limit: 100})
	if err != nil {
		return err
	}
	shown := accountsPage{portal: p, Revenue: kinds.Revenue, Waiting: len(tasks.Items), Many: tasks.Next != ""}
	for _, a := range list.Accounts {
		words := accountWords[a.Name]
		shown.Accounts = append(shown.Accounts, account{a, words[0], words[1]})
	}
	return q.Show("accounts", shown)
}

// Short is the account's name without what all have in it.
func (a account) Short() string {
	return strings.TrimSuffix(strings.TrimPrefix(a.Name, "Organization "), " Account")
}
