package organisation

import "github.com/kivuko/kivuko/internal/console/page"

func homeRoutes() map[string]page.Handler {
	return map[string]page.Handler{"GET /organisation": signedIn(showHome)}
}

// showHome leads to the first page that the operator may see.
func showHome(q *page.Request, p *portal) error {
	return q.Redirect(append(p.tabs(), page.Link{Path: "/organisation/profile"})[0].Path)
}
