package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/catalogue"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// appText is what keys and secrets consist of: what HTTP Basic authentication can carry.
var appText = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,100}$`)

// getApp shows a developer's app. The secret only with ?secrets=1.
func (s *server) getApp(r *http.Request) (answer, error) {
	secrets := false
	if err := readQuery(r, parameters{"secrets": withSecrets(&secrets)}); err != nil {
		return answer{}, err
	}
	a, err := s.findApp(r)
	if err != nil {
		return answer{}, err
	}
	if a == nil {
		return answer{}, notFound.problem("no app has the consumer key %q; PUT makes one", r.PathValue("key"))
	}
	return ok(app(a, secrets)), nil
}

// putApp creates an app, or changes what the body says of it.
func (s *server) putApp(r *http.Request) (answer, error) {
	key := r.PathValue("key")
	a, err := s.findApp(r)
	if err != nil {
		return answer{}, err
	}
	created := a == nil
	changed := mpesa.App{Key: key, Name: key}
	if !created {
		changed = *a
	}
	if err := readFields(r, appFields(&changed)); err != nil {
		return answer{}, err
	}
	if changed.Secret == "" {
		return answer{}, badField.of("consumerSecret", "it is missing: no app has the consumer key %q yet, and a new one needs a secret", key)
	}
	if err := s.Engine.Do(r.Context(), &mpesa.PutApp{App: changed}); err != nil {
		return answer{}, err
	}
	if created {
		return answer{status: http.StatusCreated, body: app(&changed, false)}, nil
	}
	return ok(app(&changed, false)), nil
}

// findApp reads the app that the path names; nil when there is none.
func (s *server) findApp(r *http.Request) (*mpesa.App, error) {
	err := readPath(r, "key", func(key string) error {
		if !appText.MatchString(key) {
			return errors.New("it has to be 1 to 100 letters, digits and any of . _ ~ -")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.Store.App(r.Context(), r.PathValue("key"))
}

// appFields are what an app can be told.
func appFields(a *mpesa.App) fields {
	rate := func(into *int64, what string) func(json.RawMessage) error {
		return func(raw json.RawMessage) error {
			if err := number(into, -1, noBound)(string(raw)); err != nil {
				return fmt.Errorf("it has to be a whole number of requests a %s; 0 is the profile's, and -1 any number", what)
			}
			return nil
		}
	}
	return fields{
		"name": func(raw json.RawMessage) (err error) {
			a.Name, err = line(raw, 1, maxName)
			return err
		},
		"consumerSecret": func(raw json.RawMessage) (err error) {
			if a.Secret, err = text(raw); err != nil || !appText.MatchString(a.Secret) {
				return errors.New("it has to be text of 1 to 100 letters, digits and any of . _ ~ -")
			}
			return nil
		},
		"products": func(raw json.RawMessage) error {
			tables, err := catalogue.New()
			if err != nil {
				return err
			}
			list, err := someOf(raw, tables.AppProducts)
			set(&a.Products, list)
			return err
		},
		"spikeArrest": rate(&a.SpikeArrest, "second"),
		"quota":       rate(&a.Quota, "day"),
	}
}

func app(a *mpesa.App, secrets bool) api.App {
	shown := api.App{Key: a.Key, Name: a.Name, Products: append([]string{}, a.Products...), SpikeArrest: a.SpikeArrest, Quota: a.Quota}
	if secrets {
		shown.Secret = a.Secret
	}
	return shown
}
