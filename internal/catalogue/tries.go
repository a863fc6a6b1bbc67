package catalogue

import (
	"cmp"
	"maps"
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// tries are the requests that give a result over some APIs: those with a number of the world that is in the state, and the APIs' own.
func tries(code codes.Result, over []*apis.API, numbers []control.CatalogueNumber) (list []control.CatalogueTry) {
	for _, api := range over {
		ends := api.Ends(code)
		for _, n := range numbers {
			if n.Gives != string(code) || ends.Menu {
				continue
			}
			for _, part := range slices.Sorted(maps.Keys(n.In)) {
				named := api.Parts[seedworld.Part(part)]
				if len(named) == 0 || !slices.Contains(n.In[part], api.Name) {
					continue
				}
				given := map[string]string{}
				maps.Copy(given, api.Usual)
				for _, name := range named {
					given[name] = n.Number
				}
				list = append(list, control.CatalogueTry{API: api.Name, Path: apis.Newest(api.Name).Path, Number: n.Number, Fields: given})
			}
		}
		switch {
		case ends.Try != nil:
			list = append(list, *request(ends.Try, api.Name))
		case code == codes.Success:
			list = append(list, *request(&apis.Try{}, api.Name)) // a request that nothing is wrong with
		}
	}
	return list
}

// request is a Try, of an API unless it says of which.
func request(t *apis.Try, api string) *control.CatalogueTry {
	if t == nil {
		return nil
	}
	api = cmp.Or(t.Of, api)
	return &control.CatalogueTry{API: api, Path: apis.Newest(api).Path + t.After, Fields: maps.Clone(t.Fields), Times: t.Times,
		Method: t.Method, Authorization: t.Authorization, Body: t.Body}
}
