package controlapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// problemKind is a line of the catalogue of problems.
type problemKind struct {
	name   string
	status int
	title  string
}

var (
	badBody          = problemKind{"bad-body", http.StatusBadRequest, "The body is not what is taken here"}
	badField         = problemKind{"bad-field", http.StatusBadRequest, "A field is not what is taken here"}
	badParameter     = problemKind{"bad-parameter", http.StatusBadRequest, "A parameter is not what is taken here"}
	wrongPassword    = problemKind{"wrong-password", http.StatusUnauthorized, "The password is needed"}
	foreignClient    = problemKind{"foreign-client", http.StatusForbidden, "Only for programs on this machine"}
	foreignHost      = problemKind{"foreign-host", http.StatusForbidden, "Only under this machine's own names"}
	fromCourier      = problemKind{"from-courier", http.StatusForbidden, "Not for callbacks"}
	crossOrigin      = problemKind{"cross-origin", http.StatusForbidden, "Not for other sites' pages"}
	notAllowed       = problemKind{"forbidden", http.StatusForbidden, "The operator may not do that"}
	notSignedIn      = problemKind{"not-signed-in", http.StatusForbidden, "Nobody is signed in"}
	notFound         = problemKind{"not-found", http.StatusNotFound, "There is no such thing"}
	methodNotAllowed = problemKind{"method-not-allowed", http.StatusMethodNotAllowed, "Another method is needed"}
	noPrompt         = problemKind{"no-prompt", http.StatusConflict, "No prompt is open on the phone"}
	conflict         = problemKind{"conflict", http.StatusConflict, "It can't be changed so now"}
	declined         = problemKind{"declined", http.StatusConflict, "A rule forbids it"}
	tooSoon          = problemKind{"too-soon", http.StatusTooManyRequests, "It was done just before: wait a moment"}
	tooBroad         = problemKind{"too-broad", http.StatusUnprocessableEntity, "The search takes too long"}
	badRows          = problemKind{"bad-rows", http.StatusUnprocessableEntity, "Rows of the file are not what is taken here"}
	bodyTooLarge     = problemKind{"body-too-large", http.StatusRequestEntityTooLarge, "The body is too large"}
	internalError    = problemKind{"internal-error", http.StatusInternalServerError, "Kivuko failed"}
	busy             = problemKind{"busy", http.StatusServiceUnavailable, "Nothing was kept: try again"}
	unknownOutcome   = problemKind{"unknown-outcome", http.StatusGatewayTimeout, "It may have been kept: look before trying again"}
	unhealthy        = problemKind{"unhealthy", http.StatusServiceUnavailable, "Something doesn't work"}
)

// problemKinds is the catalogue.
func problemKinds() []problemKind {
	return []problemKind{badBody, badField, badParameter, wrongPassword, foreignClient, foreignHost, fromCourier, crossOrigin, notAllowed, notSignedIn, notFound,
		methodNotAllowed, noPrompt, conflict, declined, tooSoon, tooBroad, badRows, bodyTooLarge, internalError, busy, unknownOutcome, unhealthy}
}

func (k problemKind) problem(format string, args ...any) *control.Problem {
	return &control.Problem{Type: k.uri(), Title: k.title, Status: k.status, Detail: fmt.Sprintf(format, args...)}
}

// of is a problem with a field or a parameter.
func (k problemKind) of(field, format string, args ...any) *control.Problem {
	p := k.problem(format, args...)
	p.Field = field
	return p
}

func (k problemKind) uri() string { return "urn:kivuko:problem:" + k.name }

// problemOf turns whatever a handler failed with into what the client is told. Those who may use this API run the server:
// nothing is kept from them.
func problemOf(err error) *control.Problem {
	if p, ok := errors.AsType[*control.Problem](err); ok {
		return p
	}
	if f, ok := errors.AsType[*portal.Forbidden](err); ok {
		return notAllowed.problem("%s", f.Reason)
	}
	if n, ok := errors.AsType[*portal.NotLetIn](err); ok {
		return notSignedIn.of(n.Field, "%s", n.Reason)
	}
	switch {
	case errors.Is(err, engine.ErrUnknown):
		return unknownOutcome.problem("The database did not answer for half a minute. Look whether it was kept before trying again.")
	case errors.Is(err, store.ErrUnread):
		return busy.problem("The database could not be read. Nothing was kept. Try again.")
	}
	for _, passing := range []error{engine.ErrBusy, engine.ErrStopped, engine.ErrUnstored, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, passing) {
			return busy.problem("Nothing was kept. Try again.")
		}
	}
	return internalError.problem("%v", store.OneLine(err))
}
