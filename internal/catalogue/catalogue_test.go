package catalogue_test

import (
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/catalogue"
)

// Only these may be empty.
var mayBeEmpty = []string{
	"CatalogueAPI.Product", "CatalogueError.Code", "CatalogueError.Message", "CatalogueField.Values", "CatalogueField.Note", "CatalogueCause.Numbers",
	"CatalogueOperation.Product", "CatalogueOperation.From", "CatalogueOperation.To", "CatalogueOperation.Tariff", "CatalogueOperation.Reason",
	"CatalogueField.Example", "CatalogueField.Expected", "CatalogueError.How", "CatalogueCause.Tries", "CatalogueCause.How", "CatalogueTry.Number", "CatalogueTry.Fields",
	"CatalogueTry.Method", "CatalogueTry.Authorization", "CatalogueTry.Body", "CatalogueNumber.To", "CatalogueNumber.Name", "CatalogueNumber.Gives", "CatalogueNumber.In",
}

func TestCatalogueIsComplete(t *testing.T) {
	c, err := catalogue.New()
	if err != nil {
		t.Fatal(err)
	}
	complete(t, "", "Catalogue", reflect.ValueOf(*c))
	for _, n := range slices.Concat(c.Customers, c.Organisations, c.Operators) {
		if (n.Gives == "") != (len(n.In) == 0) {
			t.Errorf("%s gives %q in %v", n.Number, n.Gives, n.In)
		}
	}
	for _, r := range c.Results {
		for api := range r.Texts {
			if api != codes.APIQuery && !slices.Contains(codes.APIs(), api) {
				t.Errorf("result %s has a text for %q", r.Code, api)
			}
		}
	}
}

// complete fails where a text or a list is empty that may not be.
func complete(t *testing.T, path, name string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i).Name
			complete(t, path+"/"+field, v.Type().Name()+"."+field, v.Field(i))
		}
	case reflect.Slice, reflect.Map, reflect.String:
		if v.Len() == 0 && !slices.Contains(mayBeEmpty, name) && name != "CatalogueAPI.Fields" {
			t.Errorf("%s is empty", path)
		}
		for i := 0; v.Kind() == reflect.Slice && i < v.Len(); i++ {
			complete(t, path+"/"+strconv.Itoa(i), name, v.Index(i))
		}
	}
}

// A caller may change the catalogue that it gets.
func TestEachCatalogueIsTheCallersOwn(t *testing.T) {
	first, err := catalogue.New()
	if err != nil {
		t.Fatal(err)
	}
	first.Errors[0], first.Results[0].Texts["stkpush"], first.Tariffs[0].Bands[0] = control.CatalogueError{}, "changed", control.CatalogueBand{}
	second, err := catalogue.New()
	if err != nil {
		t.Fatal(err)
	}
	if reflect.DeepEqual(first, second) {
		t.Error("a change shows in the next")
	}
}

// Whatever the catalogue has can be seen: by a request, or in a way that is told.
func TestEverythingCanBeBroughtAbout(t *testing.T) {
	c, err := catalogue.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range c.Errors {
		if (e.Try == nil) == (e.How == "") {
			t.Errorf("%s %s has the request %+v and the way %q", e.Code, e.Message, e.Try, e.How)
		}
	}
	for _, r := range c.Results {
		for _, x := range r.Causes {
			if (len(x.Tries) == 0) == (x.How == "") {
				t.Errorf("%s of %v has %d requests and the way %q", r.Code, x.APIs, len(x.Tries), x.How)
			}
		}
	}
}
