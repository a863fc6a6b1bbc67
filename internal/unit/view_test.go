package unit_test

import (
	"slices"
	"testing"

	"github.com/kivuko/kivuko/internal/unit"
)

// parcel is a row of the tests.
type parcel struct {
	ID    int64
	Grams int
}

var (
	parcels = unit.NewTable[int64, parcel]("parcels")
	letters = unit.NewTable[string, int]("letters").Assume(func(string) int { return -1 })
	streets = unit.NewReference[string, *parcel]("streets")
	stamps  = unit.NewLog[string]("stamps")
)

// world embeds a view, as the rules' view does.
type world struct {
	unit.View
	Rule string
}

// get returns a row that must be there.
func get(t *testing.T, v unit.Viewer, id int64) parcel {
	t.Helper()
	p, there := parcels.Get(v, id)
	if !there {
		t.Fatalf("there is no parcel %d", id)
	}
	return p
}

func TestRowsThatNobodyNeededAreADefect(t *testing.T) {
	v := new(unit.View)
	for name, use := range map[string]func(){
		"read":                func() { parcels.Get(v, 1) },
		"written":             func() { parcels.Put(v, 1, parcel{}) },
		"deleted":             func() { parcels.Delete(v, 1) },
		"created once more":   func() { parcels.Create(v, 2, parcel{}) },
		"created where it is": func() { parcels.Create(v, 3, parcel{}) },
		"borrowed": func() {
			w := new(unit.View)
			parcels.Need(w, 1)
			w.Borrow(v)
		},
	} {
		v.Reset()
		parcels.Create(v, 2, parcel{})
		parcels.Load(v, 3, parcel{})
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a row that was not loaded can be %s", name)
				}
			}()
			use()
		}()
	}
}

func TestResetViewIsLikeANewOne(t *testing.T) {
	v := new(world)
	if !v.Empty() || v.Wanted() != 0 {
		t.Error("a new view has changes")
	}
	parcels.Load(v, 1, parcel{1, 5})
	parcels.Put(v, 1, parcel{1, 6})
	letters.Create(v, "a", 1)
	streets.Put(v, "x", &parcel{})
	stamps.Add(v, "y")
	parcels.Lead(v, 9)
	if v.Empty() || parcels.Changes(v) != 1 || v.Wanted() != 1 || !v.Leads() {
		t.Error("changes or keys don't count")
	}
	v.Reset()
	if !v.Empty() || v.Wanted() != 0 || v.Leads() || parcels.Loaded(v, 1) || letters.Loaded(v, "a") || streets.Loaded(v, "x") || len(stamps.Added(v)) != 0 {
		t.Error("a reset view remembers")
	}
	parcels.Missing(v, 1) // takes the memory of the old row
	if p, there := parcels.Get(v, 1); there || p != (parcel{}) {
		t.Errorf("the missing row is %+v", p)
	}
}

func TestChangedRowsComeInTheOrderOfTheirFirstChange(t *testing.T) {
	v := new(unit.View)
	for id := range int64(5) {
		parcels.Load(v, id, parcel{ID: id})
	}
	parcels.Put(v, 2, parcel{ID: 2})
	parcels.Create(v, 9, parcel{ID: 9})
	parcels.Delete(v, 4)
	parcels.Put(v, 1, parcel{ID: 1})
	parcels.Put(v, 2, parcel{ID: 2, Grams: 9})
	var order []int64
	for p, isNew := range parcels.In(v).Changed {
		if isNew != (p.ID == 9) || p.ID == 2 && p.Grams != 9 {
			t.Errorf("%+v: new %v", *p, isNew)
		}
		order = append(order, p.ID)
	}
	if !slices.Equal(order, []int64{2, 9, 1}) {
		t.Errorf("the order is %v", order)
	}
	for k, p := range parcels.In(v).ChangedKeys {
		if k != p.ID {
			t.Errorf("%+v has the key %d", *p, k)
		}
	}
	if gone := slices.Collect(parcels.In(v).Deleted); !slices.Equal(gone, []int64{4}) {
		t.Errorf("deleted are %v", gone)
	}
}

func TestARowThatWasNewAndIsDeletedIsNoChangeOfTheDatabase(t *testing.T) {
	v := new(unit.View)
	parcels.Create(v, 1, parcel{ID: 1})
	parcels.Delete(v, 1)
	for p := range parcels.In(v).Changed {
		t.Errorf("%+v is written", *p)
	}
	for k := range parcels.In(v).Deleted {
		t.Errorf("%d is deleted", k)
	}
}

func TestKeysAreWantedUntilTheirRowsAreLoadedOrTheRoundEnds(t *testing.T) {
	v := new(unit.View)
	parcels.Load(v, 1, parcel{ID: 1})
	for _, id := range []int64{1, 2, 3, 2} {
		parcels.Need(v, id)
	}
	letters.Need(v, "a")
	streets.Need(v, "x")
	if got := parcels.Wanted(v); v.Wanted() != 5 || !slices.Equal(got, []int64{2, 3, 2}) || !parcels.Wants(v) || v.Leads() {
		t.Errorf("%d keys are wanted, parcels %v", v.Wanted(), got)
	}
	parcels.Load(v, 2, parcel{ID: 2})
	parcels.Missing(v, 3)
	if parcels.Wants(v) || !letters.Wants(v) {
		t.Error("what is loaded is wanted, or what isn't is not")
	}
	if got, want := v.Wants(), `parcels [2 3 2], letters [a], streets [x]`; got != want {
		t.Errorf("it says that it wants %s, not %s", got, want)
	}
	v.Next()
	if v.Wanted() != 0 || len(parcels.Wanted(v)) != 0 || !parcels.Loaded(v, 2) {
		t.Error("a new round wants what the one before did, or has lost its rows")
	}
}

func TestKnownKeysOutliveTheRows(t *testing.T) {
	v := new(unit.View)
	parcels.Need(v, 1)
	v.Remember()
	v.Next()
	letters.Lead(v, "a")
	v.Remember()
	parcels.Know(v, 2)
	parcels.Load(v, 1, parcel{ID: 1})
	v.Reset()
	if v.Recall(); v.Wanted() != 3 || !slices.Equal(parcels.Wanted(v), []int64{1, 2}) || !slices.Equal(letters.Wanted(v), []string{"a"}) || parcels.Loaded(v, 1) {
		t.Errorf("the view wants %s", v.Wants())
	}
	v.Forget()
	if v.Recall(); v.Wanted() != 0 || len(parcels.Known(v)) != 0 {
		t.Errorf("the view still wants %s", v.Wants())
	}
}

func TestOnlyLeadingKeysThatAreFollowedLead(t *testing.T) {
	v := new(unit.View)
	parcels.Lead(v, 1)
	parcels.Lead(v, 2)
	parcels.Follow(v, func(keys []int64) []int64 { return keys[1:] })
	if got := parcels.Leading(v); !v.Leads() || !slices.Equal(got, []int64{2}) || v.Wanted() != 2 {
		t.Errorf("%v lead, and %d are wanted", got, v.Wanted())
	}
	parcels.Follow(v, func([]int64) []int64 { return nil })
	if v.Leads() {
		t.Error("nothing leads to more")
	}
}

func TestWhatIsAssumedIsMissingUnlessItsTableSaysMore(t *testing.T) {
	v := new(unit.View)
	parcels.Load(v, 1, parcel{1, 5})
	parcels.Need(v, 2)
	letters.Need(v, "a")
	streets.Need(v, "x")
	v.Assume()
	if _, there := parcels.Get(v, 2); there {
		t.Error("a parcel is assumed")
	}
	if a, there := letters.Get(v, "a"); !there || a != -1 {
		t.Errorf("the letter is %d, %v", a, there)
	}
	if !streets.Loaded(v, "x") || streets.Get(v, "x") != nil || get(t, v, 1).Grams != 5 {
		t.Error("a street is assumed, or what was loaded has changed")
	}
}

func TestWhatIsChangedInABorrowedRowStaysThere(t *testing.T) {
	from, v := new(world), new(unit.View)
	parcels.Load(from, 1, parcel{1, 5})
	parcels.Put(from, 1, parcel{1, 6})
	parcels.Missing(from, 2)
	streets.Put(from, "x", &parcel{})
	parcels.Need(v, 1)
	parcels.Need(v, 2)
	streets.Need(v, "x")
	v.Borrow(&from.View)
	if _, there := parcels.Get(v, 2); there || get(t, v, 1).Grams != 6 || streets.Get(v, "x") != streets.Get(from, "x") || !v.Empty() {
		t.Error("a row is not as the other view has it")
	}
	parcels.Put(v, 1, parcel{1, 7})
	v.Borrow(&from.View) // again: what was changed stays
	if get(t, v, 1).Grams != 7 || get(t, from, 1).Grams != 6 {
		t.Errorf("%+v here, %+v there", get(t, v, 1), get(t, from, 1))
	}
}

// A worker's view has its memory already: a unit like the one before takes none for its rows.
func TestMemoryIsUsedAgain(t *testing.T) {
	v := new(world)
	round := func() {
		v.Forget()
		for id := range int64(100) {
			parcels.Need(v, id)
		}
		for _, id := range parcels.Wanted(v) {
			parcels.Load(v, id, parcel{ID: id})
		}
		for id := range int64(100) {
			p, _ := parcels.Get(v, id)
			p.Grams++
			parcels.Put(v, id, p)
			stamps.Add(v, "y")
		}
		for p := range parcels.In(v).Changed {
			p.Grams++
		}
	}
	round()
	if n := testing.AllocsPerRun(10, round); n > 0 {
		t.Errorf("a unit made %v allocations", n)
	}
}
