package bench

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/kivuko/kivuko/control"
)

// onlookers are the people who look at the console while payments run.
type onlookers struct {
	reader   *reader // nil: nobody opens pages
	watchers []*watcher
	phones   int // of the watchers: the others watch the log

	stop    context.CancelFunc
	running sync.WaitGroup
	mu      sync.Mutex
	failed  error
}

// Watched is what open pages have asked for.
type Watched struct {
	Phones int    `json:"phones"` // pages, each with a phone
	Logs   int    `json:"logs"`
	Events uint64 `json:"events"` // that they got
	Parts  uint64 `json:"parts"`  // that they asked for
}

// lookOn has people open pages.
func (o *Options) lookOn(ctx context.Context, base string, server *control.Client) (*onlookers, error) {
	l := &onlookers{phones: o.WatchPhones}
	for i := range o.WatchPhones {
		// Spread over the customers, so that each has as many payments as any.
		customer := strconv.FormatInt(o.FirstCustomer+int64(i*o.Customers/o.WatchPhones), 10)
		if err := answersAlone(ctx, server, customer); err != nil {
			return nil, err
		}
		if err := l.open(ctx, base, "/phones/"+customer); err != nil {
			return nil, err
		}
	}
	for range o.WatchLogs {
		if err := l.open(ctx, base, "/developer/log"); err != nil {
			return nil, err
		}
	}
	if o.Pages {
		err := answersAlone(ctx, server, strconv.FormatInt(o.FirstCustomer, 10))
		if err != nil {
			return nil, err
		}
		if l.reader, err = openPages(ctx, base, server, o.FirstCustomer); err != nil {
			return nil, fmt.Errorf("opening the console's pages: %w", err)
		}
	}
	return l, nil
}

// answersAlone has a customer's phone approve by itself also while a page shows it, which would otherwise wait for a person.
func answersAlone(ctx context.Context, server *control.Client, customer string) error {
	_, _, err := server.PutPhone(ctx, customer, control.PhoneChange{Name: new("Customer " + customer), Answers: new(control.AnswersApprove)})
	return err
}

func (l *onlookers) open(ctx context.Context, base, path string) error {
	w, err := watch(ctx, base, path)
	l.watchers = append(l.watchers, w)
	return err
}

// start has them look until end is called.
func (l *onlookers) start(ctx context.Context) {
	ctx, l.stop = context.WithCancel(ctx)
	look := func(run func(context.Context) error) {
		l.running.Go(func() {
			err := run(ctx)
			l.mu.Lock()
			defer l.mu.Unlock()
			l.failed = errors.Join(l.failed, err)
		})
	}
	for _, w := range l.watchers {
		look(w.run)
	}
	if l.reader != nil {
		look(l.reader.run)
	}
}

// end has them go, and tells what they saw.
func (l *onlookers) end(report *Report) error {
	l.stop()
	l.running.Wait()
	if l.reader != nil {
		report.Pages = l.reader.report()
	}
	if len(l.watchers) > 0 {
		report.Watched = &Watched{Phones: l.phones, Logs: len(l.watchers) - l.phones}
		for _, w := range l.watchers {
			report.Watched.Events += w.events
			report.Watched.Parts += w.asked
		}
	}
	return l.failed
}
