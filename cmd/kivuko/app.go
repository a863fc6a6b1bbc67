package main

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/kivuko/kivuko/control"
)

// app is what is done with developers' apps.
type app struct {
	List   appList   `cmd:"" help:"List the apps."`
	Create appCreate `cmd:"" help:"Create an app: prints its new key and secret."`
	Show   appShow   `cmd:"" help:"Show an app."`
	Set    appSet    `cmd:"" help:"Change an app's name, products, limits or fault."`
	Rotate appRotate `cmd:"" help:"Give an app a new secret, and print it."`
	Delete appDelete `cmd:"" help:"Delete an app: its tokens end."`
}

// appFlags are those of the commands for one app.
type appFlags struct {
	clientFlags
	Key string `arg:"" help:"The consumer key."`
}

// appLimits are what an app may be told besides its name.
type appLimits struct {
	Product     []string          `sep:"," placeholder:"NAME" help:"Give it these products and no other, such as 'M-Pesa Sandbox'."`
	SpikeArrest *int64            `placeholder:"N" help:"Let it send N requests a second; 0: as many as the profile says, -1: any number."`
	Quota       *int64            `placeholder:"N" help:"Let it send N requests a day; 0: as many as the profile says, -1: any number."`
	Fault       *control.AppFault `placeholder:"${app_fault}" help:"Refuse its requests: busy with 500.003.02, internal with 500.003.1001."`
}

func (l *appLimits) change() control.AppChange {
	change := control.AppChange{SpikeArrest: l.SpikeArrest, Quota: l.Quota, Fault: empty(l.Fault, noFault)}
	if len(l.Product) > 0 {
		change.Products = &l.Product
	}
	return change
}

func writeApp(w io.Writer, a *control.App) {
	row(w, a.Name)
	fact(w, "  consumer key", a.Key)
	fact(w, "  consumer secret", a.Secret)
	fact(w, "  created", moment(a.Created))
	products := "none"
	if len(a.Products) > 0 {
		products = strings.Join(a.Products, ", ")
	}
	row(w, "  products", products)
	row(w, "  requests a second", limited(a.SpikeArrest))
	row(w, "  requests a day", limited(a.Quota))
	fact(w, "  fault", string(a.Fault))
}

// limited writes an app's limit.
func limited(n int64) string {
	switch {
	case n == 0:
		return "as many as the profile says"
	case n < 0:
		return "any number"
	}
	return strconv.FormatInt(n, 10)
}

type appList struct {
	clientFlags
	After string `placeholder:"KEY" help:"Only those with keys after this one."`
	Limit int    `default:"50" help:"List at most so many, from 1 to 1000."`
}

func (x *appList) Run(ctx context.Context, out io.Writer) error {
	return shown(x, out, func(c *control.Client) (*control.Page[control.App], error) {
		return c.Apps(ctx, control.ListQuery{After: x.After, Limit: x.Limit})
	}, func(w io.Writer, list *control.Page[control.App]) {
		table(w, list.Items, "no apps", "CONSUMER KEY, NAME, PRODUCTS", func(a *control.App) {
			row(w, a.Key, a.Name, strings.Join(a.Products, ", "))
		})
		more(w, list.Next)
	})
}

type appCreate struct {
	clientFlags
	appLimits
	Name string `arg:"" help:"What it is called."`
}

func (x *appCreate) Run(ctx context.Context, out io.Writer) error {
	change := x.change()
	change.Name = &x.Name
	return shown(x, out, func(c *control.Client) (*control.App, error) { return c.CreateApp(ctx, change) }, writeApp)
}

type appShow struct {
	appFlags
	Secret bool `help:"Show the secret too."`
}

func (x *appShow) Run(ctx context.Context, out io.Writer) error {
	return shown(x, out, func(c *control.Client) (*control.App, error) {
		if x.Secret {
			return c.AppSecret(ctx, x.Key)
		}
		return c.App(ctx, x.Key)
	}, writeApp)
}

type appSet struct {
	appFlags
	appLimits
	Name       *string `placeholder:"TEXT" help:"Call it so."`
	NoProducts bool    `help:"Take all products away."`
}

// Run changes what flags say, and shows what came of it.
func (x *appSet) Run(ctx context.Context, out io.Writer) error {
	change := x.change()
	change.Name = x.Name
	switch {
	case x.NoProducts && change.Products != nil:
		return usageError{errors.New("either --product or --no-products")}
	case x.NoProducts:
		change.Products = &[]string{}
	}
	return shown(x, out, func(c *control.Client) (*control.App, error) {
		if _, err := c.App(ctx, x.Key); err != nil {
			return nil, err // PUT would make a new one
		}
		a, _, err := c.PutApp(ctx, x.Key, change)
		return a, err
	}, writeApp)
}

type appRotate struct{ appFlags }

func (x *appRotate) Run(ctx context.Context, out io.Writer) error {
	return shown(x, out, func(c *control.Client) (*control.App, error) { return c.RotateApp(ctx, x.Key) }, writeApp)
}

type appDelete struct{ appFlags }

func (x *appDelete) Run(ctx context.Context, out io.Writer) error {
	return without(x, out, x.Key+" is deleted", func(c *control.Client) error { return c.DeleteApp(ctx, x.Key) })
}
