package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/kivuko/kivuko"
)

// serve runs an M-PESA.
type serve struct {
	Listen   string `default:"127.0.0.1:7070" env:"KIVUKO_LISTEN" help:"Address to answer on; port 0 takes a free one."`
	DB       string `name:"db" default:"kivuko.db" env:"KIVUKO_DB" placeholder:"PATH|:memory:|postgres://…" help:"Database: a file (default kivuko.db), :memory: or PostgreSQL, on another machine with ?sslmode=verify-full. Other accounts of the machine can see a password here: give it in KIVUKO_DB or PGPASSWORD."`
	Profile  string `default:"sandbox" env:"KIVUKO_PROFILE" enum:"sandbox,strict" help:"sandbox is kind; strict has production's rules."`
	KeyFile  string `env:"KIVUKO_KEY_FILE" placeholder:"PATH" help:"Secrets are kept in PATH.secret and PATH.credential (default: beside the SQLite file; in PostgreSQL's database)."`
	AnchorTo string `env:"KIVUKO_ANCHOR_TO" placeholder:"file:PATH" help:"Append each anchor of the books to a file too, which should be where nobody can change it: 'kivuko books --anchor' compares."`
	password
	Trust        []network `env:"KIVUKO_TRUST" placeholder:"CIDR" help:"Without a password, let a network in as if it were this machine, such as 172.17.0.0/16 of containers; may be repeated."`
	Name         []string  `env:"KIVUKO_NAME" placeholder:"HOST" help:"A host that is this Kivuko's, such as kivuko for containers that call http://kivuko:7070; may be repeated. Requests for others are refused, since a web page may be behind them."`
	TrustedProxy []network `env:"KIVUKO_TRUSTED_PROXY" placeholder:"CIDR" help:"Where a proxy is, whose X-Forwarded-For says where a request comes from: for the audit, and for counting wrong passwords; may be repeated. It lets nobody in."`
	Pprof        bool      `env:"KIVUKO_PPROF" help:"Serve Go's profiles of the process below /debug/pprof/."`

	World            string `env:"KIVUKO_WORLD" placeholder:"sample|random|none|FILE" help:"What a new database begins with: the sample, whose secrets are published; the same with secrets of its own, printed once; nothing; or a file in the format of internal/seedworld/world.json, in which secrets may be left out (default: random in the strict profile and where other machines reach --listen, or else sample)."`
	PublishedSecrets bool   `env:"KIVUKO_PUBLISHED_SECRETS" help:"Serve the sample's secrets although the profile is strict or other machines reach --listen."`

	Phones      string        `default:"approve" env:"KIVUKO_PHONES" enum:"approve,ask" help:"How a phone answers that was not told: approve, or ask and wait for 'kivuko answer'."`
	AnswerAfter time.Duration `default:"1s" env:"KIVUKO_ANSWER_AFTER" help:"How long such a phone takes."`
	ResultAfter time.Duration `default:"50ms" env:"KIVUKO_RESULT_AFTER" help:"How long a request of an initiator (B2C, B2B, reversal, queries …) waits before it is processed; 0s: not at all."`
	QueueTime   time.Duration `default:"1m" env:"KIVUKO_QUEUE_TIME" help:"How long it may wait: after that its QueueTimeOutURL is told, and no money moves."`
	Seed        *int64        `env:"KIVUKO_SEED" placeholder:"N" help:"For tests only: makes identifiers, secrets and chance of a new database repeat, so that anybody can compute them. Refused in the strict profile and where other machines reach --listen."`

	ClassicQuery    bool              `env:"KIVUKO_CLASSIC_QUERY" help:"The query of a pending payment answers HTTP 500, as it did until 2024, instead of 4999."`
	IgnoredResult   int               `default:"1037" env:"KIVUKO_IGNORED_RESULT" help:"Result of a prompt that nobody answers: 1037 or 1032."`
	SpikeArrest     int64             `env:"KIVUKO_SPIKE_ARREST" placeholder:"N" help:"Requests a second that an app may send (sandbox: any number; strict: 50)."`
	Quota           int64             `env:"KIVUKO_QUOTA" placeholder:"N" help:"Requests a day that an app may send (sandbox: any number; strict: 1000000)."`
	Retry           map[string]string `env:"KIVUKO_RETRY" placeholder:"result=10s/1m" help:"Tries failed callbacks of a kind again after these pauses: stkpush, result, timeout (QueueTimeOutURL), confirmation (C2B), b2bexpress or ratiba; more kinds after a semicolon (default: never, as observed)."`
	CallbackTimeout time.Duration     `default:"10s" env:"KIVUKO_CALLBACK_TIMEOUT" help:"How long a merchant's server may take to answer a callback."`
	Log             string            `default:"info" env:"KIVUKO_LOG" enum:"debug,info,warn,off" help:"What is logged to standard error: debug, info (a line a request), warn or off."`
}

// heapGrowth is by how much of itself the heap grows, in percent, before it is collected: Go's own 100 takes an eighth more memory under
// load, and saves 2 % of the time (docs/performance.md).
const heapGrowth = 65

// Run serves until ctx ends.
func (s *serve) Run(ctx context.Context, out io.Writer, diag diagnostics) error {
	retries, err := s.retries()
	if err != nil {
		return usageError{err}
	}
	if s.ResultAfter < 0 || s.QueueTime <= 0 {
		return usageError{fmt.Errorf("--result-after %s, --queue-time %s: a time can't be negative, and the latter not 0", s.ResultAfter, s.QueueTime)}
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	log := newLog(diag, s.Log)
	defer log.flush()
	password, err := s.password.read()
	if err != nil {
		return usageError{err}
	}
	k, err := kivuko.Start(ctx, kivuko.Config{
		Listen: s.Listen, DB: s.DB, Profile: s.Profile, KeyFile: s.KeyFile, AnchorTo: s.AnchorTo, Password: password, Trust: prefixes(s.Trust), TrustedProxies: prefixes(s.TrustedProxy), Names: s.Name, Pprof: s.Pprof, Phones: s.Phones, AnswerAfter: s.AnswerAfter,
		ResultAfter: atOnce(s.ResultAfter), QueueTime: s.QueueTime,
		World: s.World, PublishedSecrets: s.PublishedSecrets, Seed: s.Seed, ClassicQuery: s.ClassicQuery, IgnoredResult: s.IgnoredResult, SpikeArrest: s.SpikeArrest, Quota: s.Quota, Retries: retries,
		CallbackTimeout: s.CallbackTimeout, Log: log.Logger,
	})
	if err != nil {
		return usageError{err}
	}
	remove, err := leavePassword(s.DB, password, k.URL())
	if err != nil {
		return errors.Join(fmt.Errorf("cannot leave the password for commands: %w", err), k.Close())
	}
	defer remove()
	text, err := welcome(ctx, k, s.Profile)
	if err != nil {
		return errors.Join(err, k.Close())
	}
	fmt.Fprint(out, text)
	select {
	case <-ctx.Done():
		fmt.Fprintln(out, "stopping")
		return k.Close()
	case err := <-k.Failed():
		k.Close()
		return err
	}
}

// atOnce is the time as Config has it, where 0 is the usual one and a negative one none.
func atOnce(wait time.Duration) time.Duration {
	if wait == 0 {
		return -1
	}
	return wait
}

func (s *serve) retries() (retries []kivuko.Retry, err error) {
	for callback, pauses := range s.Retry {
		retry := kivuko.Retry{Callback: kivuko.Callback(callback)}
		for _, text := range strings.Split(pauses, "/") {
			pause, err := time.ParseDuration(text)
			if err != nil || pause < 0 {
				return nil, fmt.Errorf("--retry %s=%s: %q is not a pause like 10s", callback, pauses, text)
			}
			retry.Pauses = append(retry.Pauses, pause)
		}
		retries = append(retries, retry)
	}
	return retries, nil
}

// log is the program's log: lines are gathered, and written when there are many or a moment later.
type log struct {
	*slog.Logger
	flush func()
}
