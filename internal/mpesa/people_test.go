package mpesa_test

import (
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
)

func TestOrganisationWithoutProductsHasAll(t *testing.T) {
	for _, p := range mpesa.AllProducts() {
		all, one, others := mpesa.Organisation{}, mpesa.Organisation{Products: []mpesa.Product{p}}, mpesa.Organisation{Products: allBut(p)}
		if !all.Has(p) || !one.Has(p) || others.Has(p) {
			t.Errorf("%s: of all %v, of its own %v, of the others %v", p, all.Has(p), one.Has(p), others.Has(p))
		}
	}
}

func TestOperatorIsLockedFromTheFifthWrongPasswordOn(t *testing.T) {
	for wrong, want := range map[int]bool{0: false, 1: false, 4: false, 5: true, 6: true} {
		if o := (mpesa.Operator{Wrong: wrong}); o.Locked() != want {
			t.Errorf("after %d it is locked: %v", wrong, o.Locked())
		}
	}
}
