package controlapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// provided lists the operations by which the person who runs Kivuko changes or sees what is no organisation's, with the words that the
// installation's audit has for them. A test sees that every operation that changes something is here, is in an organisation's audit, or
// has a reason to be in none.
var provided = map[string]string{
	"PUT phones/{msisdn}":           "change phone",
	"POST apps":                     "create app",
	"PUT apps/{key}":                "change app",
	"DELETE apps/{key}":             "delete app",
	"POST apps/{key}/rotate":        "rotate secret",
	"POST apps/{key}/golive/tests":  "pass test cases",
	"DELETE apps/{key}/golive":      "abandon going live",
	"POST callbacks/{id}/resend":    "resend callback",
	"POST callbacks/{id}/give-up":   "give callback up",
	"POST clock/advance":            "advance clock",
	"GET organisations/{shortcode}": "", // only with secrets
	"GET apps/{key}":                "", // likewise
}

// showsSecrets is the action of an operation that was asked for secrets.
const showsSecrets = "show secret"

// note is an entry of the audit that is to be made of a request.
type note struct {
	by              mpesa.Actor
	action, subject string
	fields          []string // of the body: their values may be secrets
	kept            bool     // it is in the unit of a command
}

type noteKey struct{}

func noteOf(ctx context.Context) *note {
	n, _ := ctx.Value(noteKey{}).(*note)
	return n
}

func (n *note) entry() portal.Noted {
	subject := n.subject
	if len(n.fields) > 0 {
		subject = strings.TrimSpace(subject + " (" + strings.Join(n.fields, ", ") + ")")
	}
	return portal.Noted{By: n.by, Action: n.action, Subject: subject}
}

// noted has what a request does in the installation's audit: in the unit of its command, or, where it has none, when it is done.
func (s *server) noted(action string, next handler) handler {
	return func(r *http.Request) (answer, error) {
		by, err := actorOf(r, mpesa.Installation)
		if err != nil {
			return answer{}, err
		}
		n := &note{by: by, action: action}
		for _, name := range []string{"msisdn", "key", "id", "shortcode"} {
			n.subject += r.PathValue(name)
		}
		if n.action == "" {
			if r.URL.Query().Get("secrets") == "" {
				return next(r)
			}
			n.action = showsSecrets
		}
		a, err := next(r.WithContext(context.WithValue(r.Context(), noteKey{}, n)))
		if err != nil || n.kept {
			return a, err
		}
		entry := n.entry()
		err = s.keep(r.Context(), &entry)
		if err != nil && n.action == showsSecrets {
			return answer{}, err // nothing was done, and nobody sees a secret without an entry
		}
		if err != nil { // it has been done, and the answer says so
			s.Log.Error("the audit lacks what was done", "action", entry.Action, "subject", entry.Subject, "error", err)
		}
		return a, nil
	}
}

// run runs a command, with the entry of the audit that is to be made of the request, if there is one. nothing tells whether it came to nothing.
func (s *server) run(r *http.Request, c mpesa.Command, nothing func() bool) error {
	n := noteOf(r.Context())
	if n == nil || n.kept {
		return s.keep(r.Context(), c)
	}
	n.kept = true
	entry := n.entry()
	entry.Command, entry.Nothing = c, nothing
	return s.keep(r.Context(), &entry)
}
