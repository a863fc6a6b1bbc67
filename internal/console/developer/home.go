package developer

import "github.com/kivuko/kivuko/internal/console/page"

func homeRoutes() map[string]page.Handler {
	return map[string]page.Handler{"GET /developer": showHome}
}

// showHome leads to where to begin.
func showHome(q *page.Request) error { return q.Redirect("/developer/apps") }
