package organisation

import (
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

func profileRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /organisation/profile":  signedIn(showProfile),
		"POST /organisation/profile": signedIn(showProfile),
	}
}

// profilePage is what the page of one's own shows.
type profilePage struct {
	*portal
	Roles *control.Roles
}

// showProfile shows who is signed in, and changes their password.
func showProfile(q *page.Request, p *portal) error {
	roles, err := q.API().Roles(q.HTTP.Context())
	if err != nil {
		return err
	}
	shown := profilePage{p, roles}
	f := q.Form()
	if !f.Posted() {
		return q.Show("profile", shown)
	}
	if err := repeated(f, "newPassword"); err != nil {
		return q.Refused("profile", shown, err)
	}
	session, err := q.API().ChangePassword(q.HTTP.Context(), p.Shortcode, p.Token, f.Get("password"), f.Get("newPassword"))
	if err != nil {
		return q.Refused("profile", shown, err)
	}
	remember(q, p.Shortcode, session)
	q.Flash("Your password is changed. Your other sessions have ended.")
	return q.Redirect("/organisation/profile")
}
