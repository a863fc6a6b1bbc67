package main

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/kivuko/kivuko/control"
)

// payments lists payments, or shows one.
type payments struct {
	clientFlags
	ID        string `arg:"" optional:"" help:"Show this one, by its number, receipt, ConversationID, MerchantRequestID, CheckoutRequestID or OriginatorConversationID."`
	Phone     string `help:"List only those in which this phone pays or is paid."`
	Shortcode string `help:"List only those that this business asked for; with an OriginatorConversationID: whose it is."`
	Kind      string `help:"List only those of this kind, such as stkpush or b2c."`
	State     string `placeholder:"${state}" help:"List only those in this state."`
	Result    string `help:"List only those with this result code."`
	Limit     int    `default:"20" help:"List at most so many, from 1 to 1000."`
}

// Run lists or shows.
func (p *payments) Run(ctx context.Context, out io.Writer) error {
	return p.call(func(c *control.Client) error {
		if p.ID != "" {
			shown, err := c.PaymentOf(ctx, p.Shortcode, p.ID)
			if err != nil {
				return err
			}
			return p.show(out, shown, func(w io.Writer) { writePayment(w, shown) })
		}
		list, err := c.Payments(ctx, control.PaymentFilter{Limit: p.Limit, Phone: p.Phone, Shortcode: p.Shortcode, Kind: control.Kind(p.Kind), State: control.State(p.State), Result: p.Result})
		if err != nil {
			return err
		}
		return p.show(out, list, func(w io.Writer) { writePayments(w, list) })
	})
}

func writePayments(w io.Writer, list *control.Page[control.Payment]) {
	table(w, list.Items, "no payments", "NUMBER, ACCEPTED, FROM, TO, AMOUNT, STATE, RESULT, RECEIPT OR REASON", func(p *control.Payment) {
		row(w, p.ID, moment(p.AcceptedAt), p.Payer, p.Payee, shillings(p.Amount), p.State, cmp.Or(p.Result, "-"), cmp.Or(p.Receipt, p.Reason, "-"))
	})
	if list.Next != "" {
		row(w, "(there are more)")
	}
}

func writePayment(w io.Writer, p *control.Payment) {
	row(w, came(p))
	fact(w, "  kind", string(p.Kind))
	row(w, "  from", p.Payer)
	row(w, "  to", p.Payee)
	fact(w, "  asked for by", p.Business)
	fact(w, "  initiator", p.Initiator)
	fact(w, "  on behalf of", p.Requester)
	fact(w, "  transaction type", p.TransactionType)
	fact(w, "  reference", p.Reference)
	fact(w, "  description", p.Description)
	fact(w, "  occasion", p.Occasion)
	if p.OriginalID != "" {
		about := p.OriginalID
		if p.Original != 0 {
			about += fmt.Sprintf(", payment %d", p.Original)
		}
		row(w, "  about", about)
	}
	row(w, "  accepted", moment(p.AcceptedAt))
	fact(w, "  due", moment(p.DueAt))
	fact(w, "  finished", moment(p.FinishedAt))
	fact(w, "  receipt", p.Receipt)
	fact(w, "  ThirdPartyTransID", p.ThirdPartyID)
	fact(w, "  OriginatorConversationID", p.OriginatorID)
	fact(w, "  MerchantRequestID", p.MerchantRequestID)
	fact(w, "  CheckoutRequestID", p.CheckoutRequestID)
	row(w, "  ConversationID", p.ConversationID)
	for _, t := range p.Transfers {
		row(w, "  "+t.Kind, fmt.Sprintf("%s from %s %s to %s %s", shillings(t.Amount), t.Debit.Party, t.Debit.Account, t.Credit.Party, t.Credit.Account))
	}
	for _, x := range p.Callbacks {
		row(w, fmt.Sprintf("  callback %d", x.ID), string(x.State)+", "+tries(x)+": "+x.URL)
	}
}
