package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/weburl"
)

// lookedThrough is how many organisations are looked through for a page of those with URLs.
const lookedThrough = 2000

// listURLs lists the organisations that have registered URLs, in the order of their shortcodes.
func (s *server) listURLs(r *http.Request) (answer, error) {
	var after mpesa.Shortcode
	limit := usualPage
	if err := readQuery(r, parameters{"after": shortcode(&after), "limit": number(&limit, 1, maxPage)}); err != nil {
		return answer{}, err
	}
	list, err := s.Store.Organisations(r.Context(), after, lookedThrough)
	if err != nil {
		return answer{}, err
	}
	shown := api.Page[api.Registration]{Items: []api.Registration{}}
	for i := range list {
		o := &list[i]
		if len(shown.Items) == limit || i == lookedThrough-1 {
			shown.Next = after.String()
			break
		}
		after = o.Shortcode
		if urls := registered(o); urls != nil {
			shown.Items = append(shown.Items, api.Registration{Shortcode: o.Shortcode.String(), Name: o.Name, URLs: *urls})
		}
	}
	return ok(shown), nil
}

// getURLs shows what an organisation has registered for C2B.
func (s *server) getURLs(r *http.Request) (answer, error) {
	_, o, err := s.seeing(r, mpesa.ViewMoney, "view URLs", "")
	if err != nil {
		return answer{}, err
	}
	urls := registered(o)
	if urls == nil {
		return answer{}, noURLs(o.Shortcode)
	}
	return ok(urls), nil
}

// putURLs registers URLs in place of what there is: the strict profile's rule that they are registered once doesn't hold here, and
// neither do its rules for URLs.
func (s *server) putURLs(r *http.Request) (answer, error) {
	urls := mpesa.C2BURLs{Version: 2}
	err := readFields(r, fields{
		"version": func(raw json.RawMessage) error {
			if err := number(&urls.Version, 1, 2)(string(raw)); err != nil {
				return errors.New("it has to be 1 or 2, the version of the C2B API whose bodies are sent")
			}
			return nil
		},
		"responseType": func(raw json.RawMessage) error {
			word, err := oneOf(raw, []string{mpesa.ResponseCompleted, mpesa.ResponseCancelled})
			set(&urls.ResponseType, word)
			return err
		},
		"confirmation": webURL(&urls.Confirmation),
		"validation":   webURL(&urls.Validation),
	}, "responseType", "confirmation", "validation")
	if err != nil {
		return answer{}, err
	}
	o, err := s.register(r, registersURLs, func(o *mpesa.Organisation) error {
		o.URLs = urls
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	return ok(registered(o)), nil
}

// deleteURLs forgets what an organisation has registered.
func (s *server) deleteURLs(r *http.Request) (answer, error) {
	_, err := s.register(r, deletesURLs, func(o *mpesa.Organisation) error {
		if registered(o) == nil {
			return noURLs(o.Shortcode)
		}
		o.URLs = mpesa.C2BURLs{}
		return nil
	})
	return answer{status: http.StatusNoContent}, err
}

// register changes what the organisation that the path names has registered.
func (s *server) register(r *http.Request, action string, change func(*mpesa.Organisation) error) (*mpesa.Organisation, error) {
	c, err := changeOrganisation(r, action)
	if err != nil {
		return nil, err
	}
	c.Change = func(o *mpesa.Organisation, there bool) error {
		if !there {
			return unknownOrganisation(o.Shortcode)
		}
		return change(o)
	}
	err = s.do(r, c, &c.Refused)
	return &c.Changed, err
}

func noURLs(s mpesa.Shortcode) *api.Problem {
	return notFound.problem("%s has registered no URLs; PUT registers some, and so does the C2B API", s)
}

// registered shows an organisation's URLs; nil when there are none.
func registered(o *mpesa.Organisation) *api.URLs {
	if o.URLs.Confirmation == "" && o.URLs.Validation == "" {
		return nil
	}
	return &api.URLs{Version: o.URLs.Version, ResponseType: api.ResponseType(o.URLs.ResponseType), Confirmation: o.URLs.Confirmation, Validation: o.URLs.Validation}
}

// webURL takes a URL that callbacks can be sent to, by the rules of no profile.
func webURL(into *string) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		s, err := text(raw)
		if err != nil || s == "" {
			return errors.New("it has to be a URL such as http://127.0.0.1:8080/confirmation")
		}
		if reason := weburl.Check(s, weburl.Rules{}); reason != "" {
			return fmt.Errorf("it %s; it has to be a URL such as http://127.0.0.1:8080/confirmation", reason)
		}
		*into = s
		return nil
	}
}
