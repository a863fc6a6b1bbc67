package controlapi

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/spreadsheet"
	"github.com/kivuko/kivuko/internal/store"
)

// statementWriter writes entries as people read them.
type statementWriter struct {
	*server
	ctx   context.Context
	own   mpesa.Party            // whose statement it is
	names map[mpesa.Party]string // that have been looked up
}

func (s *server) statementWriter(ctx context.Context, o *mpesa.Organisation) *statementWriter {
	return &statementWriter{s, ctx, o.Shortcode.Party(), map[mpesa.Party]string{}}
}

// add adds a transfer to a statement, as an entry of one of the organisation's accounts.
func (w *statementWriter) add(shown *control.Statement, t *mpesa.Transfer, account mpesa.AccountID) error {
	e, err := w.entry(t, account)
	shown.Items = append(shown.Items, e)
	return err
}

func (w *statementWriter) entry(t *mpesa.Transfer, account mpesa.AccountID) (e control.StatementEntry, err error) {
	e.Number, e.Balance = sideOf(t, account)
	e.At, e.Account, e.Payment = control.At(t.At), account.Kind().String(), t.Payment()
	other := t.Debit
	if t.Credit == account {
		e.PaidIn = control.Amount(t.Amount)
	} else {
		e.Withdrawn, other = control.Amount(t.Amount), t.Credit
	}
	p, err := store.Get(w.ctx, w.Store, mpesa.Payments, t.Payment())
	if err != nil || p == nil {
		return e, err
	}
	e.Receipt = w.identifiers(p).receipt
	e.Details, e.Reference, e.Remarks = entryDetails(p, t.Kind), p.Details.Reference, p.Details.Description
	if p.Kind == mpesa.Reversal {
		e.Reference = p.Details.OriginalID
	}
	e.Party, err = w.party(p, other)
	return e, err
}

// party is the other side of an entry: an account of the organisation's own, or somebody by number and name.
func (w *statementWriter) party(p *mpesa.Payment, other mpesa.AccountID) (string, error) {
	switch party := other.Party(); party {
	case w.own:
		return other.Kind().String(), nil
	case mpesa.Provider:
		return "M-PESA", nil
	case p.Payer:
		return w.named(party, p.Details.Payer)
	case p.Payee:
		return w.named(party, p.Details.Payee)
	default:
		return w.named(party, "")
	}
}

// named is a party's number and name. Names that no payment remembers are looked up once for a statement.
func (w *statementWriter) named(party mpesa.Party, remembered string) (string, error) {
	if remembered != "" {
		return w.partyName(w.ctx, party, remembered)
	}
	name, known := w.names[party]
	if known {
		return name, nil
	}
	name, err := w.partyName(w.ctx, party, "")
	if len(w.names) < maxPage {
		w.names[party] = name
	}
	return name, err
}

// entryDetails says what an entry is for, from the organisation's side.
func entryDetails(p *mpesa.Payment, leg mpesa.TransferKind) string {
	op, known := mpesa.FindOperation(p.Kind, p.Details.TransactionType)
	what := p.Details.TransactionType
	switch {
	case known && leg == mpesa.BusinessCharge:
		return op.Charge
	case known:
		return op.Title()
	case p.Kind == mpesa.OwnMove:
		return p.Details.Route.Title()
	case what == "" && p.Kind == mpesa.Deposit: // by which the world began
		what = mpesa.BankDeposit
	case p.Kind == mpesa.B2BExpress:
		what = "Business to Business Payment"
	case what == mpesa.CustomerPayBillOnline:
		what = "Pay Bill"
	case what == mpesa.CustomerBuyGoodsOnline:
		what = "Merchant Payment"
	}
	if p.Kind == mpesa.Express {
		what += " Online"
	}
	if leg != mpesa.Principal {
		what += " Charge"
	}
	return what
}

// getStatementCSV writes all entries of an account in a period, the newest first, as a table.
func (s *server) getStatementCSV(r *request[periodQuery, none]) (answer, error) {
	q, o, err := s.statementOf(r.Request, &r.Query, new(searchQuery))
	if err != nil {
		return answer{}, err
	}
	ctx := r.Context()
	return answer{status: http.StatusOK, media: control.CSVType, stream: func(to io.Writer) error {
		return s.statementWriter(ctx, o).writeCSV(q, to)
	}}, nil
}

// csvHead are the columns of a statement.
var csvHead = []string{"Entry", "Completed", "Receipt", "Details", "Other party", "Reference", "Remarks", "Paid in", "Withdrawn", "Balance"}

func (w *statementWriter) writeCSV(q *statementQuery, to io.Writer) error {
	table := spreadsheet.NewWriter(to)
	table.Write(csvHead...)
	for before := (store.Entry{}); ; {
		list, err := w.Store.Entries(w.ctx, q.account, q.period, before, scanPage)
		if err != nil {
			return err
		}
		for i := range list {
			e, err := w.entry(&list[i], q.account)
			if err != nil {
				return err
			}
			before = store.Entry{At: list[i].At, Number: e.Number}
			table.Write(csvRow(&e)...)
		}
		if err := table.Flush(); err != nil || len(list) < scanPage {
			return err
		}
	}
}

func csvRow(e *control.StatementEntry) []string {
	return []string{strconv.FormatInt(e.Number, 10), e.At.In(clock.EAT).Format(time.DateTime), e.Receipt,
		e.Details, e.Party, e.Reference, e.Remarks, e.PaidIn.String(), e.Withdrawn.String(), e.Balance.String()}
}
