package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// quick is a run that takes no longer than it must.
func quick(t *testing.T) Options {
	t.Chdir(t.TempDir())
	program, err := os.Executable() // TestMain serves
	if err != nil {
		t.Fatal(err)
	}
	return Options{Program: program, Duration: 300 * time.Millisecond, Concurrency: 8, Customers: 2000, AnswerAfter: time.Millisecond, JSON: true}
}

// run runs o and gives its report.
func run(t *testing.T, o Options) (Report, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	failed := Run(t.Context(), o, &stdout, &stderr)
	if failed != nil && !errors.Is(failed, ErrFailed) {
		t.Fatalf("%v\n%s", failed, &stderr)
	}
	var r Report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatalf("%v in %s", err, &stdout)
	}
	return r, failed
}

func TestRunStartsAServerMeasuresAndStopsIt(t *testing.T) {
	r, err := run(t, quick(t))
	if err != nil {
		t.Fatal(err, r.Failures)
	}
	if r.Whole == 0 || r.Whole != r.Acknowledged || r.Sent < r.Whole || r.PaymentsPerSecond == 0 {
		t.Errorf("%+v", r)
	}
	if r.Acknowledgement.P50 <= 0 || r.Acknowledgement.P50 > r.Acknowledgement.Max || r.EndToEnd.P99 <= 0 {
		t.Errorf("acknowledgement %+v, end to end %+v", r.Acknowledgement, r.EndToEnd)
	}
	if r.StartUp == nil || *r.StartUp <= 0 || r.PeakMemory == nil || *r.PeakMemory <= 0 {
		t.Errorf("start-up %v, peak memory %v", r.StartUp, r.PeakMemory)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestRunOfEachAPI(t *testing.T) {
	for _, name := range []string{B2C, C2B, B2B, Mix} {
		t.Run(name, func(t *testing.T) {
			o := quick(t)
			o.API = name
			r, err := run(t, o)
			if err != nil {
				t.Fatal(err, r.Failures)
			}
			want := map[string]int{Mix: 4}[name]
			if len(r.APIs) != max(want, 1) || r.Moved == 0 {
				t.Errorf("%+v", r)
			}
			for _, a := range r.APIs {
				if a.Whole == 0 || a.Whole != a.Acknowledged || a.Moved == 0 || (a.Validations > 0) != (a.Name == C2B) {
					t.Errorf("%+v", a)
				}
			}
		})
	}
}

func TestRunOfAServerThatRuns(t *testing.T) {
	f := &fake{}
	o := quick(t)
	o.URL = f.start(t).URL + "/"
	r, err := run(t, o)
	if err != nil {
		t.Fatal(err, r.Failures)
	}
	if r.Whole == 0 || r.ServerCPU != nil || r.StartUp != nil || r.Database != "" {
		t.Errorf("%+v", r)
	}
}

func TestTheServersProfile(t *testing.T) {
	o := quick(t)
	o.Duration, o.Profile = time.Second, "cpu.pprof"
	if r, err := run(t, o); err != nil {
		t.Fatal(err, r.Failures)
	}
	profile, err := os.ReadFile(o.Profile)
	if gzip := "\x1f\x8b"; err != nil || !strings.HasPrefix(string(profile), gzip) {
		t.Errorf("%.20q, %v", profile, err)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	if err := o.profile(t.Context(), server.URL)(); err == nil || !strings.Contains(err.Error(), "--pprof") {
		t.Errorf("a server without profiles: %v", err)
	}
}

func TestRunStoresPaymentsFirst(t *testing.T) {
	o := quick(t)
	o.DB, o.Log, o.Preloaded = "stored.db", "server.log", 1000
	o.Preload = func(_ context.Context, db string, payments int, progress func(int)) error {
		progress(payments)
		return os.WriteFile(db, []byte(strconv.Itoa(payments)), 0o600)
	}
	r, err := run(t, o)
	if err != nil {
		t.Fatal(err, r.Failures)
	}
	if r.Books.Payments < 1000+int64(r.Whole) {
		t.Errorf("%d payments in the books after %d", r.Books.Payments, r.Whole)
	}
	if log, err := os.ReadFile("server.log"); err != nil || !strings.Contains(string(log), "a line of the log") {
		t.Errorf("log %q, %v", log, err)
	}
}

func TestRunFails(t *testing.T) {
	broken := func(change func(*Options)) error {
		o := quick(t)
		change(&o)
		var stdout, stderr bytes.Buffer
		err := Run(t.Context(), o, &stdout, &stderr)
		t.Log(err)
		if stdout.Len() > 0 && !errors.Is(err, ErrFailed) {
			t.Errorf("reported %s", &stdout)
		}
		return err
	}
	for name, c := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"books don't balance": {func(o *Options) { o.ServeArgs = []string{"--sum", "0.01"} }, ErrFailed.Error()},
		"money that is gone":  {func(o *Options) { o.ServeArgs = []string{"--steal", "100"} }, ErrFailed.Error()},
		"unknown API":         {func(o *Options) { o.API = "sms" }, "not \"sms\""},
		"too few customers":   {func(o *Options) { o.API, o.Customers = Mix, 3 }, "4 APIs need"},
		"negative customers":  {func(o *Options) { o.Customers = -1 }, "need at least"},
		"hanging payouts":     {func(o *Options) { o.API, o.Hang = B2C, true }, "--api is stk or mix"},
		"unreadable database": {func(o *Options) { o.DB = "unreadable.db" }, "file is not a database"},
		"unknown argument":    {func(o *Options) { o.ServeArgs = []string{"--nonsense"} }, "didn't start"},
		"nobody at the URL":   {func(o *Options) { o.URL = nobody }, "connection refused"},
		"https":               {func(o *Options) { o.URL = "https://localhost:1" }, "not the URL"},
		"URL and database":    {func(o *Options) { o.URL, o.DB = nobody, "x.db" }, "already"},
		"memory preloaded":    {func(o *Options) { o.DB, o.Preloaded = ":memory:", 1 }, ":memory:"},
		"no preload":          {func(o *Options) { o.Preloaded = 1 }, "nothing to store"},
		"failing preload": {func(o *Options) {
			o.Preloaded, o.Preload = 1, func(context.Context, string, int, func(int)) error { return errors.New("disk full") }
		}, "disk full"},
		"too long":   {func(o *Options) { o.Duration = time.Hour }, "at most 55m"},
		"negative":   {func(o *Options) { o.Rate = -1 }, "negative"},
		"no numbers": {func(o *Options) { o.FirstCustomer = 254_708_374_149 }, "numbers"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := broken(c.change); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := quick(t)
	o.Duration = time.Minute
	progress := writerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil }) // the first line of progress
	if err := Run(ctx, o, &bytes.Buffer{}, progress); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestCustomersThatMayHavePaidBeforeAreAvoided(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	preload := func(context.Context, string, int, func(int)) error { return nil }
	for name, c := range map[string]struct {
		o    Options
		same bool
	}{
		"temporary": {Options{}, true},
		"memory":    {Options{DB: ":memory:"}, true},
		"preloaded": {Options{DB: "x.db", Preloaded: 1, Preload: preload}, true},
		"file":      {Options{DB: "x.db"}, false},
		"running":   {Options{URL: "http://127.0.0.1:7070"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			earlier, later := c.o, c.o
			if err := errors.Join(earlier.complete(now), later.complete(now.Add(time.Minute))); err != nil {
				t.Fatal(err)
			}
			apart := later.FirstCustomer - earlier.FirstCustomer
			if c.same && apart != 0 || !c.same && apart < int64(later.Customers)+troubledCustomers {
				t.Errorf("%d and then %d", earlier.FirstCustomer, later.FirstCustomer)
			}
		})
	}
}

func TestLog(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{DB: filepath.Join("x", "kivuko.db")}, filepath.Join("x", "kivuko.db.log")},
		{Options{DB: "kivuko.db", Log: "off"}, os.DevNull},
		{Options{DB: "kivuko.db", Log: "here.log"}, "here.log"},
		{Options{DB: ":memory:"}, "kivuko-bench.log"},
		{Options{DB: "postgres://localhost/kivuko"}, "kivuko-bench.log"},
	} {
		if got := c.o.log(); got != c.want {
			t.Errorf("%+v logs to %s, want %s", c.o, got, c.want)
		}
	}
}
