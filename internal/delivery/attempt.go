package delivery

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/delivery/post"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// attempt makes one try at a delivery and has it noted.
func (s *Sender) attempt(q *queue, conn *post.Conn, cb callback) {
	if ours, err := s.begin(cb.delivery); err != nil {
		s.end(cb.delivery, s.Clock.Now().Add(noteAgain).UnixMilli())
		return
	} else if !ours {
		s.end(cb.delivery, 0)
		return
	}
	if cb.subject == nil {
		x, err := store.Subject(s.ctx, s.Store, cb.delivery.Payment())
		if err != nil || x == nil {
			s.Log.Error("cannot read the payment of a delivery", "delivery", cb.delivery.ID, "error", err)
			s.end(cb.delivery, s.Clock.Now().Add(noteAgain).UnixMilli())
			return
		}
		cb.subject = x
	}
	at, start := s.Clock.Now(), time.Now()
	if cb.delivery.Kind == mpesa.Validation && at.UnixMilli() >= cb.subject.Head().DueAt {
		s.note(cb.delivery, mpesa.Attempt{At: at.UnixMilli(), Micros: 1, Error: "not sent: the time for an answer was over"}, nil)
		return
	}
	timeout := s.timeout(cb.delivery.Kind)
	answer, err := conn.Post(s.message(cb), timeout)
	took := time.Since(start)
	if err != nil && s.ctx.Err() != nil {
		s.end(cb.delivery, 0) // broken off by Stop: it stays pending
		return
	}
	if _, unsent := errors.AsType[post.BodyError](err); unsent {
		s.Log.Error("cannot write the body of a delivery", "delivery", cb.delivery.ID, "error", err)
		s.end(cb.delivery, s.Clock.Now().Add(noteAgain).UnixMilli())
		return
	}
	if err != nil && post.Shortage(err) {
		s.Log.Warn("this machine has run out of what a connection needs; the callback is sent a second later", "delivery", cb.delivery.ID, "error", err)
		s.end(cb.delivery, s.Clock.Now().Add(noteAgain).UnixMilli())
		return
	}
	s.slots.note(q, errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded))
	attempt := mpesa.Attempt{At: at.UnixMilli(), Status: answer.Status, Micros: max(1, took.Microseconds())}
	if err != nil {
		attempt.Error = post.Explain(err, timeout)
	}
	if s.Stats != nil {
		s.Stats.Attempted(cb.delivery.Kind, outcome(attempt), took, start.Sub(cb.since))
	}
	s.note(cb.delivery, attempt, said(cb.delivery.Kind, answer, attempt.Error))
}

// Body renders what a delivery says.
func (s *Sender) Body(ctx context.Context, d mpesa.Delivery) ([]byte, error) {
	x, err := store.Subject(ctx, s.Store, d.Payment())
	if err != nil {
		return nil, err
	}
	if x == nil {
		return nil, fmt.Errorf("payment %d of delivery %d is not there", d.Payment(), d.ID)
	}
	return s.render.Append(ctx, nil, x, d.Kind)
}

// validationTimeout is how long a business's server may take to say whether it takes a payment (DarajaTutorial, Register URL;
// wire.md §6.3).
const validationTimeout = 8 * time.Second

// timeout is how long an attempt may take.
func (s *Sender) timeout(kind mpesa.DeliveryKind) time.Duration {
	if kind == mpesa.Validation {
		return s.Validation
	}
	return s.Timeout
}

// message is what is to be sent.
func (s *Sender) message(cb callback) post.Message {
	m := post.Message{URL: cb.delivery.URL, WantsAnswer: cb.delivery.Kind == mpesa.Validation, Body: func(b []byte) ([]byte, error) {
		return s.render.Append(s.ctx, b, cb.subject, cb.delivery.Kind)
	}}
	if cb.delivery.Kind == mpesa.ExpressResult {
		m.Shortcode = int64(cb.delivery.Owner) // wire.md §17
	}
	return m
}

// said returns a business's answer to a validation, nil for other deliveries.
func said(kind mpesa.DeliveryKind, a post.Answer, failure string) *mpesa.Verdict {
	read := apis.FindCallback(kind, 0).Answer
	switch {
	case read == nil:
		return nil
	case failure != "":
		return &mpesa.Verdict{Reason: "the validation URL did not answer: " + failure}
	}
	v := read(a.Status, a.Body)
	return &v
}

// outcome is an attempt's outcome as metrics have it.
func outcome(a mpesa.Attempt) string {
	switch {
	case a.OK():
		return "delivered"
	case a.Status != 0:
		return "refused"
	default:
		return "failed"
	}
}

// note records an attempt, and what the business said. Until the engine has kept it, the delivery counts as under way: it is not made again.
func (s *Sender) note(d mpesa.Delivery, attempt mpesa.Attempt, verdict *mpesa.Verdict) {
	note := &mpesa.Attempted{Delivery: d.ID, Attempt: attempt, Verdict: verdict}
	var noted func(error)
	noted = func(err error) {
		if err != nil && !errors.Is(err, engine.ErrStopped) && !errors.Is(err, engine.ErrDefect) {
			time.AfterFunc(noteAgain, func() {
				if err := s.Engine.Submit(note, noted); err != nil {
					noted(err)
				}
			})
			return
		}
		if note.Again != 0 {
			d.DueAt, d.Attempts = note.Again, append(d.Attempts, attempt) // that there was one is all that matters here
		}
		s.end(d, note.Again)
	}
	if err := s.Engine.Submit(note, noted); err != nil {
		noted(err)
	}
}
