package developer

import (
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

// callbackTestRoutes are the callback tester's.
func callbackTestRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /developer/callback-test":  testCallback,
		"POST /developer/callback-test": testCallback,
	}
}

// testCallback tries a URL for callbacks and shows what that showed.
func testCallback(q *page.Request) error {
	f := q.Form()
	if !f.Posted() {
		return q.Show("callbacktest", (*control.CallbackTest)(nil))
	}
	t, err := q.API().TestCallback(q.HTTP.Context(), f.Get("url"))
	if err != nil {
		return q.Refused("callbacktest", (*control.CallbackTest)(nil), err)
	}
	return q.Show("callbacktest", t)
}
