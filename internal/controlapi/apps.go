package controlapi

import (
	"net/http"
	"regexp"
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// Lengths of the keys and secrets that are made here, in characters: the portal's newer ones.
const (
	keyLength    = 48
	secretLength = 64
)

// appText is what keys and secrets consist of: what HTTP Basic authentication can carry.
var appTexts = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,100}$`)

// appsQuery selects a page of apps.
type appsQuery struct {
	After string `query:"after" is:"appKey" doc:"Only those with keys after this one."`
	limited
}

// onApp names an app.
type onApp struct {
	Key string `path:"key" is:"appKey" doc:"The consumer key."`
}

// appQuery names an app that is to be shown.
type appQuery struct {
	onApp
	Secrets bool `query:"secrets" is:"secrets" doc:"1 shows the secret too."`
}

// listApps lists the developers' apps in the order of their keys. Their secrets are left out.
func (s *server) listApps(r *request[appsQuery, none]) (*control.Page[control.App], error) {
	list, err := store.List(r.Context(), s.Store, mpesa.Apps, r.Query.After, r.Query.Limit+1)
	if err != nil {
		return nil, err
	}
	list, next := cut(list, r.Query.Limit, func(a mpesa.App) string { return a.Key })
	return shownPage(list, next, func(a mpesa.App) control.App { return *app(&a, false) }), nil
}

// createApp makes an app with a new key and secret, which the answer shows. Without products in the body it has them all.
func (s *server) createApp(r *request[none, control.AppCreation]) (*control.App, error) {
	b := &r.Body
	change := &control.AppChange{Name: &b.Name, Products: b.Products, SpikeArrest: b.SpikeArrest, Quota: b.Quota, Fault: b.Fault, Secret: new(s.Random(secretLength))}
	if change.Products == nil {
		tables, err := s.tables()
		if err != nil {
			return nil, err
		}
		change.Products = new(slices.Clone(tables.AppProducts))
	}
	x, err := s.changeApp(r.Request, s.Random(keyLength), true, func(a *mpesa.App, _ bool) error { return applyApp(change, a) })
	return x.shown, err
}

// getApp shows a developer's app. The secret only with ?secrets=1.
func (s *server) getApp(r *request[appQuery, none]) (*control.App, error) {
	a, err := s.findApp(r.Request)
	if err != nil {
		return nil, err
	}
	shown := app(a, r.Query.Secrets)
	if r.Query.Secrets && a.Production {
		shown.Passkey, err = s.livePasskeyOf(r.Context(), a)
	}
	return shown, err
}

// putApp creates an app, or changes what the body says of it.
func (s *server) putApp(r *request[onApp, control.AppChange]) (created[*control.App], error) {
	key, change := r.Query.Key, &r.Body
	return s.changeApp(r.Request, key, false, func(a *mpesa.App, there bool) error {
		if !there && change.Secret == nil {
			return badField.of("consumerSecret", "it is missing: no app has the consumer key %q yet, and a new one needs a secret", key)
		}
		if !there {
			a.Name = key
		}
		return applyApp(change, a)
	})
}

// rotateApp gives an app a new secret, which the answer shows. Tokens that it has hold until their time is over.
func (s *server) rotateApp(r *request[onApp, none]) (*control.App, error) {
	key, secret := r.Query.Key, s.Random(secretLength)
	x, err := s.changeApp(r.Request, key, true, func(a *mpesa.App, there bool) error {
		if !there {
			return unknownApp(key)
		}
		a.Secret = secret
		return nil
	})
	return x.shown, err
}

func (s *server) changeApp(r *http.Request, key string, secrets bool, change func(*mpesa.App, bool) error) (x created[*control.App], err error) {
	c := &portal.ChangeApp{Key: key, Change: change}
	if n := noteOf(r.Context()); n != nil {
		n.subject = key // of a new one too
	}
	if err := s.run(r, c, func() bool { return c.Refused != nil }); err != nil {
		return x, err
	}
	if c.Refused != nil {
		return x, c.Refused
	}
	return created[*control.App]{app(&c.Changed, secrets), c.Created}, nil
}

// deleteApp removes an app. Its tokens end with it.
func (s *server) deleteApp(r *request[onApp, none]) (gone none, err error) {
	c := &portal.RemoveApp{Key: r.Query.Key}
	if err := s.run(r.Request, c, func() bool { return !c.Found }); err != nil {
		return gone, err
	}
	if !c.Found {
		return gone, unknownApp(c.Key)
	}
	return gone, nil
}

// findApp reads the app that the path names.
func (s *server) findApp(r *http.Request) (*mpesa.App, error) {
	key, err := readPath(r, "key", appText)
	if err != nil {
		return nil, err
	}
	a, err := store.Get(r.Context(), s.Store, mpesa.Apps, key)
	if err == nil && a == nil {
		err = unknownApp(key)
	}
	return a, err
}

// givenApp reads the app that the body names.
func (s *server) givenApp(r *http.Request, key string) (*mpesa.App, error) {
	a, err := store.Get(r.Context(), s.Store, mpesa.Apps, key)
	if err == nil && a == nil {
		err = badField.of("app", "no app has the consumer key %q", key)
	}
	return a, err
}

func unknownApp(key string) *control.Problem {
	return notFound.problem("no app has the consumer key %q; POST to %sapps makes one with new keys", key, control.Root)
}

// applyApp changes an app. What is nil stays.
func applyApp(c *control.AppChange, a *mpesa.App) error {
	if a.Production && c.Products != nil {
		return badField.of("products", "those of a production app are what it went live with; go live once more for others")
	}
	set(&a.Name, c.Name)
	set(&a.Secret, c.Secret)
	set(&a.Products, c.Products)
	set(&a.SpikeArrest, c.SpikeArrest)
	set(&a.Quota, c.Quota)
	set(&a.Fault, (*mpesa.AppFault)(c.Fault))
	return nil
}

func app(a *mpesa.App, secrets bool) *control.App {
	shown := &control.App{Key: a.Key, Name: a.Name, Products: append([]string{}, a.Products...), SpikeArrest: a.SpikeArrest, Quota: a.Quota,
		Fault: control.AppFault(a.Fault), Created: control.At(a.Created), Production: a.Production, GoLive: control.GoLiveStep(a.GoLive.Step)}
	if a.Production {
		shown.Shortcode = a.Shortcode.String()
	}
	if secrets {
		shown.Secret = a.Secret
	}
	return shown
}
