package tables

import (
	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/mpesa"
	numbers "github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/unit"
)

type msisdn = numbers.Number

// Payments are the requests that move money.
var Payments = define(&Table[int64, mpesa.Payment]{
	Rows: mpesa.Payments, Most: 16_384, Worth: func(p *mpesa.Payment) bool { return !p.State.Final() },
	Key: func(k *int64, c *unit.Columns) { unit.Num(c, "id", k) },
	Columns: func(p *mpesa.Payment, c *unit.Columns) {
		unit.Num(c, "id", &p.ID)
		course(&p.Header, c)
		unit.Num(c, "previous", &p.Previous)
		unit.Num(c, "payee_previous", &p.PayeePrevious)
		c.Keep(p.KeepsDetails())
		unit.Num(c, "payee", &p.Payee)
		unit.Text(c, "reason", &p.Reason)
		unit.Doc(c, "details", &p.Details, DetailsDocument)
		c.Fixed()
		asked(&p.Header, c)
	},
}, Facts{Lock: true, Postgres: "autovacuum_vacuum_scale_factor = 0.05", Indexes: append([]Index{
	{Name: "payments_open", Columns: "payer", Where: Open, Unique: true, About: "one prompt on a phone"},
	{Name: "payments_due", Columns: "due_at", Where: Open, Only: PostgreSQL},
	{Name: "payments_accepted", Columns: "accepted_at", Where: OfCustomers, About: "finds a CheckoutRequestID, and what Pull asks for"},
	{Name: "payments_failed", Columns: "result, id", Where: HasFailed, About: "by what went wrong"},
}, waiting("payments")...)})

// course is how far something that was asked for has come.
func course(h *mpesa.Header, c *unit.Columns) {
	unit.Num(c, "state", &h.State)
	unit.Num(c, "due_at", &h.DueAt)
	unit.Num(c, "finished_at", &h.FinishedAt)
	unit.Text(c, "result", &h.Result)
}

// asked is what was asked for, and by whom.
func asked(h *mpesa.Header, c *unit.Columns) {
	unit.Num(c, "kind", &h.Kind)
	unit.Num(c, "payer", &h.Payer)
	unit.Num(c, "business", &h.Business)
	unit.Num(c, "amount", &h.Amount)
	unit.Num(c, "accepted_at", &h.AcceptedAt)
}

// headed is a row with a header.
type headed[T any] interface {
	*T
	Head() *mpesa.Header
}

// unpaid completes the table of what moves no money, and otherwise takes its course as payments do: its header, and the rest as a document.
func unpaid[T any, P headed[T]](rows *unit.Table[int64, T], f Facts) *Table[int64, T] {
	f.Lock = true
	f.Indexes = append(waiting(rows.Name), f.Indexes...)
	return define(&Table[int64, T]{
		Rows: rows, Most: 1024, Worth: func(row *T) bool { return !P(row).Head().State.Final() },
		Key: func(k *int64, c *unit.Columns) { unit.Num(c, "id", k) },
		Columns: func(row *T, c *unit.Columns) {
			h := P(row).Head()
			unit.Num(c, "id", &h.ID)
			course(h, c)
			unit.Text(c, "reason", &h.Reason)
			unit.Doc(c, "details", row, nil)
			c.Fixed()
			unit.Num(c, "payee", &h.Payee)
			asked(h, c)
		},
	}, f)
}

// waiting are the indexes by which what waits is found.
func waiting(table string) []Index {
	const about = "queued, or being validated"
	return []Index{
		{Name: table + "_waiting", Columns: "due_at", Where: Waiting, About: about, Only: PostgreSQL},
		{Name: table + "_waiting", Columns: "id", Where: Waiting, About: about, Only: SQLite},
	}
}

// Queries are what organisations have asked.
var Queries = unpaid(mpesa.Queries, Facts{About: "What organisations have asked: how a payment stands, and what their accounts hold.", Indexes: []Index{
	{Name: "queries_failed", Columns: "result, id", Where: HasFailed, About: "by what went wrong"},
}})

// Orders are the standing orders.
var Orders = unpaid(mpesa.Orders, Facts{About: "Standing orders, which make payments.", Postgres: "autovacuum_vacuum_scale_factor = 0.05", Indexes: []Index{
	{Name: "standing_orders_open", Columns: "payer", Where: Open, Unique: true, About: "one prompt on a phone"},
	{Name: "standing_orders_due", Columns: "due_at", Where: Open, Only: PostgreSQL},
	{Name: "standing_orders_failed", Columns: "result, id", Where: HasFailed, About: "by what went wrong"},
	{Name: "standing_orders_by_customer", Columns: "payer, id", About: "the messages of a phone"},
}})

// Deliveries are what merchants' URLs are told.
var Deliveries = define(&Table[int64, mpesa.Delivery]{
	Rows: mpesa.Deliveries, Most: 16_384, Worth: func(d *mpesa.Delivery) bool { return d.State == mpesa.Pending },
	Key: func(k *int64, c *unit.Columns) { unit.Num(c, "id", k) },
	Columns: func(d *mpesa.Delivery, c *unit.Columns) {
		unit.Num(c, "id", &d.ID)
		unit.Num(c, "state", &d.State)
		unit.Num(c, "due_at", &d.DueAt)
		unit.Doc(c, "attempts", &d.Attempts, AttemptsDocument)
		c.Fixed()
		unit.Num(c, "kind", &d.Kind)
		unit.Num(c, "owner", &d.Owner)
		unit.Text(c, "url", &d.URL)
	},
}, Facts{Lock: true, About: "id is payment × 16 + a count.", Postgres: "autovacuum_vacuum_scale_factor = 0.05", Indexes: []Index{
	{Name: "deliveries_in_vain", Columns: "id", Where: ToldInVain, About: "the URL never answered 2xx"},
	{Name: "deliveries_pending", Columns: "id", Where: ToBeTold, Only: SQLite},
	{Name: "deliveries_due", Columns: "due_at", Where: ToBeTold, Only: PostgreSQL},
}})

// Accounts are the balances.
var Accounts = define(&Table[mpesa.AccountID, mpesa.Account]{
	Rows: mpesa.Accounts, Most: 65_536,
	Key: func(k *mpesa.AccountID, c *unit.Columns) { unit.Num(c, "id", k) },
	Columns: func(a *mpesa.Account, c *unit.Columns) {
		unit.Num(c, "id", &a.ID)
		unit.Num(c, "balance", &a.Balance)
		unit.Num(c, "held", &a.Held)
		unit.Num(c, "entries", &a.Entries)
		unit.Num(c, "last_entry_at", &a.EntryAt)
		unit.Num(c, "last_payment", &a.LastPayment)
		unit.Num(c, "day", &a.Day)
		unit.Num(c, "spent", &a.Spent)
		unit.Num(c, "received", &a.Received)
		unit.Num(c, "last_accepted", &a.LastAccepted)
		unit.Blob(c, "recent", &a.Recent, appendRecent, parseRecent)
	},
}, Facts{Lock: true, About: "id is party × 16 + kind. day, spent, received, recent and last_accepted are of customers' wallets.",
	Postgres: "fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05"})

// Holds are what is reserved of accounts.
var Holds = define(&Table[ledger.HoldID, ledger.Hold]{
	Rows: ledger.Holds, Most: 1024,
	Key: func(k *ledger.HoldID, c *unit.Columns) { unit.Num(c, "id", k) },
	Columns: func(h *ledger.Hold, c *unit.Columns) {
		unit.Num(c, "id", &h.ID)
		unit.Num(c, "account", &h.Account)
		unit.Num(c, "amount", &h.Amount)
	},
}, Facts{Lock: true, About: "What waits reserves of accounts, whose held is the sum. id is its number × 16 + a count.", Checks: map[string]string{"amount": "amount > 0"},
	Postgres: "autovacuum_vacuum_scale_factor = 0.05"})

// Transfers are the entries of the books.
var Transfers = defineLog(&Log[mpesa.Transfer]{
	Rows: mpesa.Transfers,
	Columns: func(t *mpesa.Transfer, c *unit.Columns) {
		unit.Num(c, "id", &t.ID)
		unit.Num(c, "debit", &t.Debit)
		unit.Num(c, "credit", &t.Credit)
		unit.Num(c, "amount", &t.Amount)
		unit.Num(c, "kind", &t.Kind)
		unit.Num(c, "at", &t.At)
		unit.Num(c, "debit_after", &t.DebitAfter)
		unit.Num(c, "credit_after", &t.CreditAfter)
		unit.Num(c, "debit_entry", &t.DebitEntry)
		unit.Num(c, "credit_entry", &t.CreditEntry)
	},
}, 1, Facts{About: "id is payment × 16 + a count.", Checks: map[string]string{"amount": "amount > 0"}, Indexes: []Index{
	{Name: "transfers_debited", Columns: "debit, at, debit_entry", Where: OfOrganisation("debit"), About: "the statements of organisations' accounts"},
	{Name: "transfers_credited", Columns: "credit, at, credit_entry", Where: OfOrganisation("credit")},
}})

// Messages are SMS that no payment tells of.
var Messages = defineLog(&Log[mpesa.Message]{
	Rows: mpesa.Messages,
	Columns: func(m *mpesa.Message, c *unit.Columns) {
		unit.Num(c, "msisdn", &m.Phone)
		unit.Num(c, "id", &m.ID)
		unit.Num(c, "at", &m.At)
		unit.Text(c, "text", &m.Text)
	},
}, 2, Facts{About: "SMS that no payment tells of."})
