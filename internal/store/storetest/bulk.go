package storetest

import (
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

var bulkTests = map[string]func(*testing.T, Database){
	"BulkFilesAreTheirOrganisationsNewestFirst": testBulkFiles,
	"RowsOfABulkFileComeInPages":                testBulkRows,
	"RowsThatWerePaidComeWithTheirPayments":     testBulkPayments,
}

func testBulkFiles(t *testing.T, s Database) {
	file := func(id int64, business mpesa.Shortcode) any {
		return portal.Task{Payment: mpesa.Payment{Header: mpesa.Header{ID: id, Kind: mpesa.Bulk, State: mpesa.Approving, Payer: business.Party(), Payee: business.Party(), Business: business}, Details: mpesa.Details{Bulk: mpesa.BulkFile{Rows: id}}}}
	}
	put(t, s, file(1, shop), file(2, till), file(3, shop), file(5, shop), portal.Task{Payment: mpesa.Payment{Header: mpesa.Header{ID: 4, Kind: mpesa.B2C, State: mpesa.Failed, Payer: shop.Party(), Business: shop}}})
	for name, test := range map[string]struct {
		business mpesa.Shortcode
		page     store.Page
		want     []int64
	}{
		"all":         {shop, store.Page{Limit: 10}, []int64{5, 3, 1}},
		"first page":  {shop, store.Page{Limit: 2}, []int64{5, 3}},
		"second page": {shop, store.Page{Before: 3, Limit: 2}, []int64{1}},
		"another's":   {till, store.Page{Limit: 10}, []int64{2}},
		"nobody's":    {99_999, store.Page{Limit: 10}, nil},
	} {
		var got []int64
		for _, p := range must[[]portal.Task](t)(s.Tasks(t.Context(), store.TaskFilter{Business: test.business, Bulk: true}, test.page)) {
			if got = append(got, p.ID); p.Details.Bulk.Rows != p.ID {
				t.Errorf("%s: the details of %d are %+v", name, p.ID, p.Details)
			}
		}
		same(t, name, got, test.want)
	}
}

// bulkRow is a row of a file and, if it has one, its payment.
func bulkRow(bulk, line, payment int64) portal.BulkRow {
	return portal.BulkRow{ID: portal.BulkRowID{Bulk: bulk, Line: line}, Phone: achieng, Amount: 100, Remarks: "a, b and \"c\"", Payment: payment}
}

func testBulkRows(t *testing.T, s Database) {
	put(t, s, bulkRow(7, 3, 0), bulkRow(7, 2, 0), bulkRow(8, 2, 0), bulkRow(7, 10, 0))
	for name, test := range map[string]struct {
		bulk, after int64
		limit       int
		want        []portal.BulkRow
	}{
		"all":         {7, 0, 10, []portal.BulkRow{bulkRow(7, 2, 0), bulkRow(7, 3, 0), bulkRow(7, 10, 0)}},
		"first page":  {7, 0, 2, []portal.BulkRow{bulkRow(7, 2, 0), bulkRow(7, 3, 0)}},
		"second page": {7, 3, 2, []portal.BulkRow{bulkRow(7, 10, 0)}},
		"none":        {9, 0, 10, nil},
	} {
		same(t, name, must[[]portal.BulkRow](t)(s.BulkRows(t.Context(), test.bulk, test.after, test.limit)), test.want)
	}
	put(t, s, bulkRow(7, 3, 31))
	same(t, "paid", must[[]portal.BulkRow](t)(s.BulkRows(t.Context(), 7, 2, 1)), []portal.BulkRow{bulkRow(7, 3, 31)})
}

func testBulkPayments(t *testing.T, s Database) {
	paid := func(id int64, state mpesa.State) mpesa.Payment {
		return mpesa.Payment{Header: mpesa.Header{ID: id, Kind: mpesa.B2C, State: state, Payer: shop.Party(), Payee: achieng1, Business: shop, Amount: 100}, Details: mpesa.Details{Original: 7}}
	}
	put(t, s, bulkRow(7, 2, 20), bulkRow(7, 3, 21), bulkRow(7, 5, 22), bulkRow(7, 6, 0), bulkRow(8, 2, 23),
		paid(20, mpesa.Completed), paid(21, mpesa.Failed), paid(22, mpesa.Completed), paid(23, mpesa.Failed))
	for name, test := range map[string]struct {
		after  int64
		failed bool
		limit  int
		want   []store.BulkPayment
	}{
		"all":         {0, false, 10, []store.BulkPayment{{Line: 2, Payment: paid(20, mpesa.Completed)}, {Line: 3, Payment: paid(21, mpesa.Failed)}, {Line: 5, Payment: paid(22, mpesa.Completed)}}},
		"second page": {2, false, 1, []store.BulkPayment{{Line: 3, Payment: paid(21, mpesa.Failed)}}},
		"failed":      {0, true, 10, []store.BulkPayment{{Line: 3, Payment: paid(21, mpesa.Failed)}}},
		"none failed": {3, true, 10, nil},
	} {
		same(t, name, must[[]store.BulkPayment](t)(s.BulkPayments(t.Context(), 7, test.after, test.failed, test.limit)), test.want)
	}
}
