package postgres

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/sqlread"
	"github.com/kivuko/kivuko/internal/unit"
)

const (
	paymentColumns    = "SELECT id, kind, state, payer, payee, business, amount, accepted_at, due_at, finished_at, result, previous, payee_previous, details FROM payments "
	selectPayments    = paymentColumns + "WHERE id = ANY($1::bigint[]) ORDER BY id"
	selectOpen        = paymentColumns + "WHERE state = 0 AND payer = ANY($1::bigint[])"
	selectAccounts    = "SELECT id, balance, held, day, spent, received, recent, last_payment, last_accepted, entries, last_entry_at FROM accounts WHERE id = ANY($1::bigint[]) ORDER BY id"
	selectDeliveries  = "SELECT id, kind, state, owner, due_at, url, attempts FROM deliveries WHERE id = ANY($1::bigint[]) ORDER BY id"
	selectSubscribers = "SELECT msisdn, name, pin, wrong_pins, unfinished, blocked_until, answers, after_ms, limits, standing, held_until, holds FROM subscribers WHERE msisdn = ANY($1::bigint[]) ORDER BY msisdn"
)

// lock is added to the statements that read rows. The rows are locked in the order in which the statement sorts them.
type lock string

// Units look at the rows with leading keys, and lock those that they want.
const (
	looking lock = ""
	locking lock = " FOR UPDATE"
)

// asked returns the keys of a table that are to be read.
func asked[K comparable](v *unit.View, table interface {
	Wanted(unit.Viewer) []K
	Leading(unit.Viewer) []K
}, l lock) []K {
	if l == looking {
		return table.Leading(v)
	}
	return table.Wanted(v)
}

// queueKeys queues the statement that reads the rows with the keys, as far as the view doesn't have them.
func queueKeys[K ~int64, T any](b *pgx.Batch, v *unit.View, table *unit.Table[K, T], statement string, l lock, scan func(pgx.Rows) (K, T, error)) {
	wanted := distinct(asked(v, table, l), func(k K) bool { return table.Loaded(v, k) })
	if len(wanted) == 0 {
		return
	}
	b.Queue(statement+string(l), wanted).Query(func(r pgx.Rows) error {
		for r.Next() {
			k, value, err := scan(r)
			if err != nil {
				return err
			}
			table.Load(v, k, value)
		}
		for _, k := range wanted {
			table.Missing(v, K(k))
		}
		return r.Err()
	})
}

// queueOpen queues the statement that finds the open payments of the payers. It is sent after the one that locks the payers
// themselves: a unit that has locked a payer is alone with their prompts. A unit that looks has the payments with it.
func queueOpen(b *pgx.Batch, v *unit.View, l lock) {
	wanted := distinct(asked(v, mpesa.OpenPrompts, l), func(p mpesa.Party) bool { return mpesa.OpenPrompts.Loaded(v, p) })
	if len(wanted) == 0 {
		return
	}
	b.Queue(selectOpen, wanted).Query(func(r pgx.Rows) error {
		for _, payer := range wanted {
			mpesa.OpenPrompts.Put(v, mpesa.Party(payer), 0)
		}
		for r.Next() {
			p, details, err := scanBarePayment(r)
			if err != nil {
				return err
			}
			mpesa.OpenPrompts.Put(v, p.Payer, p.ID)
			if l != looking || mpesa.Payments.Loaded(v, p.ID) {
				continue
			}
			if err := store.ParseDocument(details, &p.Details); err != nil {
				return err
			}
			mpesa.Payments.Load(v, p.ID, p)
		}
		return r.Err()
	})
}

const (
	// Rows that a unit reads and seldom changes are locked as those that it does: two units that held one together and both came to
	// change it would wait for each other.
	selectOperators = `SELECT o.document FROM operators AS o JOIN unnest($1::bigint[], $2::text[]) AS k (shortcode, username)
		ON o.shortcode = k.shortcode AND o.username = k.username ORDER BY o.shortcode, o.username`
	selectIdempotency = `SELECT i.owner, i.name, i.payment FROM idempotency AS i JOIN unnest($1::bigint[], $2::text[]) AS k (owner, name)
		ON i.owner = k.owner AND i.name = k.name`
	selectBulkRows = `SELECT r.bulk, r.line, r.phone, r.amount, r.remarks, r.payment FROM bulk_rows AS r JOIN unnest($1::bigint[], $2::bigint[]) AS k (bulk, line)
		ON r.bulk = k.bulk AND r.line = k.line ORDER BY r.bulk, r.line`
	selectApps          = "SELECT document FROM apps WHERE consumer_key = ANY($1::text[]) ORDER BY consumer_key"
	selectOrganisations = "SELECT document FROM organisations WHERE shortcode = ANY($1::bigint[]) ORDER BY shortcode"
)

// queuePairs queues the statement that reads the rows with the keys, each a number and a text, as far as the view doesn't have them.
func queuePairs[K comparable, T any](b *pgx.Batch, v *unit.View, table *unit.Table[K, T], statement string, l lock, pair func(K) (int64, string), scan func(pgx.Rows) (K, T, error)) {
	var numbers []int64
	var texts []string
	wanted := map[K]bool{}
	for _, k := range asked(v, table, l) {
		n, text := pair(k)
		switch {
		case wanted[k] || table.Loaded(v, k):
		case !sqlread.Storable(text):
			table.Missing(v, k)
		default:
			wanted[k] = true
			numbers, texts = append(numbers, n), append(texts, text)
		}
	}
	if len(wanted) == 0 {
		return
	}
	b.Queue(statement, numbers, texts).Query(func(r pgx.Rows) error {
		for r.Next() {
			k, value, err := scan(r)
			if err != nil {
				return err
			}
			table.Load(v, k, value)
		}
		for k := range wanted {
			table.Missing(v, k)
		}
		return r.Err()
	})
}

// queueApps queues the statement that reads apps.
func queueApps(b *pgx.Batch, v *unit.View, l lock) {
	var wanted []string
	for _, k := range asked(v, mpesa.Apps, l) {
		switch {
		case mpesa.Apps.Loaded(v, k) || slices.Contains(wanted, k):
		case !sqlread.Storable(k):
			mpesa.Apps.Missing(v, k)
		default:
			wanted = append(wanted, k)
		}
	}
	if len(wanted) == 0 {
		return
	}
	b.Queue(selectApps+string(l), wanted).Query(func(r pgx.Rows) error {
		for r.Next() {
			a, err := scanDocument[mpesa.App](r)
			if err != nil {
				return err
			}
			mpesa.Apps.Load(v, a.Key, a)
		}
		for _, k := range wanted {
			mpesa.Apps.Missing(v, k)
		}
		return r.Err()
	})
}

// queueBulkRows queues the statement that reads rows of bulk files.
func queueBulkRows(b *pgx.Batch, v *unit.View, l lock) {
	var bulks, lines []int64
	for _, k := range asked(v, mpesa.BulkRows, l) {
		if !mpesa.BulkRows.Loaded(v, k) {
			bulks, lines = append(bulks, k.Bulk), append(lines, k.Line)
		}
	}
	if len(bulks) == 0 {
		return
	}
	b.Queue(selectBulkRows+string(l), bulks, lines).Query(func(r pgx.Rows) error {
		for r.Next() {
			var x mpesa.BulkRow
			if err := r.Scan(&x.ID.Bulk, &x.ID.Line, (*int64)(&x.Phone), (*int64)(&x.Amount), &x.Remarks, &x.Payment); err != nil {
				return err
			}
			mpesa.BulkRows.Load(v, x.ID, x)
		}
		for i := range bulks {
			mpesa.BulkRows.Missing(v, mpesa.BulkRowID{Bulk: bulks[i], Line: lines[i]})
		}
		return r.Err()
	})
}

func operatorPair(id mpesa.OperatorID) (int64, string)       { return int64(id.Shortcode), id.Username }
func idempotencyPair(k mpesa.IdempotencyKey) (int64, string) { return int64(k.Owner), k.Name }

func scanOperator(r pgx.Rows) (mpesa.OperatorID, mpesa.Operator, error) {
	o, err := scanDocument[mpesa.Operator](r)
	return o.ID(), o, err
}

func scanIdempotency(r pgx.Rows) (k mpesa.IdempotencyKey, payment int64, err error) {
	err = r.Scan((*int64)(&k.Owner), &k.Name, &payment)
	return k, payment, err
}

func scanOrganisation(r pgx.Rows) (mpesa.Shortcode, mpesa.Organisation, error) {
	o, err := scanDocument[mpesa.Organisation](r)
	return o.Shortcode, o, err
}

func scanDocument[T any](r pgx.Rows) (v T, err error) {
	var document string
	if err = r.Scan(&document); err == nil {
		err = store.ParseDocument(document, &v)
	}
	return v, err
}

// distinct gives each key that the view doesn't have once, in order.
func distinct[K ~int64](keys []K, loaded func(K) bool) []int64 {
	var list []int64
	for _, k := range keys {
		if !loaded(k) {
			list = append(list, int64(k))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func scanSubscriber(r pgx.Rows) (msisdn.Number, mpesa.Subscriber, error) {
	var s mpesa.Subscriber
	var pin []byte
	err := r.Scan((*int64)(&s.MSISDN), &s.Name, &pin, &s.WrongPINs, &s.Unfinished, &s.BlockedUntil, (*string)(&s.Answers), &s.AfterMS, &s.Limits, (*string)(&s.Standing), &s.HeldUntil, (*string)(&s.Holds))
	copy(s.PIN[:], pin)
	return s.MSISDN, s, err
}

func scanPayment(r pgx.Rows) (int64, mpesa.Payment, error) {
	p, details, err := scanBarePayment(r)
	if err == nil {
		err = store.ParseDocument(details, &p.Details)
	}
	return p.ID, p, err
}

func scanBarePayment(r pgx.Rows) (p mpesa.Payment, details string, err error) {
	err = r.Scan(&p.ID, (*int64)(&p.Kind), (*int64)(&p.State), (*int64)(&p.Payer), (*int64)(&p.Payee), (*int64)(&p.Business), (*int64)(&p.Amount),
		&p.AcceptedAt, &p.DueAt, &p.FinishedAt, (*string)(&p.Result), &p.Previous, &p.PayeePrevious, &details)
	return p, details, err
}

func scanAccount(r pgx.Rows) (mpesa.AccountID, mpesa.Account, error) {
	var a mpesa.Account
	var recent []byte
	err := r.Scan((*int64)(&a.ID), (*int64)(&a.Balance), (*int64)(&a.Held), &a.Day, (*int64)(&a.Spent), (*int64)(&a.Received), &recent, &a.LastPayment, &a.LastAccepted, &a.Entries, &a.EntryAt)
	if err == nil {
		a.Recent, err = store.ParseRecent(recent)
	}
	return a.ID, a, err
}

func scanDelivery(r pgx.Rows) (int64, mpesa.Delivery, error) {
	var d mpesa.Delivery
	var attempts string
	err := r.Scan(&d.ID, (*int64)(&d.Kind), (*int64)(&d.State), (*int64)(&d.Owner), &d.DueAt, &d.URL, &attempts)
	if err == nil {
		err = store.ParseDocument(attempts, &d.Attempts)
	}
	return d.ID, d, err
}
