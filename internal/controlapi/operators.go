package controlapi

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// listOperators lists an organisation's operators.
func (s *server) listOperators(r *request[inOrganisation, none]) (*control.Operators, error) {
	_, o, err := s.seeing(r.Request, portal.ViewOperators, "list operators", "")
	if err != nil {
		return nil, err
	}
	list, err := s.Store.Operators(r.Context(), o.Shortcode)
	shown := &control.Operators{Operators: []control.Operator{}}
	for i := range list {
		shown.Operators = append(shown.Operators, *operator(&list[i]))
	}
	return shown, err
}

// getOperator shows an operator. Each may see themselves.
func (s *server) getOperator(r *request[onOperator, none]) (*control.Operator, error) {
	id := r.Query.id()
	c := &portal.Authorise{By: r.By, Right: portal.ViewOperators, Action: "see operator", Subject: id.Username, Of: id}
	if err := s.do(r.Request, c, &c.Refused); err != nil {
		return nil, err
	}
	o, err := store.Get(r.Context(), s.Store, mpesa.Operators, id)
	if err != nil {
		return nil, err
	}
	if o == nil {
		return nil, unknownOperator(id)
	}
	return operator(o), nil
}

// putOperator creates an operator, or changes what the body says of it.
func (s *server) putOperator(r *request[onOperator, control.OperatorChange]) (x created[*control.Operator], err error) {
	change := operatorChange{OperatorChange: &r.Body}
	if err := change.prepare(s); err != nil {
		return x, err
	}
	c := &portal.ChangeOperator{By: r.By, Right: portal.ManageOperators, Action: "change operator", ID: r.Query.id(), Phone: change.number}
	c.Change = func(o *mpesa.Operator, there bool) error {
		c.Action, c.SMS = "change operator", ""
		if !there {
			c.Action = "add operator"
		}
		return change.apply(c, o, there)
	}
	return s.changeOperator(r.Request, c)
}

// setPassword sets an operator's password: of an API operator those who have the right to (BusinessToPochi, setting the password), of a web operator only Kivuko's administrator.
func (s *server) setPassword(r *request[onOperator, control.OperatorPassword]) (*control.Operator, error) {
	id, actor := r.Query.id(), r.By
	given, err := password(r.Body.Password)
	if err != nil {
		return nil, err
	}
	x, err := s.changeOperator(r.Request, &portal.ChangeOperator{By: actor, Right: portal.SetAPIPassword, Action: "set password", ID: id,
		Change: func(o *mpesa.Operator, there bool) error {
			switch {
			case !there:
				return unknownOperator(id)
			case o.Channel != mpesa.ChannelAPI && !actor.Provider():
				return &portal.Forbidden{Reason: fmt.Sprintf("%s is a web operator, who chooses the password at the first sign-in; others' are set for API operators only", id.Username)}
			}
			wrong := o.Wrong
			err := given.give(o)
			if !actor.Provider() {
				o.Wrong = wrong // a locked one is for an administrator to unlock
			}
			return err
		}})
	return x.shown, err
}

// unlock forgets an operator's wrong passwords.
func (s *server) unlock(r *request[onOperator, none]) (*control.Operator, error) {
	return s.manageOperator(r, "unlock operator", func(o *mpesa.Operator, _ *portal.ChangeOperator) { o.Wrong = 0 })
}

// suspend keeps an operator from doing anything.
func (s *server) suspend(r *request[onOperator, none]) (*control.Operator, error) {
	return s.manageOperator(r, "suspend operator", func(o *mpesa.Operator, _ *portal.ChangeOperator) { o.Suspended = true })
}

// resume ends a suspension.
func (s *server) resume(r *request[onOperator, none]) (*control.Operator, error) {
	return s.manageOperator(r, "resume operator", func(o *mpesa.Operator, _ *portal.ChangeOperator) { o.Suspended = false })
}

// reset takes an operator's password away: a web operator gets a first-time password again.
func (s *server) reset(r *request[onOperator, none]) (*control.Operator, error) {
	first, err := s.firstPassword()
	if err != nil {
		return nil, err
	}
	return s.manageOperator(r, "reset operator", func(o *mpesa.Operator, c *portal.ChangeOperator) {
		o.Password, o.Wrong, o.Questions, o.OTP = "", 0, nil, mpesa.OneTimePIN{}
		if o.Channel == mpesa.ChannelWeb {
			first.give(o, c)
		}
	})
}

// manageOperator has an operator changed who is there.
func (s *server) manageOperator(r *request[onOperator, none], action string, change func(*mpesa.Operator, *portal.ChangeOperator)) (*control.Operator, error) {
	id := r.Query.id()
	c := &portal.ChangeOperator{By: r.By, Right: portal.ManageOperators, Action: action, ID: id}
	c.Change = func(o *mpesa.Operator, there bool) error {
		if !there {
			return unknownOperator(id)
		}
		change(o, c)
		return nil
	}
	x, err := s.changeOperator(r.Request, c)
	return x.shown, err
}

func (s *server) changeOperator(r *http.Request, c *portal.ChangeOperator) (x created[*control.Operator], err error) {
	if err := s.keep(r.Context(), c); err != nil {
		return x, err
	}
	switch {
	case c.Unknown:
		return x, unknownOrganisation(c.ID.Shortcode)
	case c.Refused != nil:
		return x, c.Refused
	}
	return created[*control.Operator]{operator(&c.Changed), c.Created}, nil
}

// deleteOperator removes an operator.
func (s *server) deleteOperator(r *request[onOperator, none]) (gone none, err error) {
	c := &portal.RemoveOperator{By: r.By, ID: r.Query.id()}
	if err := s.keep(r.Context(), c); err != nil {
		return gone, err
	}
	switch {
	case c.Refused != nil:
		return gone, c.Refused
	case !c.Found:
		return gone, unknownOperator(c.ID)
	}
	return gone, nil
}

// getRoles shows the tables of roles, and what operators are held to.
func (s *server) getRoles(*request[none, none]) (*control.Roles, error) {
	shown := &control.Roles{Questions: portal.SecurityQuestions(), IDTypes: portal.IDTypes(), Passwords: credential.WebPasswordRules()}
	for _, role := range portal.WebRoles() {
		shown.Web = append(shown.Web, control.WebRole{Role: string(role.Role), Rights: words[control.Right](role.Rights), About: role.About})
	}
	for _, role := range mpesa.AllRoles() {
		x := control.APIRole{Role: string(role), Commands: []string{}}
		for _, op := range mpesa.Operations() {
			if op.Role == role {
				x.Commands = append(x.Commands, op.Command)
			}
		}
		shown.API = append(shown.API, x)
	}
	return shown, nil
}

func texts[T ~string](list []T) []string { return words[string](list) }

// words are words of the rules as words of the API.
func words[To, T ~string](list []T) []To {
	names := make([]To, len(list))
	for i, x := range list {
		names[i] = To(x)
	}
	return names
}

// usernames are what an operator can be called.
var usernames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,49}$`)

// onOperator names an operator.
type onOperator struct {
	inOrganisation
	Username string `path:"username" is:"username" doc:"The operator's."`
}

func (q *onOperator) id() mpesa.OperatorID {
	return mpesa.OperatorID{Shortcode: q.Shortcode, Username: q.Username}
}

// askerOf reads who asks for something of the organisation that the path names.
func askerOf(r *http.Request) (mpesa.Actor, error) {
	code, err := readPath(r, "shortcode", shortcode)
	if err != nil {
		return mpesa.Actor{}, err
	}
	return actorOf(r, code)
}

func unknownOperator(id mpesa.OperatorID) *control.Problem {
	return notFound.problem("%s has no operator %q; PUT makes one", id.Shortcode, id.Username)
}

func operator(o *mpesa.Operator) *control.Operator {
	shown := &control.Operator{Shortcode: o.Shortcode.String(), Username: o.Username, Channel: control.ChannelAPI, State: control.OperatorState(o.State()), Wrong: o.Wrong,
		Roles: texts(o.Roles), Rights: words[control.Right](portal.RightsOf(o)), Name: o.Person.Name, Email: o.Person.Email, IDType: o.Person.IDType, IDNumber: o.Person.IDNumber,
		SignedIn: control.At(o.SignedIn)}
	if o.Channel == mpesa.ChannelWeb {
		shown.Channel = control.ChannelWeb
	}
	if o.Person.Phone != 0 {
		shown.Phone = o.Person.Phone.String()
	}
	return shown
}

// may reports whether a role is one that operators of a channel can have.
func may(c mpesa.Channel, role mpesa.Role) bool { return slices.Contains(portal.RolesOf(c), role) }
