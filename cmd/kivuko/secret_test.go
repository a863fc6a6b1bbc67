package main

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// A secret on a command line is seen by the other accounts of the machine: whatever takes one takes it from standard input too, or from a
// file or the environment, and says so.
func TestNoSecretHasToBeOnACommandLine(t *testing.T) {
	parser, err := kong.New(&commands{}, kong.Name("kivuko"), vars())
	if err != nil {
		t.Fatal(err)
	}
	secret := regexp.MustCompile(`(?i)\b(pin|password|passkey|secret|credential|otp|passphrase)s?\b`)
	other := map[string]bool{ // that only speak of secrets
		"serve --world": true, "serve --db": true, "serve --password": true, // and they say what can be seen
		"bench --url": true, "credential check --shortcode": true, "operator set (add) --phone": true,
	}
	found := 0
	err = kong.Visit(parser.Model.Node, func(n kong.Visitable, next kong.Next) error {
		node, ok := n.(*kong.Node)
		if !ok {
			return next(nil)
		}
		path, _, _ := strings.Cut(strings.TrimPrefix(node.FullPath(), "kivuko "), " [")
		check := func(name string, v *kong.Value, hidden bool) {
			kind := v.Target.Type()
			if kind.Kind() == reflect.Pointer {
				kind = kind.Elem()
			}
			switch {
			case kind == reflect.TypeFor[secretText]():
				if found++; !strings.HasSuffix(v.Help, stdinHelp) {
					t.Errorf("%s %s doesn't say that - reads it: %q", path, name, v.Help)
				}
			case kind.Kind() == reflect.String && !hidden && secret.MatchString(name+" "+v.Help) && !strings.HasSuffix(name, "-file") && !other[path+" "+name]:
				t.Errorf("%s %s is a secret on the command line: make it a secretText, or list it as something else (%q)", path, name, v.Help)
			}
		}
		for _, f := range node.Flags {
			check("--"+f.Name, f.Value, f.Hidden)
		}
		for _, p := range node.Positional {
			check("<"+p.Name+">", p, false)
		}
		return next(nil)
	})
	if err != nil || found < 12 {
		t.Errorf("%d secrets, %v", found, err)
	}
}

func TestPINsFromStandardInput(t *testing.T) {
	k := startWorld(t)
	k.input = "4321\r\n"
	k.out("phone", "0708374149", "--pin", "-")
	k.moved("phone", "send", "0708374149", "0705912645", "100", "--pin", "-")
	k.input = "4321\n8765\n9999\n" // a line each, in the order of the command line
	k.out("phone", "pin", "0708374149", "--old", "-", "-")
	k.moved("phone", "send", "0708374149", "0705912645", "100", "--pin", "8765")
	for _, input := range []string{"", "\n"} {
		k.input = input
		k.fails("line of standard input, which is empty or missing", "answer", "0708374149", "--pin", "-")
	}
}
