package apis_test

import (
	"slices"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// What the gateway takes for granted of the table.
func TestTableIsSound(t *testing.T) {
	paths := map[string]bool{}
	for _, a := range apis.Paths() {
		if paths[a.Path] {
			t.Errorf("%s is there twice", a.Path)
		}
		paths[a.Path] = true
		if a.Name == "" || a.Method == "" || a.Family == 0 || a.Source == "" || (a.Product == "") != (a.Name == apis.OAuth) {
			t.Errorf("%s lacks something: %+v", a.Path, a)
		}
		names := map[string]int{}
		for i, f := range a.Fields {
			for _, name := range []string{f.Name, f.Also} {
				if _, twice := names[name]; twice && name != "" {
					t.Errorf("%s has %s twice", a.Path, name)
				}
				names[name] = i
			}
			if a.Index(f.Name) != i {
				t.Errorf("%s: %s is not at %d", a.Path, f.Name, i)
			}
			if f.Instead != "" && a.Index(f.Instead) < 0 {
				t.Errorf("%s: instead of %s there is no %s", a.Path, f.Name, f.Instead)
			}
			sound(t, a.Path, f.Name, &f.Rule)
			for _, c := range f.Cases {
				sound(t, a.Path, f.Name, &c.Rule)
				if other := a.Index(c.Of); other < 0 || other >= i || !within(c.Is, a.Fields[other].Values) {
					t.Errorf("%s: no field before %s is %s with the values %v", a.Path, f.Name, c.Of, c.Is)
				}
			}
		}
	}
}

func within(part, whole []string) bool {
	return len(part) > 0 && !slices.ContainsFunc(part, func(v string) bool { return !slices.Contains(whole, v) })
}

func sound(t *testing.T, path, name string, r *apis.Rule) {
	t.Helper()
	if r.Form != apis.Password && r.Expected() == "" {
		t.Errorf("%s: nothing says what %s must be", path, name)
	}
	if r.Least > r.Most || r.Least < 0 {
		t.Errorf("%s: %s has no length from %d to %d", path, name, r.Least, r.Most)
	}
	if r.Most > 0 && r.Form != apis.Text && r.Form != apis.Number && r.Form != apis.List {
		t.Errorf("%s: %s has a bound, which its form %s doesn't know", path, name, r.Form)
	}
}

func TestExpectedSaysWhatARuleDoes(t *testing.T) {
	for want, rule := range map[string]apis.Rule{
		"4":                            {Form: apis.Text, Values: []string{"4"}},
		"4 or 2":                       {Form: apis.Text, Values: []string{"4", "2"}},
		"4, 2 or 1":                    {Form: apis.Text, Values: []string{"4", "2", "1"}},
		"text":                         {Form: apis.Text},
		"text of 2 to 100 characters":  {Form: apis.Text, Least: 2, Most: 100},
		"text of at most 95 bytes":     {Form: apis.Text, Bytes: 95},
		"a whole number from 1 to 9":   {Form: apis.Number, Least: 1, Most: 9, Values: []string{"1", "9"}},
		"an amount in whole shillings": {Form: apis.Shillings},
		"an amount in shillings with at most two decimals": {Form: apis.Amount},
		"a receipt": {Form: apis.Text, Most: 10, What: "a receipt"},
	} {
		if got := rule.Expected(); got != want {
			t.Errorf("%+v expects %q; want %q", rule, got, want)
		}
	}
}

func TestChoicesAreThoseOfAllCases(t *testing.T) {
	f := apis.Field{Rule: apis.Rule{Values: []string{"4"}}, Cases: []apis.Case{{Rule: apis.Rule{Values: []string{"2", "4"}}}, {Rule: apis.Rule{Form: apis.Text}}}}
	if got := f.Choices(); !slices.Equal(got, []string{"4", "2"}) {
		t.Errorf("the choices are %v", got)
	}
	if got := f.Values; len(got) != 1 {
		t.Errorf("the rule has become %v", got)
	}
	if got := (&apis.Field{}).Choices(); got != nil {
		t.Errorf("a field that takes everything has the choices %v", got)
	}
}

// Each kind of callback is told by some API, and each kind of request that an initiator makes has a result of its own.
func TestEachCallbackHasABody(t *testing.T) {
	for _, kind := range mpesa.DeliveryKinds() {
		if c := apis.FindCallback(kind, 0); c == nil || c.About == "" || c.Body == nil {
			t.Errorf("nothing tells %s", kind)
		}
	}
	seen := map[mpesa.Kind]string{}
	for _, a := range apis.All() {
		if (a.Kind == 0) != (len(a.Callbacks) == 0) || a.Kind != 0 && (a.Kind.String() != a.Name || seen[a.Kind] != "") {
			t.Errorf("%s has the kind %s and %d callbacks", a.Name, a.Kind, len(a.Callbacks))
		}
		seen[a.Kind] = a.Name
		for i := range a.Callbacks {
			if apis.FindCallback(a.Callbacks[i].Kind, a.Kind) != &a.Callbacks[i] {
				t.Errorf("%s: another callback is found than its own", a.Name)
			}
		}
	}
}

// Each line of the catalogue of codes says, in some API, what brings it about; and nothing else is brought about.
func TestEachCodeHasAnOutcome(t *testing.T) {
	results := append(codes.Results(), codes.OtherResults()...)
	for _, e := range results {
		if len(apis.Causes(e.Code)) == 0 {
			t.Errorf("no API's requests end with %s", e.Code)
		}
	}
	errors := append(codes.Errors(), codes.OtherErrors()...)
	for _, e := range errors {
		if o := apis.Refused(e); o == nil || *o.Refusal != e || o.State == "" || (o.Try == nil) == (o.How == "") {
			t.Errorf("%s: what refuses so is %+v", e, o)
		}
	}
	for _, a := range apis.All() {
		met := map[codes.Result]bool{}
		for _, o := range a.Outcomes {
			switch {
			case o.State == "" || o.Refusal != nil && o.Result != "":
				t.Errorf("%s: %+v", a.Name, o)
			case o.Refusal != nil && !slices.Contains(errors, *o.Refusal), o.Refusal == nil && !slices.ContainsFunc(results, func(e codes.ResultEntry) bool { return e.Code == o.Result }):
				t.Errorf("%s ends with %q, %v, which is no line of the catalogue", a.Name, o.Result, o.Refusal)
			case o.Refusal == nil && met[o.Result]:
				t.Errorf("%s ends with %s twice", a.Name, o.Result)
			}
			met[o.Result] = true
		}
		for _, x := range a.Tests {
			if x.Result != "" && a.Ends(x.Result) == nil || x.Refusal != nil && apis.Refused(*x.Refusal) == nil {
				t.Errorf("%s: nothing ends as the test case %s does", a.Name, x.Name)
			}
		}
	}
	if other := apis.Refused(codes.InvalidField("Amount")); other == nil || *other.Refusal != codes.InvalidField("XXXX") {
		t.Errorf("a field that is wrong is refused for %+v", other)
	}
}

// The app of a new installation can ask for everything.
func TestTheWorldsAppHasEveryProduct(t *testing.T) {
	w, err := seedworld.Read()
	if err != nil {
		t.Fatal(err)
	}
	got, want := slices.Sorted(slices.Values(w.AppProducts())), slices.Sorted(slices.Values(apis.Products()))
	if !slices.Equal(got, want) {
		t.Errorf("it has %q; want %q", got, want)
	}
}
