package controlapi

import (
	"net/http"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// lookedThrough is how many organisations are looked through for a page of those with URLs.
const lookedThrough = 2000

// urlsQuery selects a page of registrations.
type urlsQuery struct {
	After mpesa.Shortcode `query:"after" is:"shortcode" doc:"Only those after this shortcode: the next of the page before."`
	limited
}

// listURLs lists the organisations that have registered URLs, in the order of their shortcodes.
func (s *server) listURLs(r *request[urlsQuery, none]) (*control.Page[control.Registration], error) {
	after, limit := r.Query.After, r.Query.Limit
	list, err := store.List(r.Context(), s.Store, mpesa.Registry, after, lookedThrough)
	if err != nil {
		return nil, err
	}
	shown := &control.Page[control.Registration]{Items: []control.Registration{}}
	for i := range list {
		o := &list[i]
		if len(shown.Items) == limit || i == lookedThrough-1 {
			shown.Next = after.String()
			break
		}
		after = o.Shortcode
		if urls := registered(o); urls != nil {
			shown.Items = append(shown.Items, control.Registration{Shortcode: o.Shortcode.String(), Name: o.Name, URLs: *urls})
		}
	}
	return shown, nil
}

// getURLs shows what an organisation has registered for C2B.
func (s *server) getURLs(r *request[inOrganisation, none]) (*control.URLs, error) {
	_, o, err := s.seeing(r.Request, portal.ViewMoney, "view URLs", "")
	if err != nil {
		return nil, err
	}
	urls := registered(o)
	if urls == nil {
		return nil, noURLs(o.Shortcode)
	}
	return urls, nil
}

// putURLs registers URLs in place of what there is: the strict profile's rule that they are registered once doesn't hold here, and
// neither do its rules for URLs.
func (s *server) putURLs(r *request[inOrganisation, control.URLsChange]) (*control.URLs, error) {
	b := &r.Body
	urls := mpesa.C2BURLs{Version: 2, ResponseType: string(b.ResponseType), Confirmation: b.Confirmation, Validation: b.Validation}
	set(&urls.Version, b.Version)
	o, err := s.register(r.Request, registersURLs, r.Query.Shortcode, func(o *mpesa.Organisation) error {
		o.URLs = urls
		return nil
	})
	if err != nil {
		return nil, err
	}
	return registered(o), nil
}

// deleteURLs forgets what an organisation has registered.
func (s *server) deleteURLs(r *request[inOrganisation, none]) (gone none, err error) {
	_, err = s.register(r.Request, deletesURLs, r.Query.Shortcode, func(o *mpesa.Organisation) error {
		if registered(o) == nil {
			return noURLs(o.Shortcode)
		}
		o.URLs = mpesa.C2BURLs{}
		return nil
	})
	return gone, err
}

// register changes what an organisation has registered.
func (s *server) register(r *http.Request, action string, code mpesa.Shortcode, change func(*mpesa.Organisation) error) (*mpesa.Organisation, error) {
	c := &portal.ChangeOrganisation{Action: action, Shortcode: code, From: fromOf(r)}
	c.Change = func(o *mpesa.Organisation, there bool) error {
		if !there {
			return unknownOrganisation(o.Shortcode)
		}
		return change(o)
	}
	err := s.do(r, c, &c.Refused)
	return &c.Changed, err
}

func noURLs(s mpesa.Shortcode) *control.Problem {
	return notFound.problem("%s has registered no URLs; PUT registers some, and so does the C2B API", s)
}

// registered shows an organisation's URLs; nil when there are none.
func registered(o *mpesa.Organisation) *control.URLs {
	if o.URLs.Confirmation == "" && o.URLs.Validation == "" {
		return nil
	}
	return &control.URLs{Version: o.URLs.Version, ResponseType: control.ResponseType(o.URLs.ResponseType), Confirmation: o.URLs.Confirmation, Validation: o.URLs.Validation}
}
