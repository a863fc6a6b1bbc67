package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kivuko/kivuko/control"
)

// org is what is done with organisations.
type org struct {
	List     orgList     `cmd:"" help:"List organisations."`
	Show     orgShow     `cmd:"" help:"Show an organisation with its accounts."`
	Set      orgSet      `cmd:"" help:"Create an organisation, or change what flags say."`
	URLs     orgURLs     `cmd:"" name:"urls" help:"Show the URLs registered for C2B, register others or forget them."`
	Settle   orgSettle   `cmd:"" help:"Settle the revenue: it clears Charges Paid, and the rest becomes Working."`
	Move     orgMove     `cmd:"" help:"Move money between its own accounts."`
	Withdraw orgWithdraw `cmd:"" help:"Withdraw from the Working account to the bank."`
	Deposit  orgDeposit  `cmd:"" help:"Pay money from outside into an account."`

	Statement orgStatement `cmd:"" help:"List what came into an account and went out of it, or print it as a table."`
	Initiate  orgInitiate  `cmd:"" help:"Initiate a payment, a move, a settlement, a withdrawal or a reversal, as an operator does on the portal."`
	Approval  orgApproval  `cmd:"" help:"Show which tasks need whose approval, or change that."`
	Tariffs   orgTariffs   `cmd:"" help:"Show what its payments cost."`
}

// orgFlags are those of the commands for one organisation.
type orgFlags struct {
	clientFlags
	As        string `placeholder:"USERNAME" help:"Do it as this operator may: with their rights, and in the audit."`
	Shortcode string `arg:"" help:"Its shortcode: five to seven digits."`
}

// call is the same on behalf of the operator, if one is named.
func (f orgFlags) call(do func(*control.Client) error) error {
	return f.clientFlags.call(func(c *control.Client) error { return do(f.as(c)) })
}

func (f orgFlags) as(c *control.Client) *control.Client {
	if f.As == "" {
		return c
	}
	return c.As(f.As)
}

type orgList struct {
	clientFlags
	After string `placeholder:"SHORTCODE" help:"List only those after this one."`
	Limit int    `default:"50" help:"List at most so many, from 1 to 1000."`
}

func (x *orgList) Run(ctx context.Context, out io.Writer) error {
	return shown(x, out, func(c *control.Client) (*control.Page[control.Organisation], error) {
		return c.Organisations(ctx, control.ListQuery{After: x.After, Limit: x.Limit})
	}, writeOrganisations)
}

func writeOrganisations(w io.Writer, list *control.Page[control.Organisation]) {
	table(w, list.Items, "no organisations", "SHORTCODE, KIND, NAME, WORKING, UTILITY, MERCHANT, CHARGES PAID", func(o *control.Organisation) {
		row(w, o.Shortcode, o.Kind, o.Name, current(o, "Working Account"), current(o, "Utility Account"), current(o, "Merchant Account"), current(o, "Charges Paid Account"))
	})
	more(w, list.Next)
}

// current is what an account holds; - when there is none of the name.
func current(o *control.Organisation, account string) string {
	for _, a := range o.Accounts {
		if a.Name == account {
			return shillings(a.Current)
		}
	}
	return "-"
}

type orgShow struct {
	orgFlags
	Secret bool `help:"Show the passkey too."`
}

func (x *orgShow) Run(ctx context.Context, out io.Writer) error {
	return shown(x, out, func(c *control.Client) (*control.Organisation, error) {
		if x.Secret {
			return c.OrganisationSecret(ctx, x.Shortcode)
		}
		return c.Organisation(ctx, x.Shortcode)
	}, func(w io.Writer, o *control.Organisation) { writeOrganisation(w, o, false) })
}

func writeOrganisation(w io.Writer, o *control.Organisation, created bool) {
	title := o.Shortcode + ", " + o.Name
	if created {
		title += " (new)"
	}
	row(w, title)
	row(w, "  kind", o.Kind)
	fact(w, "  store", o.Store)
	fact(w, "  tariff", o.Tariff)
	fact(w, "  tariff of payouts", o.PayoutTariff)
	fact(w, "  tariff of payments to businesses", o.MoveTariff)
	if o.MaxBalance != 0 {
		row(w, "  may hold", shillings(o.MaxBalance))
	}
	fact(w, "  products", strings.Join(o.Products, ", "))
	fact(w, "  standing", string(o.Standing))
	fact(w, "  fault", string(o.Fault))
	fact(w, "  owner", o.Owner)
	fact(w, "  passkey", o.Passkey)
	if o.Validates {
		row(w, "  validation", "on")
	}
	if o.URLs != nil {
		writeURLs(w, o.URLs)
	}
	for _, a := range o.Accounts {
		held := shillings(a.Current)
		if a.Reserved != 0 {
			held += ", available " + shillings(a.Available)
		}
		row(w, "  "+a.Name, held)
	}
}

type orgSet struct {
	orgFlags
	Name         *string                       `help:"Its name, which a new one needs."`
	Kind         *control.OrganisationKind     `placeholder:"${organisation_kind}" help:"What sort of shortcode it has; a new one needs it."`
	Store        *string                       `placeholder:"SHORTCODE|none" help:"Of a till: the number that its owner calls the API with."`
	Tariff       *string                       `placeholder:"NAME|usual" help:"Tariff of what customers pay to it, such as mgao, business-bouquet, customer-bouquet or buy-goods."`
	PayoutTariff *string                       `placeholder:"NAME|usual" help:"Tariff of B2C."`
	MoveTariff   *string                       `placeholder:"NAME|usual" help:"Tariff of B2B."`
	MaxBalance   *control.Amount               `placeholder:"1000.50" help:"What the account that receives may hold, in shillings; 0 for the standard."`
	Products     *string                       `placeholder:"C2B,B2C|all" help:"Products that it is assigned."`
	Standing     *control.OrganisationStanding `placeholder:"${organisation_standing}" help:"What state its accounts are in."`
	Fault        *control.Fault                `placeholder:"${fault}" help:"What is to go wrong with its requests."`
	Owner        *string                       `placeholder:"NUMBER|none" help:"The phone that gets an SMS for what customers pay."`
	Validates    *bool                         `negatable:"" help:"Ask it before customers' money is taken."`
	Passkey      *secretText                   `placeholder:"TEXT|-|new|none" help:"Of M-Pesa Express; new makes one and prints it; ${stdin}"`
}

// Help names the products.
func (orgSet) Help() string {
	return "Products: " + strings.Join(control.Product("").Choices(), " ")
}

// Run creates or changes, and shows what came of it.
func (x *orgSet) Run(ctx context.Context, out io.Writer) error {
	change := control.OrganisationChange{
		Name: x.Name, Kind: x.Kind, Store: empty(x.Store, "none"), Tariff: empty(x.Tariff, "usual"), PayoutTariff: empty(x.PayoutTariff, "usual"),
		MoveTariff: empty(x.MoveTariff, "usual"), MaxBalance: x.MaxBalance, Standing: empty(x.Standing, inGoodStanding), Fault: empty(x.Fault, noFault),
		Owner: empty(x.Owner, "none"), Validates: x.Validates, Passkey: empty((*string)(x.Passkey), "none"),
	}
	if products := empty(x.Products, "all"); products != nil {
		list := []string{}
		if *products != "" {
			list = strings.Split(*products, ",")
		}
		change.Products = &list
	}
	made := ""
	if x.Passkey != nil && *x.Passkey == "new" {
		made = rand.Text() + rand.Text() // at least 256 bits
		change.Passkey = &made
	}
	return x.call(func(c *control.Client) error {
		o, created, err := c.PutOrganisation(ctx, x.Shortcode, change)
		if err != nil {
			return err
		}
		o.Passkey = made
		return x.show(out, o, func(w io.Writer) { writeOrganisation(w, o, created) })
	})
}

type orgURLs struct {
	orgFlags
	Confirmation string `placeholder:"URL" help:"Register this URL to be told of what customers paid."`
	Validation   string `placeholder:"URL" help:"And this one to be asked before."`
	ResponseType string `default:"Completed" enum:"Completed,Cancelled" help:"What happens when validation has no answer: Completed or Cancelled."`
	Version      int    `default:"2" help:"Version of the C2B API whose bodies they get: 1 or 2."`
	Delete       bool   `help:"Forget what is registered."`
}

// Run shows, registers or forgets.
func (x *orgURLs) Run(ctx context.Context, out io.Writer) error {
	change := x.Confirmation != "" || x.Validation != ""
	if change && x.Delete {
		return usageError{errors.New("say what to do: register with --confirmation and --validation, or --delete")}
	}
	return x.call(func(c *control.Client) (err error) {
		var urls *control.URLs
		switch {
		case x.Delete:
			if err := c.DeleteURLs(ctx, x.Shortcode); err != nil {
				return err
			}
			return x.show(out, struct{}{}, func(w io.Writer) { row(w, "the URLs of "+x.Shortcode+" are forgotten") })
		case change:
			urls, err = c.PutURLs(ctx, x.Shortcode, control.URLs{Version: x.Version, ResponseType: control.ResponseType(x.ResponseType), Confirmation: x.Confirmation, Validation: x.Validation})
		default:
			urls, err = c.URLs(ctx, x.Shortcode)
		}
		if err != nil {
			return err
		}
		return x.show(out, urls, func(w io.Writer) { writeURLs(w, urls) })
	})
}

func writeURLs(w io.Writer, urls *control.URLs) {
	row(w, "  confirmation URL", urls.Confirmation)
	row(w, "  validation URL", fmt.Sprintf("%s (%s without an answer)", urls.Validation, urls.ResponseType))
	row(w, "  C2B version", urls.Version)
}

type orgSettle struct {
	orgFlags
	onceFlag
}

func (x *orgSettle) Run(ctx context.Context, out io.Writer) error {
	return x.call(func(c *control.Client) error {
		p, err := c.Settle(x.once(ctx), x.Shortcode)
		if err != nil {
			return err
		}
		return x.showMoved(out, p)
	})
}

type orgMove struct {
	orgFlags
	onceFlag
	From   string `arg:"" help:"working, utility, merchant or float."`
	To     string `arg:"" help:"utility (from working) or working (from any other)."`
	Amount string `arg:"" help:"In shillings: 100 or 100.50."`
}

func (x *orgMove) Run(ctx context.Context, out io.Writer) error {
	return x.move(out, x.Amount, func(c *control.Client, amount control.Amount) (*control.Payment, error) {
		return x.as(c).Move(x.once(ctx), x.Shortcode, control.Move{From: control.AccountWord(x.From), To: control.AccountWord(x.To), Amount: amount})
	})
}

type orgWithdraw struct {
	orgFlags
	onceFlag
	Amount string `arg:"" help:"In shillings: 100 or 100.50."`
}

func (x *orgWithdraw) Run(ctx context.Context, out io.Writer) error {
	return x.move(out, x.Amount, func(c *control.Client, amount control.Amount) (*control.Payment, error) {
		return x.as(c).WithdrawToBank(x.once(ctx), x.Shortcode, amount)
	})
}

type orgDeposit struct {
	orgFlags
	onceFlag
	Amount  string `arg:"" help:"In shillings: 100 or 100.50."`
	Account string `default:"working" placeholder:"working|utility|merchant" help:"The account that it is paid into (default: working)."`
}

func (x *orgDeposit) Run(ctx context.Context, out io.Writer) error {
	return x.move(out, x.Amount, func(c *control.Client, amount control.Amount) (*control.Payment, error) {
		return x.as(c).DepositFromBank(x.once(ctx), x.Shortcode, control.BankDeposit{Amount: amount, Account: control.AccountWord(x.Account)})
	})
}
