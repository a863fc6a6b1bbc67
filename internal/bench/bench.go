// Package bench measures a Kivuko from outside, as its users meet it: it drives whole payments over HTTP, takes the callbacks,
// and checks afterwards that the books are right and nothing was lost. It is what `kivuko-bench` runs.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
)

// The app of every Kivuko.
const (
	consumerKey    = "kivuko-key"
	consumerSecret = "kivuko-secret"
)

// FirstCustomer is the MSISDN of the first of the customers, unless Options say otherwise. The others follow it.
const FirstCustomer = 254_710_000_000

const (
	patience          = 10 * time.Second // for the next callback, after the last request
	lastCustomer      = 254_799_999_999
	troubledCustomers = 20_000           // of the merchants whose URLs hang or refuse; enough for 2,000 pushes a second
	longestRun        = 55 * time.Minute // the access token lives for an hour
)

// Options say what to measure. The zero value of a field is its default where one is given.
type Options struct {
	URL         string        // of a running server, http only; empty: bench starts one, and stops it
	Program     string        // the kivuko that bench starts; needed without URL
	DB          string        // of the server that bench starts: a path, :memory: or postgres://…; empty: a temporary file in the working directory
	Log         string        // what that server logs goes to this file; empty: beside the database; "off": nowhere
	ServeArgs   []string      // further arguments of its serve
	Profile     string        // the server's use of the processor while requests are sent goes to this file, in pprof's format; empty: nowhere
	AnswerAfter time.Duration // how long its customers take to enter the PIN

	API           string        // STK, B2C, C2B, B2B, or Mix: all of them in equal shares; default STK
	Duration      time.Duration // how long requests are sent; default 1 minute, at most 55
	Concurrency   int           // connections, each with one request at a time; default 64
	Rate          int           // requests a second, sent in ticks of a millisecond; 0: as fast as they are acknowledged
	InFlight      int           // most payments at a time, from the request to the last callback; default Customers
	Customers     int           // each with one payment at a time, shared out among the APIs; default 50,000
	FirstCustomer int64         // MSISDN of the first; 0: FirstCustomer, or a block chosen by the clock where customers may have paid before
	Hang          bool          // 5 % of the pushes of M-Pesa Express are for a merchant whose callback URL takes connections and never answers
	Refuse        bool          // 5 % of the pushes of M-Pesa Express are for a merchant whose callback URL refuses connections

	Preloaded int                                                                               // payments that Preload stores before the server starts
	Preload   func(ctx context.Context, db string, payments int, progress func(done int)) error // needed with Preloaded

	Pages       bool // the console's pages are asked for meanwhile, and have to be quick
	WatchPhones int  // pages with a phone that are open meanwhile
	WatchLogs   int  // pages with the log that are open meanwhile

	JSON bool // report as JSON
}

// ErrFailed says that a check failed: the report says which.
var ErrFailed = errors.New("the run failed its checks")

// Run measures, shows progress on stderr, and writes the report to stdout. It returns ErrFailed when a check failed, and
// other errors when there is nothing to report.
func Run(ctx context.Context, o Options, stdout, stderr io.Writer) (err error) {
	if err := o.complete(time.Now()); err != nil {
		return err
	}
	if o.DB == "" && o.URL == "" {
		dir, err := os.MkdirTemp(".", "kivuko-bench-") // the system's may be memory, where a sync costs nothing
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.DB = filepath.Join(dir, "kivuko.db")
	}
	if o.Preloaded > 0 {
		start := time.Now()
		progress := func(done int) {
			fmt.Fprintf(stderr, "%4.0f s  %s of %s payments stored\n", time.Since(start).Seconds(), thousands(uint64(done)), thousands(uint64(o.Preloaded)))
		}
		if err := o.Preload(ctx, o.DB, o.Preloaded, progress); err != nil {
			return fmt.Errorf("storing payments: %w", err)
		}
	}

	report := &Report{API: o.API, Database: o.DB, URL: o.URL, Preloaded: o.Preloaded, Concurrency: o.Concurrency, Customers: o.Customers, InFlight: o.InFlight, Rate: o.Rate,
		AnswerAfter: o.AnswerAfter.Seconds()}
	if err := o.measure(ctx, report, stderr); err != nil {
		return err
	}
	report.judge()
	write := report.writeText
	if o.JSON {
		write = report.writeJSON
	}
	if err := write(stdout); err != nil {
		return err
	}
	if len(report.Failures) > 0 {
		return ErrFailed
	}
	return nil
}

// complete fills in the defaults and refuses what can't be done.
func (o *Options) complete(now time.Time) error {
	o.URL = strings.TrimSuffix(o.URL, "/")
	if o.API == "" {
		o.API = STK
	}
	if o.Duration == 0 {
		o.Duration = time.Minute
	}
	if o.Concurrency == 0 {
		o.Concurrency = 64
	}
	if o.Customers == 0 {
		o.Customers = 50_000
	}
	if o.InFlight == 0 {
		o.InFlight = o.Customers
	}
	if o.FirstCustomer == 0 {
		o.FirstCustomer = FirstCustomer
		if o.Preloaded == 0 && o.DB != "" && o.DB != ":memory:" || o.URL != "" {
			o.FirstCustomer = o.unusedCustomers(now)
		}
	}
	list, err := apis(o.API, "", "")
	switch {
	case err != nil:
		return err
	case o.Customers < len(list):
		return fmt.Errorf("%d APIs need at least as many customers", len(list))
	case (o.Hang || o.Refuse) && o.API != STK && o.API != Mix:
		return fmt.Errorf("merchants whose URLs hang or refuse are M-Pesa Express's: --api is %s or %s with them", STK, Mix)
	case o.URL != "" && (o.DB != "" || o.Preloaded > 0):
		return errors.New("the server at --url is running already: no --db and no --preload")
	case o.Preloaded > 0 && o.DB == ":memory:":
		return errors.New("--preload needs a database that outlives a process, and :memory: does not")
	case o.Preloaded > 0 && o.Preload == nil:
		return errors.New("nothing to store payments with")
	case o.Duration < 0 || o.Duration > longestRun:
		return fmt.Errorf("the duration must be at most %s", longestRun)
	case o.Concurrency < 0 || o.InFlight < 0 || o.Customers < 0 || o.Rate < 0 || o.Preloaded < 0 || o.WatchPhones < 0 || o.WatchLogs < 0 || o.AnswerAfter < 0:
		return errors.New("numbers must not be negative")
	case o.FirstCustomer < FirstCustomer || o.FirstCustomer+int64(o.Customers)+troubledCustomers > lastCustomer:
		return fmt.Errorf("the customers' numbers must be from %d to %d", int64(FirstCustomer), int64(lastCustomer))
	}
	return nil
}

// unusedCustomers chooses numbers that an earlier run with the same database has probably not chosen.
func (o *Options) unusedCustomers(now time.Time) int64 {
	block := int64(o.Customers) + troubledCustomers
	blocks := max((lastCustomer-FirstCustomer)/block, 1)
	return FirstCustomer + now.Unix()/10%blocks*block
}

// measure runs the load against the server, and has it check its books.
func (o *Options) measure(ctx context.Context, report *Report, stderr io.Writer) (err error) {
	base := o.URL
	var s *server
	if base == "" {
		args := o.ServeArgs
		if o.Profile != "" {
			args = append(args[:len(args):len(args)], "--pprof")
		}
		if s, err = startServer(ctx, o.Program, o.DB, o.log(), o.AnswerAfter, args); err != nil {
			return err
		}
		defer func() {
			err = errors.Join(err, s.stop())
			if peak := endedPeak(s.command.ProcessState); report.PeakMemory == nil && peak > 0 {
				report.PeakMemory = new(megabytes(peak))
			}
		}()
		base = s.url
		report.StartUp = new(milliseconds(s.started))
	}
	where, err := url.Parse(base)
	if err != nil || where.Scheme != "http" || where.Port() == "" {
		return fmt.Errorf("%q is not the URL of a server: http://host:port", base)
	}
	return o.drive(ctx, base, where.Host, s.pid(), report, stderr)
}

// drive makes the load for a server that runs, and compares.
func (o *Options) drive(ctx context.Context, base, address string, pid int, report *Report, stderr io.Writer) error {
	client, server := daraja.New(base, consumerKey, consumerSecret), control.New(base)
	token, err := client.Token(ctx)
	if err != nil {
		return err
	}
	list, err := o.prepare(ctx, server)
	if err != nil {
		return err
	}
	books, err := newLedger(ctx, server, list)
	if err != nil {
		return err
	}
	network, err := newNetwork()
	if err != nil {
		return err
	}
	defer network.close()
	g, err := newGenerator(load{
		address: address, token: token, pid: pid, apis: list, concurrency: o.Concurrency, rate: o.Rate, inFlight: o.InFlight, duration: o.Duration,
		first: o.FirstCustomer, customers: o.Customers, funds: books.shillings,
		answerAfter: o.AnswerAfter, patience: patience, hang: o.Hang, refuse: o.Refuse, progress: stderr,
	}, network)
	if err != nil {
		return err
	}
	if err := register(ctx, client, server, g); err != nil {
		return err
	}
	seen, err := o.lookOn(ctx, base, server)
	if err != nil {
		return err
	}
	seen.start(ctx)
	profiled := o.profile(ctx, base)
	err = g.run(ctx)
	if err := errors.Join(err, seen.end(report), profiled()); err != nil {
		return err
	}
	report.measured(g)
	if report.Unmoved, err = books.compare(ctx, g.flows); err != nil {
		return err
	}
	report.Books, err = fetchBooks(ctx, base)
	return err
}

// prepare makes what requests need.
func (o *Options) prepare(ctx context.Context, server *control.Client) ([]api, error) {
	credential := ""
	if initiated(o.API) {
		var err error
		if credential, err = sealPassword(ctx, server); err != nil {
			return nil, err
		}
	}
	return apis(o.API, credential, strconv.FormatInt(time.Now().UnixMilli(), 36))
}

// log is the file for what the server logs.
func (o *Options) log() string {
	switch {
	case o.Log == "off":
		return os.DevNull
	case o.Log != "":
		return o.Log
	case o.DB == ":memory:" || strings.Contains(o.DB, "://"):
		return "kivuko-bench.log"
	default:
		return o.DB + ".log"
	}
}
