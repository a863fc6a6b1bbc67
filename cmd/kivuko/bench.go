package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/internal/bench"
)

// benchmark measures whole payments.
type benchmark struct {
	API           string        `name:"api" default:"stk" enum:"stk,b2c,c2b,b2b,mix" help:"What is asked for: stk (M-Pesa Express), b2c, c2b (with a validation), b2b, or mix: all of them in equal shares."`
	Duration      time.Duration `default:"60s" help:"How long requests are sent."`
	Concurrency   int           `default:"256" help:"Connections, each with one request at a time."`
	Rate          int           `help:"Requests a second; without it, as fast as they are acknowledged."`
	Customers     int           `default:"50000" help:"Customers, each with one payment at a time; shared out among the APIs of a mix."`
	FirstCustomer int64         `placeholder:"MSISDN" help:"The first customer's number (default: 254710000000, or others where those may have paid)."`
	InFlight      int           `placeholder:"N" help:"Payments under way at a time (default: as many as customers)."`
	AnswerAfter   time.Duration `default:"100ms" help:"How long customers take to enter the PIN."`
	Preload       int           `placeholder:"N" help:"Payments stored before the server starts."`
	DB            string        `name:"db" placeholder:"PATH|:memory:|postgres://…" help:"Database of the server (default: a temporary file)."`
	URL           string        `help:"Measure this running server instead of starting one; its password, if any, is in the URL."`
	Hang          bool          `help:"One more merchant, with 5 % of the pushes of M-Pesa Express, whose URL never answers."`
	Refuse        bool          `help:"One more merchant, with 5 % of the pushes of M-Pesa Express, whose URL refuses connections."`
	Pages         bool          `help:"Ask for the console's pages meanwhile, and fail when one takes more than 100 ms (p95)."`
	WatchPhones   int           `placeholder:"N" help:"Pages with a phone that are open meanwhile."`
	WatchLogs     int           `placeholder:"N" help:"Pages with the log that are open meanwhile."`
	Log           string        `help:"File for the server's log; off for none (default: beside the database)."`
	JSON          bool          `name:"json" help:"Report as JSON."`
}

// Run measures and reports.
func (b *benchmark) Run(ctx context.Context, out io.Writer, diag diagnostics) error {
	err := bench.Run(ctx, bench.Options{
		API: b.API, URL: b.URL, DB: b.DB, Log: b.Log, AnswerAfter: b.AnswerAfter, Duration: b.Duration, Concurrency: b.Concurrency, Rate: b.Rate,
		Customers: b.Customers, FirstCustomer: b.FirstCustomer, InFlight: b.InFlight, Hang: b.Hang, Refuse: b.Refuse, Preloaded: b.Preload, Preload: kivuko.Preload,
		Pages: b.Pages, WatchPhones: b.WatchPhones, WatchLogs: b.WatchLogs, JSON: b.JSON,
	}, out, diag)
	if err != nil && !errors.Is(err, bench.ErrFailed) {
		return usageError{err}
	}
	return err
}
