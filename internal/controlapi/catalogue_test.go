package controlapi_test

import (
	"encoding/json"
	"testing"

	"github.com/kivuko/kivuko/control"
)

func TestCatalogueIsServed(t *testing.T) {
	got := start(t).get("/kivuko/v1/catalogue")
	var c control.Catalogue
	if err := json.Unmarshal(got.body, &c); err != nil || got.status != 200 {
		t.Fatalf("HTTP %d, %v: %s", got.status, err, got.body)
	}
	for what, n := range map[string]int{
		"APIs": len(c.APIs), "errors": len(c.Errors), "results": len(c.Results), "rejections": len(c.Rejections), "operations": len(c.Operations),
		"roles": len(c.Roles), "products": len(c.Products), "products of apps": len(c.AppProducts), "callbacks": len(c.Callbacks),
		"limits": len(c.Limits), "tariffs": len(c.Tariffs), "customers": len(c.Customers), "organisations": len(c.Organisations), "operators": len(c.Operators),
	} {
		if n == 0 {
			t.Errorf("there are no %s", what)
		}
	}
}
