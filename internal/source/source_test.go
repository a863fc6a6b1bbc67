package source_test

import (
	"testing"

	"github.com/kivuko/kivuko/internal/source"
)

func TestCitationsAreShownByTheirTitles(t *testing.T) {
	for citation, want := range map[string]string{
		"wire.md §3":        "Wire reference 3, OAuth token",
		"wire.md §14.4":     "Wire reference 14.4, M-Pesa Ratiba",
		"wire.md §2.4, §22": "Wire reference 2.4, Full list of gateway errors, Wire reference 22, Not found",
		"DarajaTutorial, Reversal API; wire.md §12":              "Daraja tutorial, Reversal API; Wire reference 12, Reversal",
		"MpesaExpressSimulate and BusinessToPochi, result codes": "M-Pesa Express and Business to Pochi, result codes",
	} {
		if got := source.Title(citation); got != want {
			t.Errorf("%q is shown as %q; want %q", citation, got, want)
		}
	}
}
