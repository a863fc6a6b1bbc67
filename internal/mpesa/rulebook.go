package mpesa

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
)

//go:embed data/tariffs.json
var tariffsJSON []byte

//go:embed data/limits.json
var limitsJSON []byte

// Rulebook holds the tariffs and limits, each with the day from which it holds (wire.md §19). They are data files.
type Rulebook struct {
	tariffs map[string][]Tariff
	limits  map[string][]Limits
}

// Tariff is a table of charges.
type Tariff struct {
	From  date   `json:"from"`
	About string `json:"about"`
	Bands []Band `json:"bands"`
}

// Band is what a payment of up to an amount costs.
type Band struct {
	UpTo                money.Amount `json:"upTo"`
	Customer            money.Amount `json:"customer"`
	Business            money.Amount `json:"business"`
	BusinessBasisPoints int64        `json:"businessBasisPoints"` // hundredths of a percent, instead of Business
	BusinessCap         money.Amount `json:"businessCap"`
}

// Limits bound what a customer may do.
type Limits struct {
	From              date         `json:"from"`
	Minimum           money.Amount `json:"minimum"`           // of one payment
	Maximum           money.Amount `json:"maximum"`           // of one payment
	PayoutMinimum     money.Amount `json:"payoutMinimum"`     // of one payment by a business to a customer
	WithdrawalMinimum money.Amount `json:"withdrawalMinimum"` // of cash from an agent
	Daily             money.Amount `json:"daily"`             // of a day's payments, in EAT
	MaxBalance        money.Amount `json:"maxBalance"`        // of the customer's wallet
	ReceiverBalance   money.Amount `json:"receiverBalance"`   // of the account that the customer pays into
	SameAmount        int          `json:"sameAmount"`        // completed payments of one amount in two minutes
	PINTries          int64        `json:"pinTries"`          // wrong PINs in a row that lock it; 0 is any number
	Unfinished        int64        `json:"unfinished"`        // prompts in a row without a payment that block the number; 0 is any number
	PromptChars       int          `json:"promptChars"`       // that fit on the screen
}

// date is the midnight in EAT that a rule holds from, in milliseconds.
type date int64

func (d *date) UnmarshalText(b []byte) error {
	t, err := time.ParseInLocation(time.DateOnly, string(b), clock.EAT)
	*d = date(t.UnixMilli())
	return err
}

// NewRulebook reads the data files that are part of the program.
func NewRulebook() (*Rulebook, error) {
	r := &Rulebook{}
	if err := json.Unmarshal(tariffsJSON, &r.tariffs); err != nil {
		return nil, fmt.Errorf("tariffs.json: %w", err)
	}
	if err := json.Unmarshal(limitsJSON, &r.limits); err != nil {
		return nil, fmt.Errorf("limits.json: %w", err)
	}
	for name, versions := range r.tariffs {
		sort.Slice(versions, func(i, j int) bool { return versions[i].From < versions[j].From })
		for _, v := range versions {
			if len(v.Bands) == 0 || !sort.SliceIsSorted(v.Bands, func(i, j int) bool { return v.Bands[i].UpTo < v.Bands[j].UpTo }) {
				return nil, fmt.Errorf("tariffs.json: the bands of %s are not in order", name)
			}
		}
	}
	for _, versions := range r.limits {
		sort.Slice(versions, func(i, j int) bool { return versions[i].From < versions[j].From })
	}
	if len(r.limits[standard]) == 0 {
		return nil, fmt.Errorf("limits.json: no %s limits", standard)
	}
	return r, nil
}

const standard = "standard"

// Limits gives the limits of a name ("" are the standard ones) that hold at a time. An unknown name has the standard ones.
func (r *Rulebook) Limits(name string, now time.Time) Limits {
	versions := r.limits[name]
	if len(versions) == 0 {
		versions = r.limits[standard]
	}
	return latest(versions, now, func(l Limits) date { return l.From })
}

// LimitsNames lists the names that a customer's limits can have, besides "" for the standard ones.
func (r *Rulebook) LimitsNames() []string { return slices.Sorted(maps.Keys(r.limits)) }

// Charges gives what a payment of an amount costs the customer and the business by the tariff of a name.
// Amounts above the last band cost what the last band does.
func (r *Rulebook) Charges(tariff string, amount money.Amount, now time.Time) (customer, business money.Amount, err error) {
	versions := r.tariffs[tariff]
	if len(versions) == 0 {
		return 0, 0, fmt.Errorf("there is no tariff %q", tariff)
	}
	bands := latest(versions, now, func(t Tariff) date { return t.From }).Bands
	i := sort.Search(len(bands), func(i int) bool { return amount <= bands[i].UpTo })
	band := bands[min(i, len(bands)-1)]
	if band.BusinessBasisPoints > 0 {
		return band.Customer, min(amount.Share(band.BusinessBasisPoints), band.BusinessCap), nil
	}
	return band.Customer, band.Business, nil
}

// latest is the last version that holds at a time, or the first when none does yet.
func latest[T any](versions []T, now time.Time, from func(T) date) T {
	at := date(now.UnixMilli())
	i := sort.Search(len(versions), func(i int) bool { return from(versions[i]) > at })
	return versions[max(i-1, 0)]
}

// Tariffs gives every tariff by its name, each version with the day from which it holds, the oldest first. The caller must not
// change them.
func (r *Rulebook) Tariffs() map[string][]Tariff { return r.tariffs }

// AllLimits gives every set of limits by its name, in the same way.
func (r *Rulebook) AllLimits() map[string][]Limits { return r.limits }

// String is the day, 2023-07-01.
func (d date) String() string { return time.UnixMilli(int64(d)).In(clock.EAT).Format(time.DateOnly) }
