package catalogue

import (
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/source"
)

// shownAPIs shows the table by which the gateway reads requests.
func shownAPIs() (list []control.CatalogueAPI) {
	for _, a := range apis.Paths() {
		shown := control.CatalogueAPI{Name: a.Name, Title: a.Versioned(), Method: a.Method, Path: a.Path, Product: a.Product, Fields: []control.CatalogueField{}, Source: source.Title(a.Source)}
		if a.Query != "" {
			shown.Path += "?" + a.Query
		}
		for _, f := range a.Leaves() {
			x := field(&f)
			x.Expected, x.Example = f.Expected(), f.Sample()
			shown.Fields = append(shown.Fields, x)
		}
		list = append(list, shown)
	}
	return list
}

func field(f *apis.Field) control.CatalogueField {
	shown := control.CatalogueField{Name: f.Name, Form: string(f.Form), Optional: f.Optional, Values: f.Choices(), Note: f.Note}
	switch {
	case shown.Values != nil:
		shown.Form = "choice"
	case f.Form == apis.Text:
		shown.Least, shown.Most = f.Least, f.Most
	}
	return shown
}
