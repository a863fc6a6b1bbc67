package seedworld

import (
	"fmt"
	"strings"
)

// Secret is one that was made for a new installation, for its administrator to write down.
type Secret struct {
	Of    string // whose it is: "app Duka", "operator testapi"
	Kind  string // what it is: "consumer secret", "password"
	Value string
}

// The lengths of what is made, in characters: those of the apps and passkeys that the control API makes.
const (
	keyLength      = 48
	secretLength   = 64
	passkeyLength  = 64
	passwordLength = 20
)

// passwordEnd makes a password of letters and digits one that web operators may have (credential.WebPasswordRules).
const passwordEnd = "#1aA"

// maker makes secrets and lists them.
type maker struct {
	text func(name string, n int) string
	made []Secret
}

// make fills a secret that was left out.
func (m *maker) make(field *string, of, kind string, n int, end string) {
	if *field == "" {
		*field = m.text(of+" "+kind, n) + end
		m.made = append(m.made, Secret{of, kind, *field})
	}
}

// password is make for a password; nil is one that was left out.
func (m *maker) password(field **string, of string) {
	if *field == nil {
		*field = new("")
		m.make(*field, of, "password", passwordLength, passwordEnd)
	}
}

// Complete makes the secrets that the world leaves out and returns them in the order of the world. text returns n characters of
// [A-Za-z0-9] that nobody can guess, the same each time for a name; pin is of the customers who have none of their own.
func (w *World) Complete(text func(name string, n int) string, pin string) []Secret {
	m := &maker{text: text}
	for i := range w.Apps {
		a := &w.Apps[i]
		of := "app " + a.Name
		m.make(&a.Key, of, "consumer key", keyLength, "")
		m.make(&a.Secret, of, "consumer secret", secretLength, "")
	}
	if w.needsPasskey() {
		m.make(&w.Passkey, "pay bills, stores and tills", "passkey", passkeyLength, "")
	}
	if len(w.Organisations) > 0 {
		for i := range w.Operators {
			o := &w.Operators[i]
			m.password(&o.Password, "operator "+o.Username)
		}
	}
	w.completePortal(m)
	w.PIN = pin
	if w.needsPIN() {
		m.made = append(m.made, Secret{"customers", "PIN", pin})
	}
	return m.made
}

func (w *World) completePortal(m *maker) {
	p := &w.Portal
	if len(p.Organisations) == 0 {
		return
	}
	for i := range p.Operators {
		o := &p.Operators[i]
		if o.Password == nil && p.Password != "" {
			o.Password = new(p.Password)
		}
		m.password(&o.Password, "portal's "+o.Username)
	}
	if len(p.Operators) > 0 {
		m.make(&p.Answer, "portal's operators", "answer to the security questions", passwordLength, "")
	}
}

// needsPasskey reports whether an organisation has the world's passkey.
func (w *World) needsPasskey() bool {
	for i := range w.Organisations {
		if w.Organisations[i].Passkey == "" {
			return true
		}
	}
	return false
}

// needsPIN reports whether a customer has the world's PIN.
func (w *World) needsPIN() bool {
	for i := range w.Customers {
		if w.Customers[i].PIN == "" {
			return true
		}
	}
	return false
}

// Private is the sample without its secrets, all of which are published.
func Private() (*World, error) {
	w, err := Read()
	if err != nil {
		return nil, err
	}
	w.Passkey, w.Portal.Password, w.Portal.Answer, w.Portal.AnswerHash = "", "", "", ""
	for i := range w.Apps {
		w.Apps[i].Key, w.Apps[i].Secret = "", ""
	}
	for i := range w.Operators {
		if o := &w.Operators[i]; *o.Password != "" {
			o.Password = nil
		}
	}
	return w, nil
}

// Table writes secrets for people, a line each.
func Table(secrets []Secret) string {
	of, kind := 0, 0
	for _, s := range secrets {
		of, kind = max(of, len(s.Of)), max(kind, len(s.Kind))
	}
	var b strings.Builder
	for _, s := range secrets {
		fmt.Fprintf(&b, "  %-*s  %-*s  %s\n", of, s.Of, kind, s.Kind, s.Value)
	}
	return b.String()
}
