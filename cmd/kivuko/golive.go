package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/kivuko/kivuko/control"
)

// goLive takes a sandbox app to production, step by step.
type goLive struct {
	Show    goLiveShow    `cmd:"" help:"Show how far an app is, and its test cases."`
	Tests   goLiveTests   `cmd:"" help:"Step 1: pass the test cases of the products that are to be live."`
	Verify  goLiveVerify  `cmd:"" help:"Step 2: verify the organisation; its operator's phone gets a one-time PIN."`
	OTP     goLiveOTP     `cmd:"" name:"otp" help:"Step 3: enter the one-time PIN, or have another one sent."`
	Apply   goLiveApply   `cmd:"" help:"Step 4: choose the products; prints the production app with its secret and passkey."`
	Abandon goLiveAbandon `cmd:"" help:"Go back to the first step. What was seen of the test cases stays, and so does a production app."`
}

// writeGoLive prints how far an app is.
func writeGoLive(w io.Writer, g *control.GoLive) {
	next := map[string]string{
		string(control.GoLiveTests): "1 of 4, the test cases: kivuko golive tests KEY --product NAME --accept-terms", string(control.GoLiveVerification): "2 of 4, the organisation: kivuko golive verify KEY SHORTCODE USERNAME --organisation NAME",
		string(control.GoLiveOTP): "3 of 4, the one-time PIN: kivuko golive otp KEY PIN", string(control.GoLiveProducts): "4 of 4, the products: kivuko golive apply KEY",
		string(control.GoLiveDone): "none: the app is live",
	}
	row(w, g.Name)
	fact(w, "  next step", next[string(g.Step)])
	if g.Owner != nil {
		row(w, "  organisation", g.Owner.Shortcode+", by "+g.Owner.Username)
	}
	if g.OTP != nil {
		row(w, "  one-time PIN", fmt.Sprintf("sent to %s, valid until %s", g.OTP.Phone, moment(g.OTP.ExpiresAt)))
	}
	for _, p := range g.Products {
		if p.Chosen && g.Step != control.GoLiveDone {
			fact(w, "  "+p.Name, allowed(p.Refused))
		}
	}
	fact(w, "  production app", g.ProductionApp)
}

func allowed(refused string) string {
	if refused == "" {
		return "chosen"
	}
	return "chosen, but: " + refused
}

type goLiveShow struct {
	appFlags
	CSV bool `name:"csv" help:"Print the test cases as CSV: the form that the portal wants filled in."`
}

func (x *goLiveShow) Run(ctx context.Context, out io.Writer) error {
	return x.call(func(c *control.Client) error {
		g, err := c.GoLive(ctx, x.Key)
		switch {
		case err != nil:
			return err
		case x.CSV:
			return g.WriteCSV(out)
		}
		return x.show(out, g, func(w io.Writer) {
			writeGoLive(w, g)
			row(w)
			row(w, "RESULT", "TEST CASE", "PRODUCT", "EXPECTED")
			for _, t := range g.Tests {
				outcome := t.Outcome
				if outcome == control.TestUnseen {
					outcome = "not seen"
				}
				row(w, outcome, t.Title, t.Product, t.Expected)
			}
		})
	})
}

// showStep takes a step and prints how far the app then is.
func (x *appFlags) showStep(out io.Writer, step func(*control.Client) (*control.GoLive, error)) error {
	return shown(x, out, step, writeGoLive)
}

type goLiveTests struct {
	appFlags
	Product     []string `required:"" sep:"," placeholder:"NAME" help:"The products, such as 'C2B Production'; golive show --json lists them."`
	Elsewhere   bool     `help:"Say that you have tested elsewhere what was not seen here."`
	AcceptTerms bool     `help:"Accept the terms and conditions."`
}

// Run takes the first step.
func (x *goLiveTests) Run(ctx context.Context, out io.Writer) error {
	return x.showStep(out, func(c *control.Client) (*control.GoLive, error) {
		return c.PassTests(ctx, x.Key, control.GoLiveCases{Products: x.Product, Elsewhere: x.Elsewhere, Terms: x.AcceptTerms})
	})
}

type goLiveVerify struct {
	appFlags
	Shortcode    string `arg:"" help:"The organisation's short code: a pay bill, a store or head office number, or a B2C account."`
	Username     string `arg:"" help:"Username of a Business Administrator or Business Manager of the organisation."`
	Organisation string `required:"" help:"The organisation's name as registered; symbols may be left out, and the end of it."`
}

// Run takes the second step.
func (x *goLiveVerify) Run(ctx context.Context, out io.Writer) error {
	return x.showStep(out, func(c *control.Client) (*control.GoLive, error) {
		return c.VerifyOrganisation(ctx, x.Key, control.GoLiveVerify{Type: "Short Code", Organisation: x.Organisation, Shortcode: x.Shortcode, Username: x.Username})
	})
}

type goLiveOTP struct {
	appFlags
	PIN    secretText `arg:"" optional:"" help:"The six digits of the message; ${stdin}"`
	Resend bool       `help:"Have another PIN sent."`
}

// Run takes the third step.
func (x *goLiveOTP) Run(ctx context.Context, out io.Writer) error {
	if x.Resend == (x.PIN != "") {
		return usageError{errors.New("either the PIN or --resend")}
	}
	return x.showStep(out, func(c *control.Client) (*control.GoLive, error) {
		if x.Resend {
			return c.ResendLivePIN(ctx, x.Key)
		}
		return c.ConfirmLivePIN(ctx, x.Key, string(x.PIN))
	})
}

type goLiveApply struct {
	appFlags
	Product []string `sep:"," placeholder:"NAME" help:"The products; without it those of the first step."`
}

// Run takes the last step.
func (x *goLiveApply) Run(ctx context.Context, out io.Writer) error {
	return x.call(func(c *control.Client) error {
		products := x.Product
		if len(products) == 0 {
			g, err := c.GoLive(ctx, x.Key)
			if err != nil {
				return err
			}
			for _, p := range g.Products {
				if p.Chosen {
					products = append(products, p.Name)
				}
			}
		}
		g, err := c.ApplyForLive(ctx, x.Key, products)
		if err != nil {
			return err
		}
		made, err := c.AppSecret(ctx, g.ProductionApp)
		if err != nil {
			return err
		}
		return x.show(out, made, func(w io.Writer) {
			writeApp(w, made)
			fact(w, "  short code", made.Shortcode)
			fact(w, "  passkey", made.Passkey)
		})
	})
}

type goLiveAbandon struct{ appFlags }

// Run goes back to the first step.
func (x *goLiveAbandon) Run(ctx context.Context, out io.Writer) error {
	return without(x, out, x.Key+" is back at the first step", func(c *control.Client) error { return c.AbandonGoLive(ctx, x.Key) })
}
