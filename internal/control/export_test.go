package control

import (
	"slices"
	"strconv"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
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

// Look reads a page of a list of numbers of which some are selected.
func Look(all, selected []int64, p store.Page) (rows []int64, next int64, looked *api.Looked) {
	read := func(list []int64) func(store.Page) ([]int64, error) {
		return func(p store.Page) (rows []int64, err error) {
			for _, id := range slices.Backward(list) {
				if (p.Before == 0 || id < p.Before) && id > p.After && len(rows) < p.Limit {
					rows = append(rows, id)
				}
			}
			return rows, nil
		}
	}
	rows, after, looked, err := sequence[int64]{read: read(selected), all: read(all), id: func(id int64) int64 { return id }, at: api.At, number: 1}.page(p)
	if err != nil {
		panic(err)
	}
	if after != "" {
		next, err = strconv.ParseInt(after, 10, 64)
	}
	if err != nil {
		panic(err)
	}
	return rows, next, looked
}

// Noted tells whether an operation is in the installation's audit.
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
