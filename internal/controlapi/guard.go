package controlapi

import (
	"errors"
	"net/http"

	"github.com/kivuko/kivuko/internal/access"
)

// reasons are the problems that the door's refusals are.
var reasons = map[access.Reason]problemKind{
	access.FromCourier: fromCourier, access.FromOtherOrigin: crossOrigin, access.FromElsewhere: foreignClient, access.ForOtherHost: foreignHost, access.NotKnown: wrongPassword,
}

// Guard lets only those through to next whom the door lets in. Where there is a password, it is given by HTTP Basic authentication, with
// any user name.
func Guard(door *access.Door, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client := door.Client(r)
		refused := door.Refuse(r, func() error {
			_, given, tried := r.BasicAuth()
			if !tried {
				return errors.New("it takes Kivuko's password, by HTTP Basic authentication with any user name; commands find it in KIVUKO_URL, KIVUKO_PASSWORD or --password-file")
			}
			return door.Password.Try(r.Context(), client, given)
		})
		if refused != nil {
			refuse(w, r, refused)
			return
		}
		access.Known(r.Context())
		next.ServeHTTP(w, r.WithContext(access.WithCaller(r.Context(), access.Caller{From: client.String()})))
	})
}

// SameOrigin lets no page of another origin cause requests to next, with whatever method. Guard lets those pass that change nothing.
func SameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if access.CrossOrigin(r) {
			refuse(w, r, &access.Refusal{Reason: access.FromOtherOrigin, Text: "a page of another origin caused the request"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func refuse(w http.ResponseWriter, r *http.Request, refused *access.Refusal) {
	access.Refused(r.Context(), refused.Text)
	p := reasons[refused.Reason].problem("%s", refused.Text)
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Kivuko", charset="UTF-8"`)
	}
	write(w, refusal(p))
}
