package controlapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// shower makes the answer to a request that moves money from its payment, without an error: what was kept was kept.
type shower func(s *server, r *http.Request, x mpesa.Subject) answer

// onceKey is the key of a request in its context.
type onceKey struct{}

type onceRequest struct{ key, digest string }

// once wraps a handler that moves money: an Idempotency-Key has it do so once, whatever becomes of the answer, and on whatever node or after a
// restart it is asked again. It then gets the answer of the first time, made from its payment.
func (s *server) once(h handler, show shower) handler {
	return func(r *http.Request) (answer, error) {
		o, err := readOnce(r)
		if err != nil {
			return answer{}, err
		}
		if o == nil {
			return h(r)
		}
		taken, same := mpesa.KeyTaken(o.key, o.digest)
		first, err := store.Holder(r.Context(), s.Store, taken)
		if err != nil {
			return answer{}, err
		}
		if first == 0 {
			a, err := h(r.WithContext(context.WithValue(r.Context(), onceKey{}, o)))
			again, ok := errors.AsType[*repeated](err)
			if !ok {
				return a, err
			}
			first = again.first // it came at the same time
		}
		if known, err := store.Holder(r.Context(), s.Store, same); err != nil {
			return answer{}, err
		} else if known != first {
			return answer{}, conflict.of(control.IdempotencyHeader, "the key %q was used for another request, which became payment %d: choose a new one for each payment", o.key, first)
		}
		x, err := store.Subject(r.Context(), s.Store, first)
		if err != nil {
			return answer{}, err
		}
		if x == nil {
			return answer{}, notFound.problem("payment %d, which has the key %q, is gone", first, o.key)
		}
		a := show(s, r, x)
		a.replayed = true
		return a, nil
	}
}

const maxKey = 64

// readOnce reads the key of a request, and what it asks for. It is nil without a key.
func readOnce(r *http.Request) (*onceRequest, error) {
	values := r.Header.Values(control.IdempotencyHeader)
	if len(values) == 0 {
		return nil, nil
	}
	key := values[0]
	if len(values) > 1 || key == "" || len(key) > maxKey {
		return nil, badParameter.of(control.IdempotencyHeader, "it has to be one text of 1 to %d printable characters", maxKey)
	}
	for _, c := range []byte(key) {
		if c < ' ' || c > '~' {
			return nil, badParameter.of(control.IdempotencyHeader, "it has to be 1 to %d printable characters of ASCII", maxKey)
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); !large {
			return nil, badBody.problem("it could not be read: %v", err)
		}
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err})) // for the handler to refuse
		return nil, nil
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s\x00%s\x00", r.Method, r.URL.Path, r.Header.Get(control.OperatorHeader))
	h.Write(body)
	return &onceRequest{key, hex.EncodeToString(h.Sum(nil))}, nil
}

// failing is a reader that fails.
type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }

// repeated says that the request's key has a payment already.
type repeated struct{ first int64 }

func (r *repeated) Error() string { return fmt.Sprintf("the key has payment %d", r.first) }

// spend runs a command that moves money, and waits for what came of it also when the client has gone. p and refused are the command's, which
// may have no refused.
func (s *server) spend(r *http.Request, c mpesa.Command, made *mpesa.Header, refused *error) error {
	var once *mpesa.Once
	if o, ok := r.Context().Value(onceKey{}).(*onceRequest); ok {
		once = &mpesa.Once{Command: c, Key: o.key, Digest: o.digest, Made: made, Refused: refused}
		c = once
	}
	err := s.keep(r.Context(), c)
	switch {
	case errors.Is(err, engine.ErrUnknown) && made.ID != 0:
		x := unknownOutcome.problem("It may have been made. Look at %spayments/%d before trying again.", control.Root, made.ID)
		x.Payment = made.ID
		return x
	case err == nil && once != nil && once.First != 0:
		return &repeated{once.First}
	}
	return err
}

// keep runs a command and waits for what came of it, also when the client has gone.
func (s *server) keep(ctx context.Context, c mpesa.Command) error {
	return s.Engine.Do(context.WithoutCancel(ctx), c)
}

// garnishLimit bounds the reading of what an answer tells beside its payment.
const garnishLimit = 3 * time.Second

// garnish gives a context for reading what an answer tells beside what was kept. When that fails, the answer does without.
func garnish(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.Context(), garnishLimit)
}

// showPayment shows a payment with its transfers and callbacks.
func showPayment(s *server, r *http.Request, x mpesa.Subject) answer {
	return ok(s.shownPayment(r, x))
}

// shownPayment shows what there is to show of a payment that was kept.
func (s *server) shownPayment(r *http.Request, x mpesa.Subject) *control.Payment {
	ctx, cancel := garnish(r)
	defer cancel()
	shown, _ := s.payment(ctx, x)
	return &shown
}

// showTask shows a task in its organisation's eyes.
func showTask(status int) shower {
	return func(s *server, r *http.Request, x mpesa.Subject) answer {
		p := x.(*mpesa.Payment)
		return answer{status: status, body: s.shownTask(r, s.taskOf(r, *p), p)}
	}
}

func (s *server) shownTask(r *http.Request, t portal.Task, p *mpesa.Payment) *control.Task {
	ctx, cancel := garnish(r)
	defer cancel()
	shown, _ := s.task(ctx, s.ownerOf(ctx, p), t, p)
	return &shown
}

// taskOf is the task that became a payment, as far as it can be read.
func (s *server) taskOf(r *http.Request, p mpesa.Payment) portal.Task {
	ctx, cancel := garnish(r)
	defer cancel()
	if t, err := store.Get(ctx, s.Store, portal.Tasks, p.ID); err == nil && t != nil {
		return *t
	}
	return portal.Task{Payment: p}
}

// ownerOf is the organisation that asked for a payment, as far as it can be read.
func (s *server) ownerOf(ctx context.Context, p *mpesa.Payment) *mpesa.Organisation {
	o, err := s.Engine.Directory().Organisation(ctx, p.Business)
	if err != nil || o == nil {
		o = &mpesa.Organisation{Shortcode: p.Business}
	}
	return o
}

// showBulk shows a bulk file.
func showBulk(s *server, r *http.Request, x mpesa.Subject) answer {
	p := x.(*mpesa.Payment)
	return answer{status: http.StatusCreated, body: s.shownBulk(r, s.taskOf(r, *p), p)}
}

func (s *server) shownBulk(r *http.Request, t portal.Task, p *mpesa.Payment) *control.Bulk {
	ctx, cancel := garnish(r)
	defer cancel()
	shown, _ := s.bulk(ctx, s.ownerOf(ctx, p), &t, p)
	return shown
}
