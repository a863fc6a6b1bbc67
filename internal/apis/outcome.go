package apis

import (
	"cmp"
	"slices"
	"sync"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// Outcome is one way that a request can end: the result of what becomes of it, or a refusal.
type Outcome struct {
	Result  codes.Result
	Refusal *codes.Error // nil: it has a result
	State   string       // what brings it about in Kivuko
	How     string       // to bring it about, where no request by itself does
	Try     *Try         // a request that does; nil: none but those with a number of the world that is in the state
	Menu    bool         // only a payment from the phone's menu ends so, which no request asks for
	group   string       // of outcomes that several APIs have; "": it is the API's own
}

// Try is a request that is right but for what is given here.
type Try struct {
	Of            string            // the name of a path, or of an API, whose newest path it is; "": the API's own
	After         string            // follows the path
	Fields        map[string]string // an empty one is left out
	Times         int               // it is sent; 0: once
	Method        string            // "": the path's
	Authorization string            // "": a token of the app
	Body          string            // in the place of the fields
}

// with is a Try with other fields.
type with = map[string]string

// nobody is a shortcode and unknownReceipt a receipt that there isn't.
const (
	nobody         = "999999"
	unknownReceipt = "OEI2AK4Q16"
)

func ends(r codes.Result, state string) Outcome { return Outcome{Result: r, State: state} }

// group names outcomes that several APIs have: the catalogue shows them as one.
func group(name string, list ...Outcome) []Outcome {
	for i := range list {
		if list[i].group == "" {
			list[i].group = name
		}
	}
	return list
}

func refused(e codes.Error, state string) Outcome { return Outcome{Refusal: &e, State: state} }

func (o Outcome) by(how string) Outcome { o.How = how; return o }

func (o Outcome) try(t Try) Outcome { o.Try = &t; return o }

// on adds the fields by which requests of an API end in one of some results.
func on(list []Outcome, fields map[codes.Result]with) []Outcome {
	for i := range list {
		if f, ok := fields[list[i].Result]; ok && list[i].Refusal == nil {
			list[i].Try = &Try{Fields: f}
		}
	}
	return list
}

// Cause is a state that gives a result over some APIs.
type Cause struct {
	State, How string
	APIs       []*API
}

// Causes lists what gives a result, in the order of the APIs.
func Causes(r codes.Result) (list []Cause) {
	type key struct{ group, state string }
	at := map[key]int{}
	for _, a := range All() {
		o := a.Ends(r)
		if o == nil {
			continue
		}
		i, there := at[key{o.group, o.State}]
		if !there || o.group == "" {
			i, list = len(list), append(list, Cause{State: o.State, How: o.How})
			at[key{o.group, o.State}] = i
		}
		list[i].APIs = append(list[i].APIs, a)
	}
	return list
}

// Ends returns the outcome of an API's requests with a result; nil: they never end so.
func (a *API) Ends(r codes.Result) *Outcome {
	i := slices.IndexFunc(a.Outcomes, func(o Outcome) bool { return o.Refusal == nil && o.Result == r })
	if i < 0 {
		return nil
	}
	return &a.Outcomes[i]
}

// Newest returns the newest path with a name, or else of the API with that name; nil if there is none.
func Newest(name string) (path *Path) {
	for _, p := range Paths() {
		if p.Name == name || p.API.Name == name {
			path = p
		}
	}
	return path
}

// refusals are what brings the refusals about that all APIs have, and those of single ones.
var refusals = sync.OnceValue(func() []Outcome {
	list := common()
	for _, a := range All() {
		for _, o := range a.Outcomes {
			if o.Refusal != nil {
				if o.Try != nil {
					named := *o.Try
					named.Of = cmp.Or(named.Of, a.Name)
					o.Try = &named
				}
				list = append(list, o)
			}
		}
	}
	return list
})

// Refused returns what brings a refusal about: the very same, or else one whose message varies. Nil: nothing does.
func Refused(e codes.Error) *Outcome {
	list := refusals()
	i := slices.IndexFunc(list, func(o Outcome) bool { return *o.Refusal == e })
	if i < 0 {
		i = slices.IndexFunc(list, func(o Outcome) bool { return o.Refusal.Is(e) })
	}
	if i < 0 {
		return nil
	}
	return &list[i]
}

// Test is a test case that an app is to pass before it goes live. It is passed by a request with the expected outcome: a refusal, a
// result of what came of it, which the app's server has to have taken, or, with neither, an answer.
type Test struct {
	Name    string   // "express-paid"
	Title   string   // what happens
	How     string   // to make it happen
	Of      []string // names of the paths that the request may go to; nil: the API's
	Result  codes.Result
	Refusal *codes.Error
	Part    seedworld.Part // that somebody plays who gives the result; "": the world has nobody for it
}

// malformed is the case of a request that has a wrong field.
func malformed(name string, of ...string) Test {
	e := codes.InvalidField("<field>")
	return Test{Name: name, Title: "A parameter is missing or malformed", How: "Leave a field out, or write letters as the amount", Of: of, Refusal: &e}
}

// badInitiator is the case of a request by an operator who isn't one.
func badInitiator(name string) Test {
	return Test{Name: name, Title: "The initiator or the SecurityCredential is wrong", How: "Encrypt another password, or name an operator that has none",
		Result: codes.InvalidInitiator, Part: seedworld.Initiator}
}
