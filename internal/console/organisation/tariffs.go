package organisation

import (
	"fmt"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

func tariffRoutes() map[string]page.Handler {
	return map[string]page.Handler{"GET /organisation/tariffs": signedIn(showTariffs)}
}

// showTariffs shows what the organisation's payments cost, and the limits.
func showTariffs(q *page.Request, p *portal) error {
	list, err := q.API().Tariffs(q.HTTP.Context(), p.Shortcode)
	if err != nil {
		return err
	}
	shown := tariffsPage{Tariffs: list}
	for _, t := range list.Tariffs {
		shown.Tables = append(shown.Tables, tariffTable{Tariff: t, Bands: bands(t.Tariff.Bands)})
	}
	return q.Show("tariffs", shown)
}

// tariffsPage is what the page of the tariffs shows.
type tariffsPage struct {
	*control.Tariffs
	Tables []tariffTable
}

// tariffTable is a tariff with its bands in words.
type tariffTable struct {
	control.Tariff
	Bands []band
}

// band is a line of a tariff.
type band struct {
	From, To, Customer control.Amount
	Business           string
}

// bands writes bands as they follow on one another.
func bands(list []control.CatalogueBand) (shown []band) {
	var above control.Amount
	for _, b := range list {
		x := band{From: above + 1, To: b.UpTo, Customer: b.Customer, Business: b.Business.Grouped()}
		if b.BasisPoints != 0 {
			x.Business = fmt.Sprintf("%d.%02d %%, at most %s", b.BasisPoints/100, b.BasisPoints%100, b.Cap.Grouped())
		}
		shown = append(shown, x)
		above = b.UpTo
	}
	return shown
}
