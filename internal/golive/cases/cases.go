// Package cases has the test cases that an app is to pass before it goes live, and sees from the log which of them it has passed
// (DarajaTutorial, Go Live: "the possible scenarios which you shall encounter as you test your application").
package cases

import (
	"slices"

	"github.com/kivuko/kivuko/internal/apis"
)

// Case is a test case of some APIs.
type Case struct {
	apis.Test
	Product  string   // of production apps, that needs it
	Expected string   // what the app sees
	APIs     []string // names of those that the request may go to
}

// Path is that of the API, in its newest version.
func (c *Case) Path() string { return apis.Newest(c.APIs[0]).Path }

// Cases lists the test cases in the order of the products.
func Cases() (list []Case) {
	for _, p := range apis.LiveProducts() {
		for _, a := range apis.All() {
			if a.Live.Name != p.Name {
				continue
			}
			for _, test := range a.Tests {
				of := test.Of
				if of == nil {
					of = []string{a.Name}
				}
				i := slices.IndexFunc(list, func(c Case) bool { return c.Name == test.Name })
				if i < 0 {
					i, list = len(list), append(list, Case{Test: test, Product: p.Name, Expected: expected(&test, a.Name)})
				}
				list[i].APIs = append(list[i].APIs, of...)
			}
		}
	}
	return list
}

// expected says what an app sees of a test case of an API.
func expected(t *apis.Test, api string) string {
	switch {
	case t.Refusal != nil:
		return "errorCode " + t.Refusal.Code + ": " + t.Refusal.Message
	case t.Result != "":
		return "ResultCode " + string(t.Result) + ": " + t.Result.Desc(api)
	}
	return "HTTP 200 with what was asked for"
}

// Of lists the test cases of some products.
func Of(products []string) []Case {
	return slices.DeleteFunc(Cases(), func(c Case) bool { return !slices.Contains(products, c.Product) })
}

// Offered lists the products of production apps whose APIs a sandbox app with some products can call, and so test, in their order.
func Offered(products []string) (names []string) {
	for _, p := range apis.LiveProducts() {
		for _, a := range apis.Paths() {
			if a.Live() == p.Name && slices.Contains(products, a.Product) && !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	return names
}
