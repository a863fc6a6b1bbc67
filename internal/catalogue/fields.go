package catalogue

import (
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/form"
)

// apis shows the table by which the gateway reads requests.
func apis() (list []control.CatalogueAPI) {
	for _, a := range form.APIs() {
		shown := control.CatalogueAPI{Name: a.Name, Method: a.Method, Path: a.Path, Product: a.Product, Fields: []control.CatalogueField{}, Source: a.Source}
		if a.Query != "" {
			shown.Path += "?" + a.Query
		}
		for i := range a.Fields {
			shown.Fields = append(shown.Fields, field(&a.Fields[i]))
		}
		list = append(list, shown)
	}
	return list
}

func field(f *form.Field) control.CatalogueField {
	shown := control.CatalogueField{Name: f.Name, Form: string(f.Form), Optional: f.Optional, Values: f.Choices(), Note: f.Note}
	switch {
	case shown.Values != nil:
		shown.Form = "choice"
	case f.Form == form.Text:
		shown.Least, shown.Most = f.Least, f.Most
	}
	return shown
}
