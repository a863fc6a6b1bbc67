package main

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// welcome says what runs, what its database holds and how to try it. Programs read the first line.
func welcome(ctx context.Context, k *kivuko.Kivuko, profile string) (string, error) {
	t, err := k.Tryout(ctx)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("kivuko listening on %s\n\n  console       %s", k.URL(), k.URL())
	for _, url := range k.Addresses() {
		line("  elsewhere     %s", url)
	}
	line("  database      %s (%s profile)", k.Database(), profile)
	if t.Key != "" {
		line("  consumer key  %s", beside(t.Key, "secret", t.Secret))
	}
	if t.PayBill != "" {
		line("  paybill       %s", beside(t.PayBill, "passkey", t.Passkey))
	}
	if customers := customersOf(&t); customers != "" {
		line("  customers     %s", customers)
	}
	if t.Outcomes {
		line("  outcomes      254700001032 cancels, 254700000001 has no money: 254700 and a result code of the README's table")
	}
	writeMade(&b, k.Made(), &t)
	writeExample(&b, &t, k.URL(), k.Database())
	return b.String(), nil
}

// beside is a value and a secret that goes with it, as far as it may be shown.
func beside(value, name, secret string) string {
	if secret == "" {
		return value
	}
	return fmt.Sprintf("%-18s %-8s %s", value, name, secret)
}

// customersOf names who can pay.
func customersOf(t *kivuko.Tryout) string {
	var parts []string
	if t.Phone != "" {
		text := t.Phone
		if t.PIN != "" {
			text += " (PIN " + t.PIN + ")"
		}
		parts = append(parts, text)
	}
	switch {
	case t.AnyPhone && len(parts) == 0:
		parts = append(parts, "any Safaricom number")
	case t.AnyPhone:
		parts = append(parts, "any other Safaricom number")
	}
	return strings.Join(parts, ", and ")
}

// writeMade shows the secrets that were made, which is done once.
func writeMade(b *strings.Builder, made []kivuko.Secret, t *kivuko.Tryout) {
	if len(made) == 0 {
		return
	}
	list := make([]seedworld.Secret, len(made))
	for i, s := range made {
		list[i] = seedworld.Secret(s)
	}
	fmt.Fprintf(b, "\nThese secrets were made for this database, and are shown this once:\n\n%s\n", seedworld.Table(list))
	fmt.Fprintln(b, "The app's and the passkey can be shown again (kivuko app show KEY --secret, kivuko org show SHORTCODE --secret). Passwords and PINs can't,\n"+
		"but others can be set (kivuko operator password SHORTCODE USERNAME -, kivuko phone NUMBER --pin -).")
}

// What is made where the database has none.
const (
	newPayBill = "600100"
	newPhone   = "254712345678"
)

// writeExample writes a shell script that asks a customer for a shilling. What the database lacks it makes, and secrets that are neither
// published nor new it asks for.
func writeExample(b *strings.Builder, t *kivuko.Tryout, url, db string) {
	line := func(format string, args ...any) { fmt.Fprintf(b, "  "+format+"\n", args...) }
	kivuko := self()
	fmt.Fprint(b, "\nAsk a customer for KES 1:\n\n")
	line("URL=%s", url)
	if t.Key == "" || t.PayBill == "" || t.Phone == "" || t.Secret == "" || t.Passkey == "" {
		line("export KIVUKO_URL=$URL%s", besideDatabase(db))
	}
	payBill, phone := cmp.Or(t.PayBill, newPayBill), cmp.Or(t.Phone, newPhone)
	if t.PayBill == "" {
		line("%s org set %s --name 'My shop' --kind paybill --passkey new", kivuko, payBill)
	}
	if t.Phone == "" {
		line("%s phone %s --balance 1000", kivuko, phone)
	}
	key := t.Key
	if key == "" {
		key = "$KEY"
		line("KEY=$(%s app create 'My shop' --json | grep consumerKey | cut -d'\"' -f4)", kivuko)
	}
	secret := t.Secret
	if secret == "" {
		secret = "$SECRET"
		line("SECRET=$(%s app show %s --secret --json | grep consumerSecret | cut -d'\"' -f4)", kivuko, `"`+key+`"`)
	}
	password := base64.StdEncoding.EncodeToString([]byte(payBill + t.Passkey + exampleTime))
	if t.Passkey == "" {
		password = "'$PASSWORD'"
		line("PASSKEY=$(%s org show %s --secret --json | grep passkey | cut -d'\"' -f4)", kivuko, payBill)
		line("PASSWORD=$(printf %%s \"%s${PASSKEY}%s\" | base64 | tr -d '\\n')", payBill, exampleTime)
	}
	line(`TOKEN=$(curl -s -u "%s:%s" "$URL/oauth/v1/generate?grant_type=client_credentials" | cut -d'"' -f4)`, key, secret)
	line(`curl -s "$URL/mpesa/stkpush/v1/processrequest" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{`)
	line(`  "BusinessShortCode": %s, "Timestamp": "%s", "TransactionType": "CustomerPayBillOnline", "Amount": 1,`, payBill, exampleTime)
	line(`  "Password": "%s",`, password)
	line(`  "PartyA": %s, "PartyB": %s, "PhoneNumber": %s, "CallBackURL": "%s",`, phone, payBill, phone, t.CallBacks)
	line(`  "AccountReference": "INV-1", "TransactionDesc": "test"}'`)
	fmt.Fprintln(b)
}

const exampleTime = "20210628092408" // wire.md §4: the documents' Timestamp

// plainPath is a path that a shell reads as it stands.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9_./+-]+$`)

// self is how a shell calls this program.
func self() string {
	own, err := os.Executable()
	if err != nil {
		return "kivuko"
	}
	if found, err := exec.LookPath("kivuko"); err == nil {
		a, errA := os.Stat(found)
		b, errB := os.Stat(own)
		if errA == nil && errB == nil && os.SameFile(a, b) {
			return "kivuko"
		}
	}
	return quoted(own)
}

// besideDatabase tells the commands of an example where serve leaves its password for them: beside the database.
func besideDatabase(db string) string {
	path, err := filepath.Abs(db)
	if passwordFile(db) == "" || err != nil {
		return ""
	}
	return " KIVUKO_DB=" + quoted(path)
}

// quoted is a path as a shell reads it.
func quoted(path string) string {
	if plainPath.MatchString(path) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
