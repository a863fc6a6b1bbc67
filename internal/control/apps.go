package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// Lengths of the keys and secrets that are made here, in characters: the portal's newer ones.
const (
	keyLength    = 48
	secretLength = 64
)

// appText is what keys and secrets consist of: what HTTP Basic authentication can carry.
var appText = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,100}$`)

func checkAppText(s string) error {
	if !appText.MatchString(s) {
		return errors.New("it has to be 1 to 100 letters, digits and any of . _ ~ -")
	}
	return nil
}

// listApps lists the developers' apps in the order of their keys. Their secrets are left out.
func (s *server) listApps(r *http.Request) (answer, error) {
	after := ""
	limit := usualPage
	err := readQuery(r, parameters{
		"after": func(key string) error { after = key; return checkAppText(key) },
		"limit": number(&limit, 1, maxPage),
	})
	if err != nil {
		return answer{}, err
	}
	list, err := s.Store.Apps(r.Context(), after, limit+1)
	if err != nil {
		return answer{}, err
	}
	list, next := cut(list, limit, func(a mpesa.App) string { return a.Key })
	return ok(shownPage(list, next, func(a mpesa.App) api.App { return app(&a, false) })), nil
}

// createApp makes an app with a new key and secret, which the answer shows. Without products in the body it has them all.
func (s *server) createApp(r *http.Request) (answer, error) {
	var change appChange
	f := s.appFields(&change)
	delete(f, "consumerSecret") // who has one already puts an app
	if err := readFields(r, f, "name"); err != nil {
		return answer{}, err
	}
	if change.products == nil {
		tables, err := s.tables()
		if err != nil {
			return answer{}, err
		}
		change.products = new(slices.Clone(tables.AppProducts))
	}
	change.secret = new(s.Random(secretLength))
	return s.changeApp(r, s.Random(keyLength), true, func(a *mpesa.App, _ bool) error { return change.apply(a) })
}

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
	shown := app(a, secrets)
	if secrets && a.Production {
		shown.Passkey, err = s.livePasskeyOf(r.Context(), a)
	}
	return ok(shown), err
}

// putApp creates an app, or changes what the body says of it.
func (s *server) putApp(r *http.Request) (answer, error) {
	key, err := appKey(r)
	if err != nil {
		return answer{}, err
	}
	var change appChange
	if err := readFields(r, s.appFields(&change)); err != nil {
		return answer{}, err
	}
	return s.changeApp(r, key, false, func(a *mpesa.App, there bool) error {
		if !there && change.secret == nil {
			return badField.of("consumerSecret", "it is missing: no app has the consumer key %q yet, and a new one needs a secret", key)
		}
		if !there {
			a.Name = key
		}
		return change.apply(a)
	})
}

// rotateApp gives an app a new secret, which the answer shows. Tokens that it has hold until their time is over.
func (s *server) rotateApp(r *http.Request) (answer, error) {
	key, err := appKey(r)
	if err != nil {
		return answer{}, err
	}
	secret := s.Random(secretLength)
	return s.changeApp(r, key, true, func(a *mpesa.App, there bool) error {
		if !there {
			return unknownApp(key)
		}
		a.Secret = secret
		return nil
	})
}

func (s *server) changeApp(r *http.Request, key string, secrets bool, change func(*mpesa.App, bool) error) (answer, error) {
	c := &mpesa.ChangeApp{Key: key, Change: change}
	if n := noteOf(r.Context()); n != nil {
		n.subject = key // of a new one too
	}
	if err := s.run(r, c, func() bool { return c.Refused != nil }); err != nil {
		return answer{}, err
	}
	switch {
	case c.Refused != nil:
		return answer{}, c.Refused
	case c.Created:
		return answer{status: http.StatusCreated, body: app(&c.Changed, secrets)}, nil
	}
	return ok(app(&c.Changed, secrets)), nil
}

// deleteApp removes an app. Its tokens end with it.
func (s *server) deleteApp(r *http.Request) (answer, error) {
	key, err := appKey(r)
	if err != nil {
		return answer{}, err
	}
	c := &mpesa.RemoveApp{Key: key}
	if err := s.run(r, c, func() bool { return !c.Found }); err != nil {
		return answer{}, err
	}
	if !c.Found {
		return answer{}, unknownApp(key)
	}
	return answer{status: http.StatusNoContent}, nil
}

func appKey(r *http.Request) (key string, err error) {
	return r.PathValue("key"), readPath(r, "key", checkAppText)
}

// findApp reads the app that the path names.
func (s *server) findApp(r *http.Request) (*mpesa.App, error) {
	key, err := appKey(r)
	if err != nil {
		return nil, err
	}
	a, err := s.Store.App(r.Context(), key)
	if err == nil && a == nil {
		err = unknownApp(key)
	}
	return a, err
}

// givenApp reads the app that the body names.
func (s *server) givenApp(r *http.Request, key string) (*mpesa.App, error) {
	a, err := s.Store.App(r.Context(), key)
	if err == nil && a == nil {
		err = badField.of("app", "no app has the consumer key %q", key)
	}
	return a, err
}

func unknownApp(key string) *api.Problem {
	return notFound.problem("no app has the consumer key %q; POST to %sapps makes one with new keys", key, api.Root)
}

// appChange is what an app can be told. What is nil stays.
type appChange struct {
	name, secret *string
	products     *[]string
	spike, quota *int64
	fault        *mpesa.AppFault
}

func (c *appChange) apply(a *mpesa.App) error {
	if a.Production && c.products != nil {
		return badField.of("products", "those of a production app are what it went live with; go live once more for others")
	}
	set(&a.Name, c.name)
	set(&a.Secret, c.secret)
	set(&a.Products, c.products)
	set(&a.SpikeArrest, c.spike)
	set(&a.Quota, c.quota)
	set(&a.Fault, c.fault)
	return nil
}

// appFields are what an app can be told.
func (s *server) appFields(c *appChange) fields {
	rate := func(into **int64, what string) func(json.RawMessage) error {
		return func(raw json.RawMessage) error {
			*into = new(int64)
			if err := number(*into, -1, noBound)(string(raw)); err != nil {
				return fmt.Errorf("it has to be a whole number of requests a %s; 0 is the profile's, and -1 any number", what)
			}
			return nil
		}
	}
	return fields{
		"name": func(raw json.RawMessage) error {
			name, err := line(raw, 1, maxName)
			c.name = &name
			return err
		},
		"consumerSecret": func(raw json.RawMessage) error {
			secret, err := text(raw)
			if err != nil {
				return err
			}
			c.secret = &secret
			return checkAppText(secret)
		},
		"products": func(raw json.RawMessage) error {
			tables, err := s.tables()
			if err != nil {
				return err
			}
			c.products, err = someOf(raw, tables.AppProducts)
			return err
		},
		"spikeArrest": rate(&c.spike, "second"),
		"quota":       rate(&c.quota, "day"),
		"fault": func(raw json.RawMessage) (err error) {
			c.fault, err = oneOf(raw, mpesa.AllAppFaults())
			return err
		},
	}
}

func app(a *mpesa.App, secrets bool) api.App {
	shown := api.App{Key: a.Key, Name: a.Name, Products: append([]string{}, a.Products...), SpikeArrest: a.SpikeArrest, Quota: a.Quota,
		Fault: api.AppFault(a.Fault), Created: api.At(a.Created), Production: a.Production, GoLive: api.GoLiveStep(a.GoLive.Step)}
	if a.Production {
		shown.Shortcode = a.Shortcode.String()
	}
	if secrets {
		shown.Secret = a.Secret
	}
	return shown
}
