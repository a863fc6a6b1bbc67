package catalogue_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/kivuko/kivuko/internal/catalogue"
)

// People who read the catalogue are told titles, and not how the code cites.
func TestSourcesAreTitles(t *testing.T) {
	c, err := catalogue.New()
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cites := regexp.MustCompile(`wire\.md|§|DarajaTutorial|MpesaExpressSimulate|BusinessToPochi|BusinessToCustomer|reference [\d.]+, [,";]`)
	if found := cites.FindAll(b, -1); len(found) > 0 {
		t.Errorf("the catalogue has %q", found)
	}
}
