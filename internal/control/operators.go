package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// listOperators lists an organisation's operators.
func (s *server) listOperators(r *http.Request) (answer, error) {
	o, err := s.findOrganisation(r)
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

// getOperator shows an operator.
func (s *server) getOperator(r *http.Request) (answer, error) {
	id, err := operatorID(r)
	if err != nil {
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
	id, err := operatorID(r)
	if err != nil {
		return answer{}, err
	}
	var roles *[]mpesa.Role
	var hash *string
	err = readFields(r, fields{
		"roles": func(raw json.RawMessage) (err error) {
			roles, err = someOf(raw, mpesa.AllRoles())
			return err
		},
		"password": func(raw json.RawMessage) (err error) {
			hash, err = password(raw)
			return err
		},
	})
	if err != nil {
		return answer{}, err
	}
	return s.changeOperator(r, id, func(o *mpesa.Operator, there bool) error {
		if !there {
			o.Roles = []mpesa.Role{}
		}
		set(&o.Roles, roles)
		if hash != nil {
			o.Password, o.Wrong = *hash, 0
		}
		return nil
	})
}

// unlock forgets an operator's wrong passwords.
func (s *server) unlock(r *http.Request) (answer, error) {
	id, err := operatorID(r)
	if err != nil {
		return answer{}, err
	}
	return s.changeOperator(r, id, func(o *mpesa.Operator, there bool) error {
		if !there {
			return unknownOperator(id)
		}
		o.Wrong = 0
		return nil
	})
}

func (s *server) changeOperator(r *http.Request, id mpesa.OperatorID, change func(*mpesa.Operator, bool) error) (answer, error) {
	c := &mpesa.ChangeOperator{ID: id, Change: change}
	if err := s.Engine.Do(r.Context(), c); err != nil {
		return answer{}, err
	}
	switch {
	case c.Unknown:
		return answer{}, unknownOrganisation(id.Shortcode)
	case c.Refused != nil:
		return answer{}, c.Refused
	case c.Created:
		return answer{status: http.StatusCreated, body: operator(&c.Changed)}, nil
	}
	return ok(operator(&c.Changed)), nil
}

// deleteOperator removes an operator.
func (s *server) deleteOperator(r *http.Request) (answer, error) {
	id, err := operatorID(r)
	if err != nil {
		return answer{}, err
	}
	c := &mpesa.RemoveOperator{ID: id}
	if err := s.Engine.Do(r.Context(), c); err != nil {
		return answer{}, err
	}
	if !c.Found {
		return answer{}, unknownOperator(id)
	}
	return answer{status: http.StatusNoContent}, nil
}

// usernames are what an operator can be called.
var usernames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,49}$`)

// operatorID reads whose operator the path names.
func operatorID(r *http.Request) (id mpesa.OperatorID, err error) {
	if err = readPath(r, "shortcode", shortcode(&id.Shortcode)); err != nil {
		return id, err
	}
	return id, readPath(r, "username", func(name string) error {
		id.Username = name
		if !usernames.MatchString(name) {
			return errors.New("it has to be 1 to 50 letters, digits and any of . _ @ -, a letter or a digit first")
		}
		return nil
	})
}

// password reads an operator's password and keeps its hash only.
func password(raw json.RawMessage) (*string, error) {
	given, err := text(raw)
	if err != nil {
		return nil, err
	}
	if problem := credential.PasswordProblem(given); problem != "" {
		return nil, errors.New(problem)
	}
	hash, err := credential.Hash(given)
	if err != nil {
		return nil, fmt.Errorf("it can't be kept: %w", err)
	}
	return &hash, nil
}

func unknownOperator(id mpesa.OperatorID) *api.Problem {
	return notFound.problem("%s has no operator %q; PUT makes one", id.Shortcode, id.Username)
}

func operator(o *mpesa.Operator) api.Operator {
	shown := api.Operator{Shortcode: o.Shortcode.String(), Username: o.Username, State: api.OperatorActive, Wrong: o.Wrong, Roles: []string{}}
	switch {
	case o.Locked():
		shown.State = api.OperatorLocked
	case o.Password == "":
		shown.State = api.OperatorPending
	}
	for _, role := range o.Roles {
		shown.Roles = append(shown.Roles, string(role))
	}
	return shown
}
