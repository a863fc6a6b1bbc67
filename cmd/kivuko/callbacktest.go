package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/kivuko/kivuko/control"
)

// callbacksTest tries a URL for callbacks.
type callbacksTest struct {
	clientFlags
	Target string `arg:"" name:"callback-url" help:"The URL. It gets one POST that says that it is a test."`
}

// Run tries. It fails when this Kivuko's gateway refuses the URL or callbacks wouldn't arrive.
func (x *callbacksTest) Run(ctx context.Context, out io.Writer) error {
	return x.call(func(c *control.Client) error {
		t, err := c.TestCallback(ctx, x.Target)
		if err != nil {
			return err
		}
		if err := x.show(out, t, func(w io.Writer) { writeTrial(w, t) }); err != nil {
			return err
		}
		for _, v := range t.Verdicts {
			if v.Runs && (!v.Taken || len(v.Problems) > 0) {
				return errors.New("the URL won't do")
			}
		}
		return nil
	})
}

func writeTrial(w io.Writer, t *control.CallbackTest) {
	for _, v := range t.Verdicts {
		name := v.Profile + " profile"
		if v.Runs {
			name += " (this one)"
		}
		if v.Taken {
			row(w, name, "the gateway takes it")
		} else {
			row(w, name, "the gateway refuses it: "+v.Reason)
		}
		for _, p := range v.Problems {
			row(w, "", "not delivered: "+p)
		}
		if v.Untried {
			row(w, "", "Kivuko would connect; not tried here, since the strict profile doesn't connect to private addresses")
		}
	}
	for _, a := range t.Addresses {
		row(w, "address", a.Address+map[bool]string{false: ", private"}[a.Public])
	}
	for _, x := range t.Connections {
		if x.Error == "" {
			row(w, "connected", x.Address+" in "+milliseconds(x.TookMS))
		} else {
			row(w, "not connected", x.Address+": "+x.Error)
		}
	}
	if t.TLS != nil {
		row(w, "TLS", t.TLS.Version+", "+t.TLS.Cipher)
		for _, c := range t.TLS.Chain {
			row(w, "certificate", fmt.Sprintf("%s, signed by %s, until %s", c.Subject, c.Issuer, c.Until.Format(time.DateOnly)))
		}
	}
	if t.Answer != nil {
		row(w, "answer", fmt.Sprintf("HTTP %d in %s", t.Answer.Status, milliseconds(t.Answer.TookMS)))
	}
	for _, r := range t.Requirements {
		if r.Known && !r.Met {
			row(w, "documented", r.Rule+": "+r.Found+" ("+r.Source+")")
		}
	}
}
