// Command kivuko-bench measures whole payments a second of a Kivuko, and checks that none was lost: the load generator, with the receiver of
// the callbacks. From the root of the module:
//
//	go run ./cmd/kivuko-bench --duration 25s
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/kivuko/kivuko/internal/bench"
)

// The exit statuses, as of kivuko: exitUsage when nothing could be measured, exitFailure when a check failed.
const (
	exitUsage   = 2
	exitFailure = 1
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with its surroundings handed in. It returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	b, exit := benchmark{}, -1
	parser, err := kong.New(&b, kong.Name("kivuko-bench"), kong.Description("Measure whole payments a second, and check that none was lost."),
		kong.UsageOnError(), kong.Writers(stdout, stderr), kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Exit(func(status int) { exit = status }))
	if err == nil {
		_, err = parser.Parse(args)
	}
	switch {
	case exit >= 0:
		return exit // help was asked for
	case err == nil:
		err = b.measure(ctx, stdout, stderr)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, bench.ErrFailed):
		fmt.Fprintln(stderr, "kivuko-bench:", err)
		return exitFailure
	}
	fmt.Fprintf(stderr, "kivuko-bench: %v (kivuko-bench --help says more)\n", err)
	return exitUsage
}

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
	Program       string        `placeholder:"PATH" help:"The kivuko program that serves (default: ./cmd/kivuko, built for this run)."`
	URL           string        `help:"Measure this running server instead of starting one; its password, if any, is in the URL."`
	Hang          bool          `help:"One more merchant, with 5 % of the pushes of M-Pesa Express, whose URL never answers."`
	Refuse        bool          `help:"One more merchant, with 5 % of the pushes of M-Pesa Express, whose URL refuses connections."`
	Pages         bool          `help:"Ask for the console's pages meanwhile, and fail when one takes more than 100 ms (p95)."`
	WatchPhones   int           `placeholder:"N" help:"Pages with a phone that are open meanwhile."`
	WatchLogs     int           `placeholder:"N" help:"Pages with the log that are open meanwhile."`
	Log           string        `help:"File for the server's log; off for none (default: beside the database)."`
	Profile       string        `placeholder:"PATH" help:"File for a profile of the server's use of the processor while requests are sent."`
	JSON          bool          `name:"json" help:"Report as JSON."`
}

// measure measures and reports.
func (b *benchmark) measure(ctx context.Context, stdout, stderr io.Writer) error {
	if b.URL == "" && b.Program == "" {
		dir, err := os.MkdirTemp("", "kivuko-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if b.Program, err = build(ctx, dir); err != nil {
			return err
		}
	}
	return bench.Run(ctx, bench.Options{
		API: b.API, Program: b.Program, URL: b.URL, DB: b.DB, Log: b.Log, AnswerAfter: b.AnswerAfter, Duration: b.Duration, Concurrency: b.Concurrency, Rate: b.Rate,
		Customers: b.Customers, FirstCustomer: b.FirstCustomer, InFlight: b.InFlight, Hang: b.Hang, Refuse: b.Refuse, Preloaded: b.Preload, Preload: preload,
		Profile: b.Profile,
		Pages:   b.Pages, WatchPhones: b.WatchPhones, WatchLogs: b.WatchLogs, JSON: b.JSON,
	}, stdout, stderr)
}

// build compiles the product into a directory and returns the program's path: what is measured is what users run.
func build(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "kivuko")
	output, err := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/kivuko/kivuko/cmd/kivuko").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cannot build the server: %w: %s; run this in the module, or name a built one with --program", err, output)
	}
	return program, nil
}
