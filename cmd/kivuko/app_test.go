package main

import (
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

func TestApps(t *testing.T) {
	k := startWorld(t)
	var made control.App
	k.json(&made, "app", "create", "Duka", "--product", "M-Pesa Sandbox", "--quota", "1000")
	if len(made.Key) != 48 || len(made.Secret) != 64 {
		t.Errorf("got %+v", made)
	}
	k.prints(`
		CONSUMER KEY                                      NAME  PRODUCTS
		`+made.Key+`  Duka  M-Pesa Sandbox
		(there are more: --after `+made.Key+`)
		`, "app", "list", "--limit", "1")
	k.prints(`
		Shop
		  consumer key       `+made.Key+`
		  created            2026-11-20 12:00:00
		  products           none
		  requests a second  5
		  requests a day     1000
		`, "app", "set", made.Key, "--name", "Shop", "--no-products", "--spike-arrest", "5")
	var rotated, shown control.App
	k.json(&rotated, "app", "rotate", made.Key)
	k.json(&shown, "app", "show", made.Key, "--secret")
	if rotated.Secret == made.Secret || shown.Secret != rotated.Secret {
		t.Errorf("the secrets are %q, %q and %q", made.Secret, rotated.Secret, shown.Secret)
	}
	if k.json(&shown, "app", "show", made.Key); shown.Name != "Shop" {
		t.Errorf("got %+v", shown)
	}
	k.prints(made.Key+" is deleted\n", "app", "delete", made.Key)
	k.fails("no app has the consumer key", "app", "set", made.Key, "--name", "Duka")
	k.fails("products: it has to be a list", "app", "create", "Duka", "--product", "Lipa")
	if err := k.fails("", "app", "set", controltest.AppKey, "--product", "M-Pesa Sandbox", "--no-products"); !isUsage(err) {
		t.Errorf("%v is no usage error", err)
	}
}

func TestACredentialIsChecked(t *testing.T) {
	k := startWorld(t)
	encrypted := ""
	for _, args := range [][]string{{"operator", "set", "174379", "clerk", "--password", "Safaricom999!*!"}, {"credential", "encrypt", "Safaricom999!*!"}} {
		out, err := k.try(args...)
		if err != nil {
			t.Fatal(err)
		}
		encrypted = strings.TrimSpace(out)
	}
	k.prints("certificate  ours\nclerk        right\n", "credential", "check", encrypted, "--shortcode", "174379")
	k.input = "Safaricom999!*!\n"
	k.prints("certificate  unreadable\nreason       SecurityCredential is not base64: it breaks off after 15 characters.\n", "credential", "check", "-")
	k.fails("shortcode: 600123 is nobody's", "credential", "check", encrypted, "--shortcode", "600123")
}
