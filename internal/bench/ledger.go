package bench

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/money"
)

// ledger is what businesses had before a run. What they have afterwards has to differ from it by what was paid.
type ledger struct {
	server *control.Client
	before map[account]money.Amount
}

// newLedger reads the accounts of all businesses that the APIs' payments may touch.
func newLedger(ctx context.Context, server *control.Client, list []api) (*ledger, error) {
	l := &ledger{server: server, before: map[account]money.Amount{}}
	touched := map[account]int64{}
	for _, a := range list {
		for _, business := range a.businesses {
			a.moves(business, 0, touched)
		}
	}
	return l, l.read(ctx, touched, l.before)
}

// read reads accounts, each business's all at once.
func (l *ledger) read(ctx context.Context, accounts map[account]int64, into map[account]money.Amount) error {
	businesses := map[int]bool{}
	for a := range accounts {
		businesses[a.shortcode] = true
	}
	for _, shortcode := range slices.Sorted(maps.Keys(businesses)) {
		o, err := l.server.Organisation(ctx, strconv.Itoa(shortcode))
		if err != nil {
			return fmt.Errorf("reading the accounts of %d: %w", shortcode, err)
		}
		for _, a := range o.Accounts {
			into[account{shortcode, a.Name}] = money.Amount(a.Current)
		}
	}
	return nil
}

// shillings is what an account had, in whole shillings.
func (l *ledger) shillings(a account) int64 { return int64(l.before[a] / money.Shilling) }

// compare lists the accounts whose change is not what the completed payments come to.
func (l *ledger) compare(ctx context.Context, flows []*flow) (wrong []string, err error) {
	change := map[account]int64{}
	for _, f := range flows {
		for business, shillings := range f.moved {
			f.moves(business, shillings, change)
		}
	}
	after := map[account]money.Amount{}
	if err := l.read(ctx, change, after); err != nil {
		return nil, err
	}
	for a, shillings := range change {
		want := money.Shillings(shillings)
		if got := after[a] - l.before[a]; got != want {
			wrong = append(wrong, fmt.Sprintf("the %s of %d changed by %s; its payments come to %s", a.name, a.shortcode, got, want))
		}
	}
	slices.Sort(wrong)
	return wrong, nil
}
