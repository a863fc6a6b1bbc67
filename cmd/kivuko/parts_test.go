package main

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/kivukotest"
)

// words are those of a command as it is printed for a shell.
var words = regexp.MustCompile(`'[^']*'|\S+`)

// In an empty database the test credentials print the commands that make everybody who is missing. They work as printed.
func TestTheCommandsForWhatIsMissingWork(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{World: kivuko.WorldNone})
	for range 6 { // one after another, since some need those before
		c, err := k.Control().Credentials(t.Context(), true)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Missing) == 0 {
			if c.Express != "600100" || c.Shortcode1 != "600100" || c.Shortcode2 != "600200" || c.Till != "600300" || c.Initiator != "payer" || c.Phone != "254712345678" ||
				c.Passkey == "" || c.InitiatorPassword != "" || !c.Changed {
				t.Errorf("in the end they are %+v", c)
			}
			return
		}
		names := []string{"expressShortcode", "initiatorName", "shortcode2", "till", "testMSISDN"}
		i := slices.IndexFunc(names, func(name string) bool { return c.Missing[name] != "" })
		if i < 0 {
			t.Fatalf("it has no name: %v", slices.Collect(maps.Keys(c.Missing)))
		}
		args := words.FindAllString(c.Missing[names[i]], -1)[1:]
		for i := range args {
			args[i] = strings.Trim(args[i], "'")
		}
		if err := runClient(t, t.Context(), strings.NewReader("Ferry.over.7.Rivers\n"), new(bytes.Buffer), append(args, "--url", k.URL())...); err != nil {
			t.Fatalf("%q: %v", args, err)
		}
	}
	t.Error("after six commands somebody is still missing")
}
