// Package store says what the engine and its readers need from a database. The packages sqlite and postgres provide it, and
// storetest holds both to the same promises.
package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/unit"
)

// Errors that a store returns, wrapped. Any other means that the database did not do what it was told.
var (
	ErrConflict = errors.New("another unit of work was faster")         // nothing was written: decide again
	ErrLost     = errors.New("the connection to the database was lost") // before anything was written
	ErrUnknown  = errors.New("whether the database kept it is unknown") // see Unit.Settle
	ErrSolitary = errors.New("no standby has it")                       // beside ErrUnknown: it is kept here, and lost at a promotion
	ErrCorrupt  = errors.New("a row is not what Kivuko wrote")
	ErrUnread   = errors.New("the database could not be read")          // by a Reader
	ErrOrder    = errors.New("rows would be locked out of their order") // nothing was loaded: begin again, with these rows among the first
	ErrOutside  = fmt.Errorf("%w: another program has written to the database", ErrConflict)
	ErrNewer    = errors.New("the database was written by a newer Kivuko")
	ErrForeign  = errors.New("the database is not Kivuko's")
	ErrInUse    = errors.New("the database is in use by another process")
)

// Store is a database with the books in it.
type Store interface {
	Reader

	// Begin starts a unit of work.
	Begin(ctx context.Context) (Unit, error)

	// Workers is how many units may be under way at a time.
	Workers() int

	// Shared reports whether other processes may be working on the database too.
	Shared() bool

	// Reserve gives n consecutive numbers that nobody else gets, and returns the first.
	Reserve(ctx context.Context, n int64) (first int64, err error)

	// Common is what the nodes on a database know of each other by now; zero on a database that no other node shares.
	Common(ctx context.Context) (Common, error)

	// Setting and PutSetting keep a few values of the installation. A value that is missing is "".
	Setting(ctx context.Context, name string) (string, error)
	PutSetting(ctx context.Context, name, value string) error

	// KeepSetting sets a value unless there is one, and returns the one that then stands.
	KeepSetting(ctx context.Context, name, value string) (kept string, err error)

	// EndSession notes that a session of the console was ended, and forgets those that would be over by now. EndedSessions lists the others.
	EndSession(ctx context.Context, id string, now, until time.Time) error
	EndedSessions(ctx context.Context, now time.Time) (ids []string, err error)

	Close() error
}

// Unit is a unit of work: rows are loaded, and the changes that were decided on them are written together or not at all.
// A unit is used by one goroutine, and is over after Commit or Rollback, but for Settle.
type Unit interface {
	// Look puts the rows with leading keys into the view as they stand, and open payments with them; rows that aren't there it marks missing.
	// Others may change them at once: nothing may be decided on what it finds. It comes before the first Load.
	Look(ctx context.Context, v *unit.View) error

	// Load puts the wanted rows into the view; rows that aren't there it marks missing. Organisations to look up it leaves alone.
	// What is loaded doesn't change until the unit is over. A store that locks rows does so in one order for all units (tables.Order): it
	// refuses with ErrOrder what doesn't come after the rows that the unit has loaded before.
	Load(ctx context.Context, v *unit.View) error

	// Common is what the first Look or Load has read of what nodes know of each other; ok is false where nothing was read.
	Common() (c Common, ok bool)

	// Commit writes what has changed in the view. When it returns nil, the changes are on disk. When it returns ErrUnknown, they may
	// be there or may still come there, and Settle finds out. After any other error they never are.
	Commit(ctx context.Context, v *unit.View) error

	// Settle finds out what came of a Commit that returned ErrUnknown: whether the changes are on disk for good, or are not and never
	// will be. An error means that this can't be known yet: ask again. It may be called beside other units.
	Settle(ctx context.Context) (committed bool, err error)

	Rollback()
}

// ClockSetting is the setting that says how far all nodes' clocks run ahead of the system's, in nanoseconds.
const ClockSetting = "clock offset"

// Common is what the nodes on a database know of each other.
type Common struct {
	Generation int64         // grows with each change of organisations, operators and apps
	Ahead      time.Duration // how far the clock runs ahead of the system's
	Skew       time.Duration // how far this machine's clock is ahead of the database's, at least; negative: behind it
}

// SkewOf is how far this machine's clock is ahead of the database's, at least, when the database has told the time of its clock between two
// times of ours.
func SkewOf(asked, database, told time.Time) time.Duration {
	switch {
	case asked.After(database):
		return asked.Sub(database)
	case told.Before(database):
		return told.Sub(database)
	}
	return 0
}

// Page selects a part of a list, newest first: at most Limit rows with numbers below Before (0: from the newest) and above After.
type Page struct {
	Before int64
	After  int64
	Limit  int
}

// Entry names a transfer in the order of an account's: when it was posted, in milliseconds, and which of the account's it is.
type Entry struct{ At, Number int64 }

// Period is a time from a moment to another, both within it, in milliseconds.
type Period struct{ From, To int64 }

// PaymentFilter narrows a list of payments, or of all that was asked for. Zero values select everything.
type PaymentFilter struct {
	Payer    mpesa.Party
	Party    mpesa.Party // payer or payee
	Business mpesa.Shortcode
	Kind     mpesa.Kind
	State    *mpesa.State
	Result   string
}

// TaskFilter selects an organisation's tasks: all, those that wait for an approval, those that no longer do, or those that are bulk files.
type TaskFilter struct {
	Business  mpesa.Shortcode
	Waiting   bool
	Decided   bool
	Bulk      bool
	Initiator string // the operator; "": any
}

// Reader reads what has been committed, beside the units of work.
type Reader interface {
	// Row and After are how Get and List read: a *T, or nil, and a []T, of the rows that a *unit.Table names.
	Row(ctx context.Context, rows, key any) (row any, err error)
	After(ctx context.Context, rows, key any, limit int) (list any, err error)

	// These return nil, or an empty list, for what isn't there.
	PaymentAcceptedAt(ctx context.Context, ms int64, payer mpesa.Party) (*mpesa.Payment, error)
	Payments(ctx context.Context, f PaymentFilter, p Page) ([]mpesa.Payment, error)

	// Activity lists all that was asked for, newest first; tasks only where they have become no payment, as the payments that they would be.
	Activity(ctx context.Context, f PaymentFilter, p Page) ([]mpesa.Subject, error)
	Transfers(ctx context.Context, payment int64) ([]mpesa.Transfer, error)

	// PaidIn lists what customers paid to a party by M-Pesa Express and C2B and was completed in a period, in the order of the requests.
	PaidIn(ctx context.Context, payee mpesa.Party, period Period, offset, limit int) ([]mpesa.Payment, error)
	Deliveries(ctx context.Context, owner mpesa.Shortcode, state *mpesa.DeliveryState, p Page) ([]mpesa.Delivery, error)
	Accounts(ctx context.Context, owner mpesa.Party) ([]mpesa.Account, error)
	Owned(ctx context.Context, owner msisdn.Number) ([]mpesa.Organisation, error)                 // of a customer, in order
	WithURLs(ctx context.Context, after mpesa.Shortcode, limit int) ([]mpesa.Organisation, error) // that have registered URLs for C2B, in order
	Operators(ctx context.Context, s mpesa.Shortcode) ([]mpesa.Operator, error)
	Originated(ctx context.Context, name string) (payment int64, err error) // of the first organisation that has the key's name; 0: none has
	Token(ctx context.Context, digest mpesa.TokenDigest) (*mpesa.Token, error)

	// Entries lists the transfers of an organisation's account in a period, newest first: at most limit, and unless it is zero, those before an entry.
	Entries(ctx context.Context, account mpesa.AccountID, period Period, before Entry, limit int) ([]mpesa.Transfer, error)

	// Tasks lists what operators have initiated, the newest first.
	Tasks(ctx context.Context, f TaskFilter, p Page) ([]portal.Task, error)

	// BulkRows lists rows of a file in the order of their lines. BulkPayments
	// lists those whose turn has come, with their payments; if failed, only those that could not be paid.
	BulkRows(ctx context.Context, bulk, after int64, limit int) ([]portal.BulkRow, error)
	BulkPayments(ctx context.Context, bulk, after int64, failed bool, limit int) ([]BulkPayment, error)

	// Messages and Audit list the newest first.
	Messages(ctx context.Context, phone msisdn.Number, p Page) ([]mpesa.Message, error)
	Audit(ctx context.Context, business mpesa.Shortcode, p Page) ([]mpesa.AuditEntry, error)

	// Due and DueDeliveries list what is waiting or pending with a due time of at most until, earliest first.
	Due(ctx context.Context, until int64, limit int) ([]Due, error)
	DueDeliveries(ctx context.Context, until int64, limit int) ([]mpesa.Delivery, error)

	// Books adds the transfers up, compares, and goes through the chain.
	Books(ctx context.Context, e Evidence) (Books, error)

	// Heads gives the newest anchor, if there is one, and the latest units of the chains that have moved since.
	Heads(ctx context.Context) (newest *Anchor, moved []Head, err error)

	// Ping reports whether the database answers.
	Ping(ctx context.Context) error
}

// Get reads the row that has a key; nil: there is none.
func Get[K comparable, T any](ctx context.Context, r Reader, table *unit.Table[K, T], key K) (*T, error) {
	row, err := r.Row(ctx, table, key)
	found, _ := row.(*T)
	return found, err
}

// Subject reads what has a number, in whatever table it is; nil: nothing has. A task that has become no payment is the payment that it would be.
func Subject(ctx context.Context, r Reader, id int64) (mpesa.Subject, error) {
	p, err := Get(ctx, r, mpesa.Payments, id)
	if err != nil {
		return nil, err
	}
	if p != nil {
		return p, nil
	}
	q, err := Get(ctx, r, mpesa.Queries, id)
	if err != nil {
		return nil, err
	}
	if q != nil {
		return q, nil
	}
	o, err := Get(ctx, r, mpesa.Orders, id)
	if err != nil {
		return nil, err
	}
	if o != nil {
		return o, nil
	}
	t, err := Get(ctx, r, portal.Tasks, id)
	if err != nil || t == nil {
		return nil, err
	}
	return &t.Payment, nil
}

// Holder returns the payment that has a key; 0: none has.
func Holder(ctx context.Context, r Reader, k mpesa.IdempotencyKey) (payment int64, err error) {
	h, err := Get(ctx, r, mpesa.Idempotency, k)
	if h == nil {
		return 0, err
	}
	return h.Payment, err
}

// List reads rows in the order of their keys, those after a key.
func List[K comparable, T any](ctx context.Context, r Reader, table *unit.Table[K, T], after K, limit int) ([]T, error) {
	rows, err := r.After(ctx, table, after, limit)
	list, _ := rows.([]T)
	return list, err
}

// Held lists what the payment with a number has reserved.
func Held(ctx context.Context, r Reader, number int64) (list []ledger.Reservation, err error) {
	holds, err := List(ctx, r, ledger.Holds, ledger.HoldID(number<<4-1), ledger.MostHolds)
	for _, h := range holds {
		if h.ID.Number() == number {
			list = append(list, h.Reservation)
		}
	}
	return list, err
}

// MostTokens is how many access tokens of an app are kept: with another one the oldest goes.
const MostTokens = 5000

// AppsOf lists the apps that tokens are of, in order.
func AppsOf(tokens []mpesa.Token) (apps []string) {
	for i := range tokens {
		apps = append(apps, tokens[i].App)
	}
	slices.Sort(apps)
	return slices.Compact(apps)
}

// BulkPayment is a row of a bulk file and the payment that it became.
type BulkPayment struct {
	Line    int64
	Payment mpesa.Payment
}

// Due is something that waits, to be looked at.
type Due struct {
	Number int64
	Kind   mpesa.Kind
	State  mpesa.State
	Payer  mpesa.Party
	DueAt  int64 // milliseconds
}

// Books is what the transfers say, recomputed, and what doesn't agree with it. The books are right when Sum is zero and Wrong is empty.
type Books struct {
	Accounts  int64         // with a balance row
	Transfers int64         //
	Payments  int64         // and what else was asked for
	Open      int64         // of which wait
	Sum       money.Amount  // of all balances: zero
	Anchor    *Anchor       // the newest; nil: there is none yet
	Wrong     []Discrepancy // by check; only those that found something
}

// Balanced reports whether the books are right.
func (b *Books) Balanced() bool { return b.Sum == 0 && len(b.Wrong) == 0 }

// Note adds what a check found.
func (b *Books) Note(d Discrepancy) {
	if d.Count > 0 {
		b.Wrong = append(b.Wrong, d)
	}
}

// Discrepancy is what a check of the books found.
type Discrepancy struct {
	Check string   // one of the checks below
	Count int64    // rows for which it doesn't hold
	Rows  []string // the first of them: accounts by their names, or payments by their numbers
}

// The checks of the books, as sentences about the rows that fail them.
const (
	BalanceDiffers     = "the balance or the count of entries is not that of the transfers"
	EntryDoesNotFollow = "an entry does not follow from the one before it"
	Overdrawn          = "the account is below what is reserved of it"
	HeldDiffers        = "what is reserved is not the sum of its holds"
	HeldByNone         = "it has money held, and does not wait"
	NotHeld            = "it waits with its money held, and less than its amount is"
	NotMoved           = "it is completed without a transfer, or has one and is not completed"
	NotMade            = "it is completed without a payment, or has one and is not completed"
	NoPayment          = "transfers have its number, and the payment is not there"
	AmountDiffers      = "the transfers of its amount are not that amount"
	KeyMissing         = "its OriginatorConversationID is not kept, and could be used again"
	NotDelivered       = "it has ended, and no delivery of its result is kept"

	UnitDiffers   = "a unit of work is not in the chain as it was written"
	NotInChain    = "no unit of work has written it"
	AnchorDiffers = "an anchor is not in the chain as it was written"
	AnchorUnknown = "the anchor that was written down is not in the chain"
)

// maxRows bounds the rows that a discrepancy names.
const maxRows = 10

// Add counts a row.
func (d *Discrepancy) Add(row string) {
	if d.Count++; len(d.Rows) < maxRows {
		d.Rows = append(d.Rows, row)
	}
}
