package organisation

import "github.com/kivuko/kivuko/internal/console/page"

func homeRoutes() map[string]page.Handler {
	return map[string]page.Handler{"GET /organisation": signedIn(showHome)}
}

// showHome leads to the first page that the operator may see.
func showHome(q *page.Request, p *portal) error {
	for _, t := range tabs() {
		if t.rights == nil || p.May(t.rights...) {
			return q.Redirect(t.Path)
		}
	}
	return q.Redirect("/organisation/profile")
}
