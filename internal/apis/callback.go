package apis

import (
	"context"
	"slices"

	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// Callback is something that a merchant's URL is told.
type Callback struct {
	Kind   mpesa.DeliveryKind
	About  string
	When   func(*mpesa.Header) bool                    // whether it tells of this end of a payment, and none after it in the list does; nil: of each
	Body   func(*Writer, mpesa.Subject) error          // writes what is told. What that is has happened, so it is always the same
	Answer func(status int, body []byte) mpesa.Verdict // reads what the merchant says to it; nil: nothing but whether it was taken
}

// of makes the body of a callback that tells of one sort of subject.
func of[T mpesa.Subject](body func(*Writer, T) error) func(*Writer, mpesa.Subject) error {
	return func(w *Writer, x mpesa.Subject) error { return body(w, x.(T)) }
}

// FindCallback returns what the API of a kind of payment, or else some API, tells by a kind of callback. Nil: nobody tells that.
func FindCallback(kind mpesa.DeliveryKind, of mpesa.Kind) (found *Callback) {
	for _, a := range All() {
		i := slices.IndexFunc(a.Callbacks, func(c Callback) bool { return c.Kind == kind })
		if i < 0 || found != nil && a.Kind != of {
			continue
		}
		if found = &a.Callbacks[i]; a.Kind == of {
			break
		}
	}
	return found
}

// Told returns the kind of callback by which the merchant who asked is told how a payment ended.
func Told(p *mpesa.Header) mpesa.DeliveryKind {
	for _, a := range All() {
		for _, c := range a.Callbacks {
			if a.Kind == p.Kind && (c.When == nil || c.When(p)) {
				return c.Kind
			}
		}
	}
	return mpesa.Result
}

// Renderer renders callbacks. What most of them say stands in the payment; other payments and names are looked up.
type Renderer struct {
	Mint     *ids.Mint
	Store    store.Reader
	Internal string // base of the URL that results echo as QueueTimeoutURL (wire.md §7.2)
}

// Append appends what a callback of a kind says of its subject.
func (r *Renderer) Append(ctx context.Context, b []byte, x mpesa.Subject, kind mpesa.DeliveryKind) ([]byte, error) {
	w := &Writer{Renderer: r, Context: ctx, body: b}
	err := FindCallback(kind, x.Head().Kind).Body(w, x)
	return w.body, err
}

// Writer writes the body of a callback.
type Writer struct {
	*Renderer
	Context context.Context
	body    []byte
	start   int // of the list in body
	count   int
}
