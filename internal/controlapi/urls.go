package controlapi

import (
	"net/http"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// urlsQuery selects a page of registrations.
type urlsQuery struct {
	After mpesa.Shortcode `query:"after" is:"shortcode" doc:"Only those after this shortcode: the next of the page before."`
	limited
}

// listURLs lists the organisations that have registered URLs, in the order of their shortcodes.
func (s *server) listURLs(r *request[urlsQuery, none]) (*control.Page[control.Registration], error) {
	list, err := s.Store.WithURLs(r.Context(), r.Query.After, r.Query.Limit+1)
	if err != nil {
		return nil, err
	}
	list, next := cut(list, r.Query.Limit, func(o mpesa.Organisation) string { return o.Shortcode.String() })
	return shownPage(list, next, func(o mpesa.Organisation) control.Registration {
		return control.Registration{Shortcode: o.Shortcode.String(), Name: o.Name, URLs: *registered(&o)}
	}), nil
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
