package organisation

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

func operatorRoutes() map[string]page.Handler {
	routes := map[string]page.Handler{ // no operator can be called -new
		"GET /organisation/operators":                      signedIn(listOperators),
		"GET /organisation/operators/-new":                 signedIn(addOperator),
		"POST /organisation/operators/-new":                signedIn(addOperator),
		"GET /organisation/operators/{username}":           signedIn(showOperator),
		"GET /organisation/operators/{username}/change":    signedIn(changeOperator),
		"POST /organisation/operators/{username}/change":   signedIn(changeOperator),
		"GET /organisation/operators/{username}/password":  signedIn(setPassword),
		"POST /organisation/operators/{username}/password": signedIn(setPassword),
		"POST /organisation/operators/{username}/remove":   signedIn(removeOperator),
		"GET /organisation/roles":                          signedIn(showRoles),
	}
	for action, done := range map[string]string{"unlock": "is unlocked", "suspend": "is suspended", "resume": "may act again", "reset": "is reset"} {
		routes["POST /organisation/operators/{username}/"+action] = signedIn(operate(action, done))
	}
	return routes
}

// operatorList is what the list of operators shows.
type operatorList struct {
	*portal
	Operators []control.Operator
}

// listOperators lists the operators, or those whose username or name has what is looked for in it.
func listOperators(q *page.Request, p *portal) error {
	list, err := q.API().Operators(q.HTTP.Context(), p.Shortcode)
	if err != nil {
		return err
	}
	if wanted := strings.ToLower(q.Form().Get("find")); wanted != "" {
		list = slices.DeleteFunc(list, func(o control.Operator) bool {
			return !strings.Contains(strings.ToLower(o.Username), wanted) && !strings.Contains(strings.ToLower(o.Name), wanted)
		})
	}
	return q.Show("operators", operatorList{p, list})
}

// operatorPage is what the pages of one operator show.
type operatorPage struct {
	*portal
	Of    *control.Operator // nil: a new one
	Roles *control.Roles
}

// Itself reports whether the operator looks at themselves.
func (o *operatorPage) Itself() bool { return o.Of.Username == o.Username }

// URL is the page of an operator's, or one below it.
func (o *operatorPage) URL(rest string) string {
	return "/organisation/operators/" + url.PathEscape(o.Of.Username) + rest
}

// IDTypes are the choices of a select.
func (o *operatorPage) IDTypes() []page.Option {
	list := []page.Option{{Value: "", Label: "—"}}
	for _, t := range o.Roles.IDTypes {
		list = append(list, page.Option{Value: t, Label: t})
	}
	return list
}

// Channels are the choices of a select.
func (o *operatorPage) Channels() []page.Option {
	return []page.Option{{Value: string(control.ChannelWeb), Label: "Web: signs in to this portal"}, {Value: string(control.ChannelAPI), Label: "API: initiates requests"}}
}

func readOperator(q *page.Request, p *portal) (*operatorPage, error) {
	o, err := q.API().Operator(q.HTTP.Context(), p.Shortcode, q.Value("username"))
	if err != nil {
		return nil, err
	}
	roles, err := q.API().Roles(q.HTTP.Context())
	return &operatorPage{p, o, roles}, err
}

// showOperator shows an operator, and what can be done with it.
func showOperator(q *page.Request, p *portal) error {
	shown, err := readOperator(q, p)
	if err != nil {
		return err
	}
	return q.Show("operator", shown)
}

// person are the fields of a form that say who an operator is.
var person = []string{"name", "phone", "email", "idType", "idNumber"}

// addOperator makes an operator.
func addOperator(q *page.Request, p *portal) error {
	roles, err := q.API().Roles(q.HTTP.Context())
	if err != nil {
		return err
	}
	shown := &operatorPage{p, nil, roles}
	f := q.Form()
	if !f.Posted() {
		return q.Show("operator-new", shown)
	}
	username := f.Get("username")
	if _, err := q.API().Operator(q.HTTP.Context(), p.Shortcode, username); err == nil {
		return q.Refused("operator-new", shown, &control.Problem{Status: http.StatusConflict, Field: "username", Detail: "there is an operator of this name"})
	}
	err = q.Call(http.MethodPut, p.path("operators/"+url.PathEscape(username)), f.Fields(append(slices.Clone(person), "channel", "roles:list")...), &control.Operator{})
	if err != nil {
		return q.Refused("operator-new", shown, err)
	}
	if control.Channel(f.Get("channel")) == control.ChannelWeb {
		q.Flash(username + " is added. The first-time password has gone to the operator's phone.")
	} else {
		q.Flash(username + " is added, and pending until somebody sets the password.")
	}
	return q.Redirect("/organisation/operators/" + url.PathEscape(username))
}

// changeOperator changes the roles of an operator, or what is known of the person.
func changeOperator(q *page.Request, p *portal) error {
	shown, err := readOperator(q, p)
	if err != nil {
		return err
	}
	f := q.Form()
	if !f.Posted() {
		for name, value := range map[string]string{"name": shown.Of.Name, "phone": shown.Of.Phone, "email": shown.Of.Email, "idType": shown.Of.IDType, "idNumber": shown.Of.IDNumber} {
			f.Set(name, value)
		}
		return q.Show("operator-change", shown)
	}
	change := f.Fields("roles:list")
	for _, name := range person {
		if change[name] = f.Get(name); name == "name" && change[name] == "" && shown.Of.Name == "" {
			delete(change, name)
		}
	}
	if err := q.Call(http.MethodPut, p.path("operators/"+url.PathEscape(shown.Of.Username)), change, &control.Operator{}); err != nil {
		return q.Refused("operator-change", shown, err)
	}
	q.Flash("Saved.")
	return q.Redirect(shown.URL(""))
}

// APIOnly lists the roles that give rights over the API only.
func (o *operatorPage) APIOnly() []control.APIRole {
	return slices.DeleteFunc(slices.Clone(o.Roles.API), func(r control.APIRole) bool {
		return slices.ContainsFunc(o.Roles.Web, func(w control.WebRole) bool { return w.Role == r.Role })
	})
}

// HasRole reports whether a role is ticked: as it was posted, or else as the operator has it.
func (o *operatorPage) HasRole(f *page.Form, role string) bool {
	if f.Posted() || o.Of == nil {
		return f.Checked("roles", role)
	}
	return slices.Contains(o.Of.Roles, role)
}

// setPassword sets the password of an API operator.
func setPassword(q *page.Request, p *portal) error {
	shown, err := readOperator(q, p)
	if err != nil {
		return err
	}
	f := q.Form()
	if !f.Posted() {
		return q.Show("operator-password", shown)
	}
	if err := repeated(f, "password"); err != nil {
		return q.Refused("operator-password", shown, err)
	}
	if _, err := q.API().SetPassword(q.HTTP.Context(), p.Shortcode, shown.Of.Username, f.Get("password")); err != nil {
		return q.Refused("operator-password", shown, err)
	}
	q.Flash("The password of " + shown.Of.Username + " is set.")
	return q.Redirect(shown.URL(""))
}

// operate does to an operator what needs no more words.
func operate(action, done string) func(q *page.Request, p *portal) error {
	return func(q *page.Request, p *portal) error {
		shown, err := readOperator(q, p)
		if err != nil {
			return err
		}
		if err := q.Call(http.MethodPost, p.path("operators/"+url.PathEscape(shown.Of.Username)+"/"+action), nil, &control.Operator{}); err != nil {
			return q.Refused("operator", shown, err)
		}
		q.Flash(shown.Of.Username + " " + done + ".")
		return q.Redirect(shown.URL(""))
	}
}

// removeOperator removes an operator.
func removeOperator(q *page.Request, p *portal) error {
	shown, err := readOperator(q, p)
	if err != nil {
		return err
	}
	if err := q.API().DeleteOperator(q.HTTP.Context(), p.Shortcode, shown.Of.Username); err != nil {
		return q.Refused("operator", shown, err)
	}
	q.Flash(shown.Of.Username + " is removed.")
	return q.Redirect("/organisation/operators")
}

// roleTable is what the page of roles shows.
type roleTable struct {
	*control.Roles
	Rights []control.Right // of any role, in order
}

// Gives reports whether a role gives a right.
func (t *roleTable) Gives(r control.WebRole, right control.Right) bool {
	return slices.Contains(r.Rights, right)
}

// showRoles shows what each role gives.
func showRoles(q *page.Request, _ *portal) error {
	roles, err := q.API().Roles(q.HTTP.Context())
	if err != nil {
		return err
	}
	t := &roleTable{Roles: roles}
	for _, r := range roles.Web {
		for _, right := range r.Rights {
			if !slices.Contains(t.Rights, right) {
				t.Rights = append(t.Rights, right)
			}
		}
	}
	return q.Show("roles", t)
}
