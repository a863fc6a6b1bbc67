package storetest

import (
	"cmp"
	"slices"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

var readerTests = map[string]func(*testing.T, Database){
	"ReadersGiveNothingForWhatIsNotThere":          testNothingThere,
	"PaymentIsFoundByTimeAndPayer":                 testPaymentAcceptedAt,
	"OpenPaymentIsThePayersOwn":                    testOpenPayment,
	"PaymentsAreFilteredAndComeInPages":            testPayments,
	"ActivityIsOfAllTables":                        testActivity,
	"DeliveriesAreFilteredAndComeInPages":          testDeliveries,
	"TransfersOfAPaymentComeInOrder":               testTransfers,
	"AccountsAreTheirOwners":                       testAccounts,
	"TasksAreFilteredAndComeInPages":               testTasks,
	"WhatWaitsIsFoundWhenItIsDue":                  testDue,
	"DueDeliveriesArePendingAndEarliestFirst":      testDueDeliveries,
	"OrganisationsAndAppsAreReadAsTheyWereWritten": testDocuments,
	"OrganisationsComeInPages":                     testOrganisations,
	"OrganisationsAreFoundByOwnerAndURLs":          testOwnedAndWithURLs,
	"SubscribersComeInPages":                       testSubscribers,
	"OperatorsAreTheirOrganisations":               testOperators,
	"RemovedOperatorsAreGone":                      testRemovedOperators,
}

func testNothingThere(t *testing.T, s Database) {
	ctx := t.Context()
	same(t, "Payment", must[*mpesa.Payment](t)(store.Get(ctx, s, mpesa.Payments, 1)), nil)
	same(t, "PaymentAcceptedAt", must[*mpesa.Payment](t)(s.PaymentAcceptedAt(ctx, 1, achieng1)), nil)
	same(t, "Payments", must[[]mpesa.Payment](t)(s.Payments(ctx, store.PaymentFilter{}, store.Page{Limit: 10})), nil)
	same(t, "Transfers", must[[]mpesa.Transfer](t)(s.Transfers(ctx, 1)), nil)
	same(t, "Delivery", must[*mpesa.Delivery](t)(store.Get(ctx, s, mpesa.Deliveries, 1)), nil)
	same(t, "Deliveries", must[[]mpesa.Delivery](t)(s.Deliveries(ctx, 0, nil, store.Page{Limit: 10})), nil)
	same(t, "Subscriber", must[*mpesa.Subscriber](t)(store.Get(ctx, s, mpesa.Subscribers, achieng)), nil)
	same(t, "Subscribers", must[[]mpesa.Subscriber](t)(store.List(ctx, s, mpesa.Subscribers, 0, 10)), nil)
	same(t, "Account", must[*mpesa.Account](t)(store.Get(ctx, s, mpesa.Accounts, 1)), nil)
	same(t, "Accounts", must[[]mpesa.Account](t)(s.Accounts(ctx, achieng1)), nil)
	same(t, "Organisation", must[*mpesa.Organisation](t)(store.Get(ctx, s, mpesa.Registry, shop)), nil)
	same(t, "App", must[*mpesa.App](t)(store.Get(ctx, s, mpesa.Apps, "key")), nil)
	same(t, "Token", must[*mpesa.Token](t)(s.Token(ctx, mpesa.DigestToken("token"))), nil)
	same(t, "Organisations", must[[]mpesa.Organisation](t)(store.List(ctx, s, mpesa.Registry, 0, 10)), nil)
	same(t, "Operators", must[[]mpesa.Operator](t)(s.Operators(ctx, shop)), nil)
	for _, text := range []string{"", "no\x00text", "no text\xff"} { // clients send what they like
		operator, unique := mpesa.OperatorID{Shortcode: shop, Username: text}, mpesa.IdempotencyKey{Owner: shop.Party(), Name: text}
		same(t, "Operator", must[*mpesa.Operator](t)(store.Get(ctx, s, mpesa.Operators, operator)), nil)
		same(t, "Idempotency", must[int64](t)(store.Holder(ctx, s, unique)), 0)
		v := load(t, s, need(mpesa.Operators, operator), need(mpesa.Idempotency, unique))
		same(t, "loaded", [...]bool{row(v, mpesa.Operators, operator) != nil, row(v, mpesa.Idempotency, unique) != nil}, [...]bool{false, false})
		same(t, "App", must[*mpesa.App](t)(store.Get(ctx, s, mpesa.Apps, text)), nil)
	}
	same(t, "Task", must[*portal.Task](t)(store.Get(ctx, s, portal.Tasks, 1)), nil)
	same(t, "Tasks", must[[]portal.Task](t)(s.Tasks(ctx, store.TaskFilter{Business: shop}, store.Page{Limit: 10})), nil)
	same(t, "Due", must[[]store.Due](t)(s.Due(ctx, 1<<60, 10)), nil)
	same(t, "Query", must[*mpesa.Query](t)(store.Get(ctx, s, mpesa.Queries, 1)), nil)
	same(t, "Order", must[*mpesa.Order](t)(store.Get(ctx, s, mpesa.Orders, 1)), nil)
	same(t, "Subject", must[mpesa.Subject](t)(store.Subject(ctx, s, 1)), nil)
	same(t, "Activity", must[[]mpesa.Subject](t)(s.Activity(ctx, store.PaymentFilter{}, store.Page{Limit: 10})), nil)
	same(t, "DueDeliveries", must[[]mpesa.Delivery](t)(s.DueDeliveries(ctx, 1<<60, 10)), nil)
	same(t, "Books", must[store.Books](t)(s.Books(ctx, store.Evidence{})), store.Books{})
	if err := s.Ping(ctx); err != nil {
		t.Error(err)
	}
}

var (
	achieng1 = mpesa.CustomerParty(achieng)
	kamau1   = mpesa.CustomerParty(kamau)
)

func testPaymentAcceptedAt(t *testing.T, s Database) {
	push := mpesa.Payment{Header: mpesa.Header{ID: 1, Kind: mpesa.Express, State: mpesa.Failed, Payer: achieng1, AcceptedAt: 1000}}
	others := mpesa.Payment{Header: mpesa.Header{ID: 2, Kind: mpesa.Express, State: mpesa.Failed, Payer: kamau1, AcceptedAt: 1000}}
	later := mpesa.Payment{Header: mpesa.Header{ID: 3, Kind: mpesa.Express, State: mpesa.Failed, Payer: achieng1, AcceptedAt: 1001}}
	withdrawal := mpesa.Payment{Header: mpesa.Header{ID: 4, Kind: mpesa.Withdrawal, State: mpesa.Completed, Payer: achieng1, AcceptedAt: 1000}}
	put(t, s, withdrawal, push, others, later)
	for _, want := range []mpesa.Payment{push, others, later} {
		same(t, "push", must[*mpesa.Payment](t)(s.PaymentAcceptedAt(t.Context(), want.AcceptedAt, want.Payer)), &want)
	}
	same(t, "no push", must[*mpesa.Payment](t)(s.PaymentAcceptedAt(t.Context(), 999, achieng1)), nil)
}

func testOpenPayment(t *testing.T, s Database) {
	over := mpesa.Payment{Header: mpesa.Header{ID: 1, State: mpesa.Failed, Payer: achieng1}}
	open := mpesa.Payment{Header: mpesa.Header{ID: 2, State: mpesa.Prompting, Payer: achieng1}}
	put(t, s, over, open, mpesa.Payment{Header: mpesa.Header{ID: 3, State: mpesa.Prompting, Payer: kamau1}},
		mpesa.Payment{Header: mpesa.Header{ID: 4, State: mpesa.Validating, Payer: achieng1}}, mpesa.Payment{Header: mpesa.Header{ID: 5, State: mpesa.Queued, Payer: achieng1}})
	prompted := store.PaymentFilter{Payer: achieng1, State: new(mpesa.Prompting)}
	same(t, "open", must[[]mpesa.Payment](t)(s.Payments(t.Context(), prompted, store.Page{Limit: 1})), []mpesa.Payment{open})
	open.State = mpesa.Completed
	put(t, s, open)
	same(t, "open no more", must[[]mpesa.Payment](t)(s.Payments(t.Context(), prompted, store.Page{Limit: 1})), nil)
}

func testPayments(t *testing.T, s Database) {
	var rows []any
	for id := int64(1); id <= 12; id++ {
		p := mpesa.Payment{Header: mpesa.Header{ID: id, State: mpesa.State(1 + id%2), Payer: achieng1, Business: shop, Result: "0"}}
		if id%3 == 0 {
			p.Payer, p.Business, p.Result = kamau1, till, "1032"
		}
		rows = append(rows, p)
	}
	put(t, s, rows...)
	failed := mpesa.Failed
	for name, test := range map[string]struct {
		filter store.PaymentFilter
		page   store.Page
		want   []int64
	}{
		"newest first":     {page: store.Page{Limit: 3}, want: []int64{12, 11, 10}},
		"second page":      {page: store.Page{Before: 10, Limit: 3}, want: []int64{9, 8, 7}},
		"last page":        {page: store.Page{Before: 3, Limit: 3}, want: []int64{2, 1}},
		"behind the end":   {page: store.Page{Before: 1, Limit: 3}},
		"above a number":   {page: store.Page{Before: 10, After: 7, Limit: 5}, want: []int64{9, 8}},
		"either party":     {store.PaymentFilter{Party: kamau1, Business: till}, store.Page{After: 3, Limit: 10}, []int64{12, 9, 6}},
		"another kind":     {store.PaymentFilter{Kind: mpesa.Tax}, store.Page{Limit: 10}, nil},
		"payer":            {store.PaymentFilter{Payer: kamau1}, store.Page{Limit: 10}, []int64{12, 9, 6, 3}},
		"business":         {store.PaymentFilter{Business: till}, store.Page{Limit: 10}, []int64{12, 9, 6, 3}},
		"state":            {store.PaymentFilter{State: &failed}, store.Page{Limit: 3}, []int64{11, 9, 7}},
		"result":           {store.PaymentFilter{Result: "1032"}, store.Page{Before: 12, Limit: 10}, []int64{9, 6, 3}},
		"all at once":      {store.PaymentFilter{Payer: kamau1, Business: till, State: &failed, Result: "1032"}, store.Page{Before: 9, Limit: 10}, []int64{3}},
		"fitting no other": {store.PaymentFilter{Payer: kamau1, Business: shop}, store.Page{Limit: 10}, nil},
	} {
		var got []int64
		for _, p := range must[[]mpesa.Payment](t)(s.Payments(t.Context(), test.filter, test.page)) {
			got = append(got, p.ID)
		}
		same(t, name, got, test.want)
	}
}

// task is a task of somebody's in a state.
func task(id int64, business mpesa.Shortcode, initiator string, state mpesa.State) portal.Task {
	return portal.Task{Payment: mpesa.Payment{Header: mpesa.Header{ID: id, Kind: mpesa.OwnMove, State: state, Payer: business.Party(), Payee: business.Party(), Business: business}, Details: mpesa.Details{Initiator: initiator}}}
}

func testTasks(t *testing.T, s Database) {
	put(t, s, task(1, shop, "njeri", mpesa.Approving), task(2, till, "njeri", mpesa.Approving), task(3, shop, "otieno", mpesa.Failed), task(4, shop, "njeri", mpesa.Completed),
		task(5, shop, "otieno", mpesa.Approving))
	for name, test := range map[string]struct {
		filter store.TaskFilter
		page   store.Page
		want   []int64
	}{
		"all":             {store.TaskFilter{Business: shop}, store.Page{Limit: 9}, []int64{5, 4, 3, 1}},
		"first page":      {store.TaskFilter{Business: shop}, store.Page{Limit: 2}, []int64{5, 4}},
		"second page":     {store.TaskFilter{Business: shop}, store.Page{Before: 4, Limit: 2}, []int64{3, 1}},
		"waiting":         {store.TaskFilter{Business: shop, Waiting: true}, store.Page{Limit: 9}, []int64{5, 1}},
		"decided":         {store.TaskFilter{Business: shop, Decided: true}, store.Page{Limit: 9}, []int64{4, 3}},
		"somebody's":      {store.TaskFilter{Business: shop, Initiator: "njeri"}, store.Page{Limit: 9}, []int64{4, 1}},
		"somebody's, all": {store.TaskFilter{Business: shop, Initiator: "njeri", Waiting: true}, store.Page{Limit: 9}, []int64{1}},
		"nobody's":        {store.TaskFilter{Business: shop, Initiator: "kip"}, store.Page{Limit: 9}, nil},
	} {
		var got []int64
		for _, x := range must[[]portal.Task](t)(s.Tasks(t.Context(), test.filter, test.page)) {
			got = append(got, x.ID)
		}
		same(t, name, got, test.want)
	}
}

// testActivity compares pages of all that was asked for, which come from several tables.
func testActivity(t *testing.T, s Database) {
	var all []mpesa.Subject
	for id := int64(12); id > 0; id-- {
		h := mpesa.Header{ID: id, Kind: mpesa.C2B, State: mpesa.Completed, Business: shop}
		if id%4 == 0 {
			h.Business = till
		}
		switch {
		case id == 7: // has waited for an approval
			made := task(id, shop, "njeri", mpesa.Completed)
			all = append(all, &made.Payment)
			put(t, s, made, made.Payment)
		case id == 5, id == 8:
			waits := task(id, h.Business, "njeri", mpesa.Approving)
			if id == 5 {
				waits.State, waits.Result = mpesa.Failed, codes.Expired
			}
			all = append(all, &waits.Payment)
			put(t, s, waits)
		case id == 10, id == 2:
			h.Kind, h.Payer = mpesa.StandingOrder, achieng1
			if id == 10 {
				h.State = mpesa.Prompting
			}
			all = append(all, &mpesa.Order{Header: h})
			put(t, s, mpesa.Order{Header: h})
		case id%3 != 0:
			all = append(all, &mpesa.Payment{Header: h})
			put(t, s, mpesa.Payment{Header: h})
		default:
			h.Kind = mpesa.StatusQuery
			if id == 3 {
				h.State, h.Result = mpesa.Failed, codes.ReceiptUnknown
			}
			all = append(all, &mpesa.Query{Header: h, Command: mpesa.TransactionStatusQuery})
			put(t, s, mpesa.Query{Header: h, Command: mpesa.TransactionStatusQuery})
		}
	}
	for name, test := range map[string]struct {
		filter store.PaymentFilter
		page   store.Page
		want   []mpesa.Subject
	}{
		"all":              {page: store.Page{Limit: 20}, want: all},
		"newest":           {page: store.Page{Limit: 5}, want: all[:5]},
		"second page":      {page: store.Page{Before: 8, Limit: 5}, want: all[5:10]},
		"between":          {page: store.Page{Before: 8, After: 4, Limit: 5}, want: all[5:8]},
		"one business":     {store.PaymentFilter{Business: till}, store.Page{Limit: 5}, []mpesa.Subject{all[0], all[4], all[8]}},
		"one kind":         {store.PaymentFilter{Kind: mpesa.StatusQuery}, store.Page{Before: 12, Limit: 2}, []mpesa.Subject{all[3], all[6]}},
		"fitting no other": {store.PaymentFilter{Kind: mpesa.BalanceQuery}, store.Page{Limit: 5}, nil},
		"waiting":          {store.PaymentFilter{State: new(mpesa.Approving)}, store.Page{Limit: 5}, []mpesa.Subject{all[4]}},
		"prompts":          {store.PaymentFilter{State: new(mpesa.Prompting)}, store.Page{Limit: 5}, []mpesa.Subject{all[2]}},
		"one prompt":       {store.PaymentFilter{Payer: achieng1, State: new(mpesa.Prompting)}, store.Page{Limit: 1}, []mpesa.Subject{all[2]}},
		"one customer's":   {store.PaymentFilter{Payer: achieng1, Kind: mpesa.StandingOrder}, store.Page{Limit: 5}, []mpesa.Subject{all[2], all[10]}},
		"another's":        {store.PaymentFilter{Payer: kamau1, Kind: mpesa.StandingOrder}, store.Page{Limit: 5}, nil},
		"payments":         {store.PaymentFilter{Kind: mpesa.C2B}, store.Page{Limit: 2}, []mpesa.Subject{all[1], all[8]}},
		"failed":           {store.PaymentFilter{State: new(mpesa.Failed)}, store.Page{Limit: 5}, []mpesa.Subject{all[7], all[9]}},
		"one result":       {store.PaymentFilter{Result: string(codes.ReceiptUnknown)}, store.Page{Limit: 5}, []mpesa.Subject{all[9]}},
	} {
		same(t, name, must[[]mpesa.Subject](t)(s.Activity(t.Context(), test.filter, test.page)), test.want)
	}
	for _, want := range all {
		same(t, "found", must[mpesa.Subject](t)(store.Subject(t.Context(), s, want.Head().ID)), want)
	}
}

func testDeliveries(t *testing.T, s Database) {
	var rows []any
	for id := int64(1); id <= 9; id++ {
		d := mpesa.Delivery{ID: id, Owner: shop, State: mpesa.DeliveryState(id % 2), DueAt: 5}
		if id%3 == 0 {
			d.Owner = till
		}
		rows = append(rows, d)
	}
	put(t, s, rows...)
	pending := mpesa.Pending
	for name, test := range map[string]struct {
		owner mpesa.Shortcode
		state *mpesa.DeliveryState
		page  store.Page
		want  []int64
	}{
		"newest first": {page: store.Page{Limit: 2}, want: []int64{9, 8}},
		"next page":    {page: store.Page{Before: 8, Limit: 2}, want: []int64{7, 6}},
		"owner":        {owner: till, page: store.Page{Limit: 10}, want: []int64{9, 6, 3}},
		"state":        {state: &pending, page: store.Page{Before: 8, Limit: 2}, want: []int64{6, 4}},
		"both":         {till, &pending, store.Page{Limit: 10}, []int64{6}},
	} {
		var got []int64
		for _, d := range must[[]mpesa.Delivery](t)(s.Deliveries(t.Context(), test.owner, test.state, test.page)) {
			got = append(got, d.ID)
		}
		same(t, name, got, test.want)
	}
}

func testTransfers(t *testing.T, s Database) {
	var want []mpesa.Transfer
	var rows []any
	for n := int64(15); n >= 0; n-- {
		x := mpesa.Transfer{ID: 7<<4 | n, Debit: 1, Credit: 2, Amount: 3}
		rows, want = append(rows, x), append([]mpesa.Transfer{x}, want...)
	}
	put(t, s, append(rows, mpesa.Transfer{ID: 6<<4 | 15, Amount: 1}, mpesa.Transfer{ID: 8 << 4, Amount: 1})...)
	same(t, "transfers", must[[]mpesa.Transfer](t)(s.Transfers(t.Context(), 7)), want)
}

func testAccounts(t *testing.T, s Database) {
	own := []mpesa.Account{{ID: shop.Party().Account(mpesa.Working), Balance: 1}, {ID: shop.Party().Account(mpesa.Utility), Balance: 2}}
	put(t, s, own[1], own[0], mpesa.Account{ID: (shop - 1).Party().Account(15)}, mpesa.Account{ID: (shop + 1).Party().Account(0)})
	same(t, "accounts", must[[]mpesa.Account](t)(s.Accounts(t.Context(), shop.Party())), own)
}

func testDue(t *testing.T, s Database) {
	for id, at := range []int64{50, 20, 40, 10, 30} {
		state := []mpesa.State{mpesa.Prompting, mpesa.Queued, mpesa.Validating}[id%3]
		put(t, s, mpesa.Payment{Header: mpesa.Header{ID: int64(id + 1), State: state, Payer: mpesa.Party(1000 + id), DueAt: at}})
	}
	put(t, s, mpesa.Query{Header: mpesa.Header{ID: 6, Kind: mpesa.BalanceQuery, State: mpesa.Queued, Payer: 1006, DueAt: 15}}, mpesa.Query{Header: mpesa.Header{ID: 7, State: mpesa.Failed, DueAt: 15}})
	put(t, s, mpesa.Payment{Header: mpesa.Header{ID: 9, State: mpesa.Failed, Payer: 1000, DueAt: 10}}, mpesa.Payment{Header: mpesa.Header{ID: 10, State: mpesa.Completed, Payer: 1000, DueAt: 10}})
	put(t, s, mpesa.Order{Header: mpesa.Header{ID: 12, Kind: mpesa.StandingOrder, State: mpesa.Queued, Payer: 1012, DueAt: 26}},
		mpesa.Order{Header: mpesa.Header{ID: 13, Kind: mpesa.StandingOrder, Payer: 1013, DueAt: 27}})
	waits, over := task(8, shop, "njeri", mpesa.Approving), task(11, shop, "njeri", mpesa.Failed)
	waits.DueAt, over.DueAt = 25, 25
	put(t, s, waits, over)
	want := []store.Due{
		{Number: 4, State: mpesa.Prompting, Payer: 1003, DueAt: 10}, {Number: 6, Kind: mpesa.BalanceQuery, State: mpesa.Queued, Payer: 1006, DueAt: 15},
		{Number: 2, State: mpesa.Queued, Payer: 1001, DueAt: 20}, {Number: 8, Kind: mpesa.OwnMove, State: mpesa.Approving, Payer: shop.Party(), DueAt: 25},
		{Number: 12, Kind: mpesa.StandingOrder, State: mpesa.Queued, Payer: 1012, DueAt: 26}, {Number: 13, Kind: mpesa.StandingOrder, Payer: 1013, DueAt: 27},
		{Number: 5, State: mpesa.Queued, Payer: 1004, DueAt: 30}, {Number: 3, State: mpesa.Validating, Payer: 1002, DueAt: 40},
	}
	same(t, "until 40", must[[]store.Due](t)(s.Due(t.Context(), 40, 10)), want)
	same(t, "two of them", must[[]store.Due](t)(s.Due(t.Context(), 40, 2)), want[:2])
	same(t, "none yet", must[[]store.Due](t)(s.Due(t.Context(), 9, 10)), nil)
}

func testDueDeliveries(t *testing.T, s Database) {
	for id, at := range []int64{50, 20, 40, 10, 30} {
		put(t, s, mpesa.Delivery{ID: int64(id + 1), State: mpesa.Pending, DueAt: at, URL: "http://shop"})
	}
	put(t, s, mpesa.Delivery{ID: 9, State: mpesa.Delivered, DueAt: 10}, mpesa.Delivery{ID: 10, State: mpesa.GivenUp, DueAt: 10})
	want := []mpesa.Delivery{{ID: 4, DueAt: 10, URL: "http://shop"}, {ID: 2, DueAt: 20, URL: "http://shop"}, {ID: 5, DueAt: 30, URL: "http://shop"}}
	same(t, "until 30", must[[]mpesa.Delivery](t)(s.DueDeliveries(t.Context(), 30, 10)), want)
	same(t, "two of them", must[[]mpesa.Delivery](t)(s.DueDeliveries(t.Context(), 40, 2)), want[:2])
	same(t, "none yet", must[[]mpesa.Delivery](t)(s.DueDeliveries(t.Context(), 9, 10)), nil)
}

func testDocuments(t *testing.T, s Database) {
	org, app := *fill(&mpesa.Organisation{}, 100), *fill(&mpesa.App{}, 200)
	for _, name := range []string{"first", "changed"} {
		org.Name, app.Name = name, name
		put(t, s, org, app)
		same(t, name, must[*mpesa.Organisation](t)(store.Get(t.Context(), s, mpesa.Registry, org.Shortcode)), &org)
		same(t, name, must[*mpesa.App](t)(store.Get(t.Context(), s, mpesa.Apps, app.Key)), &app)
	}
}

func testOrganisations(t *testing.T, s Database) {
	var rows []any
	for _, n := range []mpesa.Shortcode{50_000, 20_000, 40_000, 10_000, 5_000_000} { // not in the order of their texts
		rows = append(rows, mpesa.Organisation{Shortcode: n})
	}
	put(t, s, rows...)
	for name, test := range map[string]struct {
		after mpesa.Shortcode
		want  []mpesa.Shortcode
	}{
		"first page":     {0, []mpesa.Shortcode{10_000, 20_000, 40_000}},
		"second page":    {40_000, []mpesa.Shortcode{50_000, 5_000_000}},
		"after nobody":   {20_001, []mpesa.Shortcode{40_000, 50_000, 5_000_000}},
		"behind the end": {5_000_000, nil},
	} {
		var got []mpesa.Shortcode
		for _, o := range must[[]mpesa.Organisation](t)(store.List(t.Context(), s, mpesa.Registry, test.after, 3)) {
			got = append(got, o.Shortcode)
		}
		same(t, name, got, test.want)
	}
}

func testSubscribers(t *testing.T, s Database) {
	var rows []any
	var all []mpesa.Subscriber
	for _, n := range []msisdn.Number{kamau, achieng, achieng + 2, achieng + 1} {
		x := *fill(&mpesa.Subscriber{}, int64(n))
		x.MSISDN = n
		rows, all = append(rows, x), append(all, x)
	}
	put(t, s, rows...)
	slices.SortFunc(all, func(a, b mpesa.Subscriber) int { return cmp.Compare(a.MSISDN, b.MSISDN) })
	same(t, "first page", must[[]mpesa.Subscriber](t)(store.List(t.Context(), s, mpesa.Subscribers, 0, 3)), all[:3])
	same(t, "second page", must[[]mpesa.Subscriber](t)(store.List(t.Context(), s, mpesa.Subscribers, all[2].MSISDN, 3)), all[3:])
	same(t, "after nobody", must[[]mpesa.Subscriber](t)(store.List(t.Context(), s, mpesa.Subscribers, all[0].MSISDN-1, 1)), all[:1])
	same(t, "behind the end", must[[]mpesa.Subscriber](t)(store.List(t.Context(), s, mpesa.Subscribers, all[3].MSISDN, 3)), nil)
}

func testOperators(t *testing.T, s Database) {
	put(t, s, mpesa.Operator{Shortcode: shop, Username: "zawadi"}, mpesa.Operator{Shortcode: till, Username: "barua"},
		mpesa.Operator{Shortcode: shop, Username: "amani"})
	var got []string
	for _, o := range must[[]mpesa.Operator](t)(s.Operators(t.Context(), shop)) {
		got = append(got, o.Username)
	}
	same(t, "operators", got, []string{"amani", "zawadi"})
}

func testRemovedOperators(t *testing.T, s Database) {
	amani, zawadi := mpesa.Operator{Shortcode: shop, Username: "amani"}, mpesa.Operator{Shortcode: shop, Username: "zawadi"}
	put(t, s, amani, zawadi)
	u := must[store.Unit](t)(s.Begin(t.Context()))
	v := mpesa.NewView(mpesa.Policy{}, nil)
	if err := u.Load(t.Context(), want(v, need(mpesa.Operators, amani.ID()))); err != nil {
		t.Fatal(err)
	}
	mpesa.Operators.Delete(v, amani.ID())
	if err := u.Commit(t.Context(), &v.View); err != nil {
		t.Fatal(err)
	}
	same(t, "operators", must[[]mpesa.Operator](t)(s.Operators(t.Context(), shop)), []mpesa.Operator{zawadi})
	loaded := load(t, s, need(mpesa.Operators, amani.ID(), zawadi.ID()))
	same(t, "loaded", [...]bool{row(loaded, mpesa.Operators, amani.ID()) != nil, row(loaded, mpesa.Operators, zawadi.ID()) != nil}, [...]bool{false, true})
	put(t, s, amani)
	same(t, "again", must[*mpesa.Operator](t)(store.Get(t.Context(), s, mpesa.Operators, amani.ID())), &amani)
}

func testOwnedAndWithURLs(t *testing.T, s Database) {
	urls := mpesa.C2BURLs{Confirmation: "https://example.com/c"}
	first := mpesa.Organisation{Shortcode: 600_000, Owner: achieng}
	second := mpesa.Organisation{Shortcode: 600_001, URLs: urls}
	third := mpesa.Organisation{Shortcode: 600_002, Owner: achieng, URLs: mpesa.C2BURLs{Validation: "https://example.com/v"}}
	put(t, s, third, first, second, mpesa.Organisation{Shortcode: 600_003, Owner: kamau})
	owned := func() []mpesa.Organisation { return must[[]mpesa.Organisation](t)(s.Owned(t.Context(), achieng)) }
	same(t, "owned", owned(), []mpesa.Organisation{first, third})
	same(t, "with URLs", must[[]mpesa.Organisation](t)(s.WithURLs(t.Context(), 0, 10)), []mpesa.Organisation{second, third})
	same(t, "the next with URLs", must[[]mpesa.Organisation](t)(s.WithURLs(t.Context(), second.Shortcode, 1)), []mpesa.Organisation{third})
	first.Owner, first.URLs, third.URLs = kamau, urls, mpesa.C2BURLs{}
	put(t, s, first, third)
	same(t, "owned after a change", owned(), []mpesa.Organisation{third})
	same(t, "with URLs after a change", must[[]mpesa.Organisation](t)(s.WithURLs(t.Context(), 0, 10)), []mpesa.Organisation{first, second})
}
