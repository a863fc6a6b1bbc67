package storetest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

var chainTests = map[string]func(*testing.T, Database){
	"UnitsThatTheChainHasNothingOfLeaveNoRows": testIdleUnits,
	"AChainGoesOn":                        testChainGoesOn,
	"AnAnchorHoldsTheChainsThatHaveMoved": testAnchors,
}

// sign is how the installation of the tests signs, and forge how another one does.
func sign(text string) []byte  { sum := sha256.Sum256([]byte("ours " + text)); return sum[:] }
func forge(text string) []byte { sum := sha256.Sum256([]byte("others' " + text)); return sum[:] }

func anchor(t *testing.T, s store.Store) *store.Anchor {
	t.Helper()
	return must[*store.Anchor](t)(store.KeepAnchor(t.Context(), s, noon.UnixMilli(), sign))
}

func books(t *testing.T, s store.Store, e store.Evidence) store.Books {
	t.Helper()
	return must[store.Books](t)(s.Books(t.Context(), e))
}

// tampering is a change of the books by hand, and a part of what is found for each check that finds it.
type tampering struct {
	by   []string // SQL
	want found
}

// tamperings are changes of a database with the rows of paid in its first unit, those of entries in its second, an anchor, a deposit, and an anchor
// for that.
func tamperings(s Database) map[string]tampering {
	key := fmt.Sprintf("row %d 1 of idempotency is gone", shop)
	return map[string]tampering{
		"a payment's amount": {[]string{"UPDATE payments SET amount = amount * 100 WHERE id = 1"},
			found{store.AmountDiffers: "payment 1", store.UnitDiffers: "unit 1 of chain 1, 1970-01-01 03:00:00: row 1 of payments has changed"}},
		"a payment's parties":    {[]string{"UPDATE payments SET payer = 254700000000 WHERE id = 4"}, found{store.UnitDiffers: "row 4 of payments has changed"}},
		"what came of a payment": {[]string{"UPDATE payments SET result = '1' WHERE id = 4"}, found{store.UnitDiffers: "row 4 of payments has changed"}},
		"a transfer's running balances, along the account": {[]string{"UPDATE transfers SET debit_after = debit_after - 1, credit_after = credit_after + 1"},
			found{store.EntryDoesNotFollow: wallet.String(), store.UnitDiffers: "row 32 of transfers has changed"}},
		"a transfer's date": {[]string{"UPDATE transfers SET at = at + 86400000 WHERE id = 16"}, found{store.UnitDiffers: "row 16 of transfers has changed"}},
		"a transfer's amount and all that follows": {[]string{"UPDATE transfers SET amount = 101, debit_after = debit_after - 1, credit_after = credit_after + 1 WHERE id = 32",
			"UPDATE transfers SET debit_after = debit_after - 1, credit_after = credit_after + 1 WHERE id > 32", "UPDATE payments SET amount = 101 WHERE id = 2",
			fmt.Sprintf("UPDATE accounts SET balance = balance - 1 WHERE id = %d", trust), fmt.Sprintf("UPDATE accounts SET balance = balance + 1 WHERE id = %d", wallet)},
			found{store.UnitDiffers: "row 32 of transfers has changed, row 2 of payments has changed"}},
		"two balances": {[]string{fmt.Sprintf("UPDATE accounts SET balance = balance - 1 WHERE id = %d", trust), fmt.Sprintf("UPDATE accounts SET balance = balance + 1 WHERE id = %d", wallet)},
			found{store.BalanceDiffers: wallet.String()}},
		"the keys of payments":         {[]string{"DELETE FROM idempotency"}, found{store.KeyMissing: "payment 6", store.UnitDiffers: key}},
		"whose key it is":              {[]string{"UPDATE idempotency SET payment = 4"}, found{store.KeyMissing: "payment 6", store.UnitDiffers: "of idempotency has changed"}},
		"the audit is emptied":         {append(s.FreeAudit, "DELETE FROM audit"), found{store.UnitDiffers: "row 100 of audit is gone, row 101 of audit is gone"}},
		"an entry of the audit":        {append(s.FreeAudit, "UPDATE audit SET username = 'clerk' WHERE id = 101"), found{store.UnitDiffers: "row 101 of audit has changed"}},
		"an entry in the audit's past": {append(s.FreeAudit, "INSERT INTO audit VALUES (99, 0, 0, '', '', '', '', '', 0, '')"), found{store.NotInChain: "row 99 of audit"}},
		"the last payment never was": {[]string{"DELETE FROM payments WHERE id = 7", "DELETE FROM transfers WHERE id = 112",
			fmt.Sprintf("UPDATE accounts SET balance = balance + 50, entries = 2 WHERE id = %d", trust), fmt.Sprintf("UPDATE accounts SET balance = balance - 50, entries = 2 WHERE id = %d", wallet)},
			found{store.UnitDiffers: "row 112 of transfers is gone, row 7 of payments is gone"}},
		"nor its unit": {[]string{"DELETE FROM payments WHERE id = 7", "DELETE FROM transfers WHERE id = 112", "DELETE FROM units WHERE seq = (SELECT MAX(seq) FROM units WHERE LENGTH(hash) > 0)",
			fmt.Sprintf("UPDATE accounts SET balance = balance + 50, entries = 2 WHERE id = %d", trust), fmt.Sprintf("UPDATE accounts SET balance = balance - 50, entries = 2 WHERE id = %d", wallet)},
			found{store.AnchorDiffers: "of chain 1 is gone, or is another one"}},
		"a payment that never was": {[]string{"CREATE TABLE forged AS SELECT * FROM payments WHERE id = 7", "UPDATE forged SET id = 8", "INSERT INTO payments SELECT * FROM forged",
			"INSERT INTO transfers SELECT 128, debit, credit, amount, kind, at, debit_after - 50, credit_after + 50, 4, 4 FROM transfers WHERE id = 112",
			fmt.Sprintf("UPDATE accounts SET balance = balance - 50, entries = 4 WHERE id = %d", trust), fmt.Sprintf("UPDATE accounts SET balance = balance + 50, entries = 4 WHERE id = %d", wallet)},
			found{store.NotInChain: "row 128 of transfers, row 8 of payments"}},
		"the time of a unit":              {[]string{"UPDATE units SET at = at + 1 WHERE seq = 2"}, found{store.UnitDiffers: "unit 2 of chain 1, 1970-01-01 03:00:00: its own row"}},
		"a unit of the first":             {[]string{"DELETE FROM units WHERE seq = 1"}, found{store.UnitDiffers: "unit 2 of chain 1, 1970-01-01 03:00:00: its own row, or the one before it", store.NotInChain: "row 16 of transfers"}},
		"all units":                       {[]string{"DELETE FROM units"}, found{store.NotInChain: "row 16 of transfers", store.AnchorDiffers: "anchor 1, 2026-03-02 12:00:00: unit 2 of chain 1 is gone"}},
		"what a unit has written":         {[]string{"UPDATE units SET rows = (SELECT rows FROM units WHERE seq = 2) WHERE seq = 1"}, found{store.UnitDiffers: "unit 1 of chain 1", store.NotInChain: "row 16 of transfers"}},
		"the first anchor":                {[]string{"DELETE FROM anchors WHERE number = 1"}, found{store.AnchorDiffers: "anchor 2, 2026-03-02 12:00:00: those before it are gone"}},
		"when an anchor was kept":         {[]string{"UPDATE anchors SET at = at - 1000 WHERE number = 1"}, found{store.AnchorDiffers: "anchor 1, 2026-03-02 11:59:59: its hash is not that of what it has"}},
		"whose anchor it is":              {[]string{"UPDATE anchors SET mac = hash WHERE number = 2"}, found{store.AnchorDiffers: "anchor 2, 2026-03-02 12:00:00: its code was not made with this installation's secret"}},
		"what belongs to no unit at all":  {[]string{"UPDATE units SET rows = hash WHERE seq = 2"}, found{store.UnitDiffers: "the list of what it has written is not readable", store.NotInChain: "row 100 of audit"}},
		"a delivery of a result":          {[]string{"DELETE FROM deliveries WHERE id = 64"}, found{store.NotDelivered: "payment 4"}},
		"what is reserved of an account":  {[]string{fmt.Sprintf("UPDATE accounts SET held = 0 WHERE id = %d", wallet)}, found{store.HeldDiffers: wallet.String()}},
		"a transfer that becomes another": {[]string{"UPDATE transfers SET id = 113 WHERE id = 112"}, found{store.UnitDiffers: "row 112 of transfers is gone", store.NotInChain: "row 113 of transfers"}},
	}
}

// What is changed by hand is found, and named.
func testTampering(t *testing.T, open func(testing.TB) Database) {
	first := open(t)
	if first.Execute == nil {
		t.Skip("nobody can get behind this store's back")
	}
	for name, x := range tamperings(first) {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			put(t, s, paid...)
			put(t, s, entries()...)
			anchor(t, s)
			put(t, s, mpesa.Account{ID: trust, Balance: -550, Entries: 3}, mpesa.Account{ID: wallet, Balance: 550, Held: 200, Entries: 3},
				mpesa.Payment{Header: mpesa.Header{ID: 7, Kind: mpesa.Deposit, State: mpesa.Completed, Payer: mpesa.Provider, Payee: achieng1, Amount: 50}},
				mpesa.Transfer{ID: 7 << 4, Debit: trust, Credit: wallet, Amount: 50, Kind: mpesa.Principal, DebitAfter: -550, CreditAfter: 550, DebitEntry: 3, CreditEntry: 3})
			anchor(t, s)
			if b := books(t, s, store.Evidence{Sign: sign}); !b.Balanced() {
				t.Fatalf("before: %+v", b)
			}
			for _, statement := range x.by {
				s.Execute(t, statement)
			}
			b := books(t, s, store.Evidence{Sign: sign})
			for _, d := range b.Wrong {
				if rows := strings.Join(d.Rows, ", "); x.want[d.Check] == "" || !strings.Contains(rows, x.want[d.Check]) {
					t.Errorf("%s: %s; want %q", d.Check, rows, x.want[d.Check])
				}
			}
			if len(b.Wrong) != len(x.want) {
				t.Errorf("%d checks found something, and %d should: %+v", len(b.Wrong), len(x.want), b.Wrong)
			}
		})
	}
}

func testIdleUnits(t *testing.T, s Database) {
	for n := range int64(20) {
		put(t, s, mpesa.Delivery{ID: 1, DueAt: n})
	}
	newest, moved, err := s.Heads(t.Context())
	if newest != nil || len(moved) > 0 || err != nil {
		t.Errorf("%+v, %+v, %v", newest, moved, err)
	}
	if s.Try == nil {
		return
	}
	if err := s.Try(t.Context(), "INSERT INTO ended_sessions SELECT 'one', 0 FROM units"); err != nil { // a database may need the last one
		t.Errorf("more than one row is left: %v", err)
	}
}

func testChainGoesOn(t *testing.T, s Database) {
	put(t, s, paid...)
	if s.Again != nil {
		s.Store = s.Again(t)
	}
	put(t, s, entries()...)
	if b := books(t, s, store.Evidence{}); !b.Balanced() {
		t.Errorf("%+v", b)
	}
}

func testAnchors(t *testing.T, s Database) {
	if a := anchor(t, s); a != nil {
		t.Errorf("nothing has been written, and an anchor was kept: %+v", a)
	}
	put(t, s, paid...)
	first := anchor(t, s)
	if again := anchor(t, s); first == nil || again != nil {
		t.Fatalf("anchors: %+v, and without a unit since: %+v", first, again)
	}
	put(t, s, entries()...)
	second := anchor(t, s)
	same(t, "number", second.Number, 2)
	b := books(t, s, store.Evidence{Sign: sign, Anchor: first.Hash})
	if !b.Balanced() || b.Anchor == nil || !bytes.Equal(b.Anchor.Hash, second.Hash) {
		t.Errorf("%+v", b)
	}
	unknown := make([]byte, store.HashSize)
	same(t, "an anchor that is not in the chain", books(t, s, store.Evidence{Anchor: unknown}).Wrong,
		[]store.Discrepancy{{Check: store.AnchorUnknown, Count: 1, Rows: []string{strings.TrimSpace(strings.Repeat("0000 ", 16))}}})
	if b := books(t, s, store.Evidence{Sign: forge}); len(b.Wrong) != 1 || b.Wrong[0].Check != store.AnchorDiffers || b.Wrong[0].Count != 2 {
		t.Errorf("anchors that were made with another secret: %+v", b.Wrong)
	}
}
