package controlapi

import (
	"context"
	"maps"
	"reflect"
	"slices"

	"github.com/kivuko/kivuko/internal/bulkfile"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// Served lists the methods of each path that New serves.
func Served() map[string][]string {
	list := map[string][]string{}
	for path, methods := range (&server{}).methodsOf(Routes()) {
		for method := range methods {
			list[path] = append(list[path], method)
		}
	}
	return list
}

// ProblemTypes lists the types of all problems.
func ProblemTypes() (list []string) {
	for _, k := range problemKinds() {
		list = append(list, k.uri())
	}
	return list
}

// Search has something read within the time that a search may take.
func Search(ctx context.Context, narrower string, read func(context.Context) (int, error)) (int, error) {
	return search(ctx, narrower, read)
}

// Noted reports whether an operation is in the installation's audit.
func Noted(operation string) bool {
	_, ok := provided[operation]
	return ok
}

// AccountWords lists what organisations' accounts are called in requests.
func AccountWords() (list []string) {
	for _, kind := range mpesa.OrganisationAccounts() {
		list = append(list, string(accountWords[kind]))
	}
	return list
}

// Field is a field of an operation's query or body.
type Field struct {
	Name   string
	Type   reflect.Type
	Tag    reflect.StructTag
	Needed bool
}

// Fields lists the fields of a struct that have a tag.
func Fields(tag string, t reflect.Type) (list []Field) {
	for _, f := range fieldsBy(tag, reflect.New(t).Elem()) {
		list = append(list, Field{f.name, f.value.Type(), f.tag, f.needed})
	}
	return list
}

// Formats lists the formats of fields.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// Choices are what the words and lists of a format are of; nil where it has none that are always the same.
func Choices(format string) []string {
	switch format {
	case "from account":
		return plain(wordsOf(routeEnds(func(r mpesa.OwnRoute) mpesa.AccountKind { return r.From })))
	case "to account":
		return plain(wordsOf(routeEnds(func(r mpesa.OwnRoute) mpesa.AccountKind { return r.To })))
	case "deposit account":
		return plain(wordsOf(mpesa.DepositAccounts()))
	case "bulk command":
		return mpesa.Commands(mpesa.B2C)
	case "products":
		return plain(mpesa.AllProducts())
	case "roles":
		return plain(allRoles())
	}
	return nil
}

// MaxRows is the most that a bulk file may have.
const MaxRows = bulkfile.MaxRows

// Statuses lists the statuses of a route's problems besides those of its form.
func (r *Route) ProblemStatuses() (list []int) {
	for _, k := range r.Problems {
		list = append(list, k.status)
	}
	return list
}

func plain[T ~string](list []T) []string { return words[string](list) }

// Answer is the type of what a handler gives that makes its own answer.
type Answer = answer
