package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// listOperators lists an organisation's operators.
func (s *server) listOperators(r *http.Request) (answer, error) {
	_, o, err := s.seeing(r, mpesa.ViewOperators, "list operators", "")
	if err != nil {
		return answer{}, err
	}
	list, err := s.Store.Operators(r.Context(), o.Shortcode)
	shown := api.Operators{Operators: []api.Operator{}}
	for i := range list {
		shown.Operators = append(shown.Operators, operator(&list[i]))
	}
	return ok(shown), err
}

// getOperator shows an operator. Each may see himself.
func (s *server) getOperator(r *http.Request) (answer, error) {
	id, actor, err := operatorID(r)
	if err != nil {
		return answer{}, err
	}
	c := &mpesa.Authorise{By: actor, Right: mpesa.ViewOperators, Action: "see operator", Subject: id.Username, Of: id}
	if err := s.do(r, c, &c.Refused); err != nil {
		return answer{}, err
	}
	o, err := s.Store.Operator(r.Context(), id)
	if err != nil {
		return answer{}, err
	}
	if o == nil {
		return answer{}, unknownOperator(id)
	}
	return ok(operator(o)), nil
}

// putOperator creates an operator, or changes what the body says of it.
func (s *server) putOperator(r *http.Request) (answer, error) {
	id, actor, err := operatorID(r)
	if err != nil {
		return answer{}, err
	}
	var change operatorChange
	if err := readFields(r, change.fields()); err != nil {
		return answer{}, err
	}
	if change.password == nil && change.channel != nil && *change.channel == mpesa.ChannelWeb { // it may be a new one
		if change.first, err = s.firstPassword(); err != nil {
			return answer{}, err
		}
	}
	c := &mpesa.ChangeOperator{By: actor, Right: mpesa.ManageOperators, Action: "change operator", ID: id}
	if change.phone != nil {
		c.Phone = *change.phone
	}
	c.Change = func(o *mpesa.Operator, there bool) error {
		c.Action, c.SMS = "change operator", ""
		if !there {
			c.Action = "add operator"
		}
		return change.apply(c, o, there)
	}
	return s.changeOperator(r, c)
}

// setPassword sets an operator's password: of an API operator whoever has the right to (BusinessToPochi, setting the password), of a web operator only whoever runs Kivuko.
func (s *server) setPassword(r *http.Request) (answer, error) {
	id, actor, err := operatorID(r)
	if err != nil {
		return answer{}, err
	}
	var given *chosenPassword
	err = readFields(r, fields{"password": func(raw json.RawMessage) (err error) {
		given, err = password(raw)
		return err
	}}, "password")
	if err != nil {
		return answer{}, err
	}
	return s.changeOperator(r, &mpesa.ChangeOperator{By: actor, Right: mpesa.SetAPIPassword, Action: "set password", ID: id,
		Change: func(o *mpesa.Operator, there bool) error {
			switch {
			case !there:
				return unknownOperator(id)
			case o.Channel != mpesa.ChannelAPI && !actor.Provider():
				return &mpesa.Forbidden{Reason: fmt.Sprintf("%s is a web operator, who chooses the password himself; others' are set for API operators only", id.Username)}
			}
			wrong := o.Wrong
			err := given.give(o)
			if !actor.Provider() {
				o.Wrong = wrong // a locked one is for an administrator to unlock
			}
			return err
		}})
}

// unlock forgets an operator's wrong passwords.
func (s *server) unlock(r *http.Request) (answer, error) {
	return s.manageOperator(r, "unlock operator", func(o *mpesa.Operator, _ *mpesa.ChangeOperator) { o.Wrong = 0 })
}

// suspend keeps an operator from doing anything.
func (s *server) suspend(r *http.Request) (answer, error) {
	return s.manageOperator(r, "suspend operator", func(o *mpesa.Operator, _ *mpesa.ChangeOperator) { o.Suspended = true })
}

// resume ends a suspension.
func (s *server) resume(r *http.Request) (answer, error) {
	return s.manageOperator(r, "resume operator", func(o *mpesa.Operator, _ *mpesa.ChangeOperator) { o.Suspended = false })
}

// reset takes an operator's password away: a web operator gets a first-time password again.
func (s *server) reset(r *http.Request) (answer, error) {
	first, err := s.firstPassword()
	if err != nil {
		return answer{}, err
	}
	return s.manageOperator(r, "reset operator", func(o *mpesa.Operator, c *mpesa.ChangeOperator) {
		o.Password, o.Wrong, o.Questions, o.OTP = "", 0, nil, mpesa.OneTimePIN{}
		if o.Channel == mpesa.ChannelWeb {
			first.give(o, c)
		}
	})
}

// manageOperator has an operator changed who is there.
func (s *server) manageOperator(r *http.Request, action string, change func(*mpesa.Operator, *mpesa.ChangeOperator)) (answer, error) {
	id, actor, err := operatorID(r)
	if err != nil {
		return answer{}, err
	}
	c := &mpesa.ChangeOperator{By: actor, Right: mpesa.ManageOperators, Action: action, ID: id}
	c.Change = func(o *mpesa.Operator, there bool) error {
		if !there {
			return unknownOperator(id)
		}
		change(o, c)
		return nil
	}
	return s.changeOperator(r, c)
}

func (s *server) changeOperator(r *http.Request, c *mpesa.ChangeOperator) (answer, error) {
	if err := s.keep(r.Context(), c); err != nil {
		return answer{}, err
	}
	switch {
	case c.Unknown:
		return answer{}, unknownOrganisation(c.ID.Shortcode)
	case c.Refused != nil:
		return answer{}, c.Refused
	case c.Created:
		return answer{status: http.StatusCreated, body: operator(&c.Changed)}, nil
	}
	return ok(operator(&c.Changed)), nil
}

// deleteOperator removes an operator.
func (s *server) deleteOperator(r *http.Request) (answer, error) {
	id, actor, err := operatorID(r)
	if err != nil {
		return answer{}, err
	}
	c := &mpesa.RemoveOperator{By: actor, ID: id}
	if err := s.keep(r.Context(), c); err != nil {
		return answer{}, err
	}
	switch {
	case c.Refused != nil:
		return answer{}, c.Refused
	case !c.Found:
		return answer{}, unknownOperator(id)
	}
	return answer{status: http.StatusNoContent}, nil
}

// getRoles shows the tables of roles, and what operators are held to.
func (s *server) getRoles(*http.Request) (answer, error) {
	shown := api.Roles{Questions: mpesa.SecurityQuestions(), IDTypes: mpesa.IDTypes(), Passwords: credential.WebPasswordRules()}
	for _, role := range mpesa.WebRoles() {
		shown.Web = append(shown.Web, api.WebRole{Role: string(role.Role), Rights: words[api.Right](role.Rights), About: role.About})
	}
	for _, role := range mpesa.AllRoles() {
		x := api.APIRole{Role: string(role), Commands: []string{}}
		for _, op := range mpesa.Operations() {
			if op.Role == role {
				x.Commands = append(x.Commands, op.Command)
			}
		}
		shown.API = append(shown.API, x)
	}
	return ok(shown), nil
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

// operatorID reads whose operator the path names, and who asks.
func operatorID(r *http.Request) (id mpesa.OperatorID, actor mpesa.Actor, err error) {
	if err = readPath(r, "shortcode", shortcode(&id.Shortcode)); err != nil {
		return id, actor, err
	}
	if err = readPath(r, "username", username(&id.Username)); err != nil {
		return id, actor, err
	}
	actor, err = actorOf(r, id.Shortcode)
	return id, actor, err
}

// username takes what an operator can be called.
func username(into *string) func(string) error {
	return func(name string) error {
		if !usernames.MatchString(name) {
			return errors.New("it has to be 1 to 50 letters, digits and any of . _ @ -, a letter or a digit first")
		}
		*into = name
		return nil
	}
}

func unknownOperator(id mpesa.OperatorID) *api.Problem {
	return notFound.problem("%s has no operator %q; PUT makes one", id.Shortcode, id.Username)
}

func operator(o *mpesa.Operator) api.Operator {
	shown := api.Operator{Shortcode: o.Shortcode.String(), Username: o.Username, Channel: api.ChannelAPI, State: api.OperatorState(o.State()), Wrong: o.Wrong,
		Roles: texts(o.Roles), Rights: words[api.Right](o.Rights()), Name: o.Person.Name, Email: o.Person.Email, IDType: o.Person.IDType, IDNumber: o.Person.IDNumber,
		SignedIn: api.At(o.SignedIn)}
	if o.Channel == mpesa.ChannelWeb {
		shown.Channel = api.ChannelWeb
	}
	if o.Person.Phone != 0 {
		shown.Phone = o.Person.Phone.String()
	}
	return shown
}

// may tells whether a role is one that operators of a channel can have.
func may(c mpesa.Channel, role mpesa.Role) bool { return slices.Contains(mpesa.RolesOf(c), role) }
