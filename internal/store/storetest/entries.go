package storetest

import (
	"math"
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

var entryTests = map[string]func(*testing.T, Database){
	"EntriesOfAnAccountAreOfBothSidesNewestFirst": testEntries,
	"EntriesComeInPagesWithoutGaps":               testEntryPages,
}

// The accounts of these tests.
var (
	shopUtility = shop.Party().Account(mpesa.Utility)
	shopWorking = shop.Party().Account(mpesa.Working)
	shopCharges = shop.Party().Account(mpesa.ChargesPaid)
	tillUtility = till.Party().Account(mpesa.Utility)
)

// entry is a transfer, of which number n is that of the account in question.
func entry(id, at int64, debit, credit mpesa.AccountID, debitEntry, creditEntry int64) mpesa.Transfer {
	return mpesa.Transfer{ID: id, Debit: debit, Credit: credit, Amount: 100, Kind: mpesa.Principal, At: at, DebitAfter: -7, CreditAfter: 9, DebitEntry: debitEntry, CreditEntry: creditEntry}
}

func testEntries(t *testing.T, s Database) {
	wallet := achieng1.Account(mpesa.Wallet)
	rows := []any{
		entry(16, 1000, wallet, shopUtility, 1, 1),
		entry(17, 1000, shopCharges, fees, 1, 1), // the charge of the same payment
		entry(32, 1000, shopUtility, shopWorking, 2, 1),
		entry(48, 1000, wallet, shopUtility, 2, 3),
		entry(64, 1001, wallet, tillUtility, 3, 1), // another one's
		entry(80, 2000, shopWorking, shopUtility, 2, 4),
		entry(96, 2001, shopUtility, wallet, 5, 4),
		entry(112, 3000, wallet, shopUtility, 5, 6),
	}
	put(t, s, rows...)
	for name, test := range map[string]struct {
		account mpesa.AccountID
		period  store.Period
		before  store.Entry
		limit   int
		want    []int64
	}{
		"all":                             {shopUtility, store.Period{From: 0, To: 9999}, store.Entry{}, 10, []int64{112, 96, 80, 48, 32, 16}},
		"first page":                      {shopUtility, store.Period{From: 0, To: 9999}, store.Entry{}, 2, []int64{112, 96}},
		"from a moment":                   {shopUtility, store.Period{From: 2000, To: 9999}, store.Entry{}, 10, []int64{112, 96, 80}},
		"to a moment":                     {shopUtility, store.Period{From: 0, To: 2000}, store.Entry{}, 10, []int64{80, 48, 32, 16}},
		"of a moment":                     {shopUtility, store.Period{From: 1000, To: 1000}, store.Entry{}, 10, []int64{48, 32, 16}},
		"between two":                     {shopUtility, store.Period{From: 1001, To: 1999}, store.Entry{}, 10, nil},
		"before one of its millisecond":   {shopUtility, store.Period{From: 0, To: 9999}, store.Entry{At: 1000, Number: 3}, 10, []int64{32, 16}},
		"before the first":                {shopUtility, store.Period{From: 0, To: 9999}, store.Entry{At: 1000, Number: 1}, 10, nil},
		"before one, from another":        {shopUtility, store.Period{From: 1000, To: 9999}, store.Entry{At: 2001, Number: 5}, 1, []int64{80}},
		"only debits":                     {shopCharges, store.Period{From: 0, To: 9999}, store.Entry{}, 10, []int64{17}},
		"both sides of one's own":         {shopWorking, store.Period{From: 0, To: 9999}, store.Entry{}, 10, []int64{80, 32}},
		"another one's":                   {tillUtility, store.Period{From: 0, To: 9999}, store.Entry{}, 10, []int64{64}},
		"nothing was ever posted":         {till.Party().Account(mpesa.Working), store.Period{From: 0, To: 9999}, store.Entry{}, 10, nil},
		"customers' accounts have no one": {wallet, store.Period{From: 0, To: 9999}, store.Entry{}, 10, nil},
	} {
		var got []int64
		for _, x := range must[[]mpesa.Transfer](t)(s.Entries(t.Context(), test.account, test.period, test.before, test.limit)) {
			got = append(got, x.ID)
			same(t, name, x, rows[find(rows, x.ID)].(mpesa.Transfer))
		}
		same(t, name, got, test.want)
	}
}

func find(rows []any, id int64) int {
	for i, row := range rows {
		if row.(mpesa.Transfer).ID == id {
			return i
		}
	}
	return 0
}

// CheckStatement sees that the entries of an organisation's account come in their order, are numbered without gaps, and that each
// balance follows from the one before.
func CheckStatement(tb testing.TB, s store.Reader, a mpesa.Account) {
	tb.Helper()
	const page = 1000
	want, balance := a.Entries, a.Balance
	for before := (store.Entry{}); ; {
		list, err := s.Entries(tb.Context(), a.ID, store.Period{To: math.MaxInt64}, before, page)
		if err != nil {
			tb.Fatal(err)
		}
		for _, x := range list {
			number, after, change := x.DebitEntry, x.DebitAfter, -x.Amount
			if x.Credit == a.ID {
				number, after, change = x.CreditEntry, x.CreditAfter, x.Amount
			}
			if number != want || after != balance {
				tb.Errorf("entry %d of %s with %s, after which it held %s: %+v", want, a.ID, balance, after, x)
				return
			}
			want, balance, before = want-1, balance-change, store.Entry{At: x.At, Number: number}
		}
		if len(list) < page {
			break
		}
	}
	if want != 0 || balance != 0 {
		tb.Errorf("the first %d entries of %s, with %s, are missing", want, a.ID, balance)
	}
}

// Many entries have the same time, on both sides of the account. Page by page each comes once, numbered without gaps.
func testEntryPages(t *testing.T, s Database) {
	const entries = 60
	var rows []any
	for n := int64(1); n <= entries; n++ {
		at := 1000 + n/7 // seven in a millisecond
		if n%3 == 0 {
			rows = append(rows, entry(n<<4, at, shopUtility, fees, n, n))
		} else {
			rows = append(rows, entry(n<<4, at, fees, shopUtility, n, n))
		}
	}
	put(t, s, rows...)
	for _, limit := range []int{1, 2, 7, 59, 60, 61} {
		want, before := int64(entries), store.Entry{}
		for {
			page := must[[]mpesa.Transfer](t)(s.Entries(t.Context(), shopUtility, store.Period{To: 9999}, before, limit))
			for _, x := range page {
				number := x.DebitEntry
				if x.Credit == shopUtility {
					number = x.CreditEntry
				}
				same(t, "entry", number, want)
				want--
				before = store.Entry{At: x.At, Number: number}
			}
			if len(page) < limit {
				break
			}
		}
		same(t, "entries that never came", want, 0)
	}
}
