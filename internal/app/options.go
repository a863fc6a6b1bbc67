package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/delivery"
	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/private"
	"github.com/kivuko/kivuko/internal/store/postgres"
	"github.com/kivuko/kivuko/internal/store/sqlite"
	"github.com/kivuko/kivuko/internal/weburl"
)

// The profiles.
const (
	Sandbox = "sandbox" // kind: plain HTTP and localhost callbacks, customers registered on first use, no spike arrest
	Strict  = "strict"  // production's rules
)

// Options configure an App. They are the fields of kivuko.Config, which says what each is: a conversion ties the two together.
type Options struct {
	Listen  string
	DB      string
	Profile string

	Phones      string
	AnswerAfter time.Duration
	PromptLife  time.Duration

	ResultAfter time.Duration
	QueueTime   time.Duration

	World            string
	PublishedSecrets bool

	Seed     *int64
	KeyFile  string
	AnchorTo string
	Password string

	Trust          []netip.Prefix
	TrustedProxies []netip.Prefix
	Names          []string
	Pprof          bool

	ClassicQuery    bool
	IgnoredResult   int
	SpikeArrest     int64
	Quota           int64
	Retries         []Retry
	CallbackTimeout time.Duration

	Log *slog.Logger
}

// Retry says when attempts at a kind of callback are made again.
type Retry struct {
	Callback Callback
	Pauses   []time.Duration // before the second attempt, the third and so on
}

// Callback is the name of a kind of callback.
type Callback string

// Callbacks lists the callbacks that can be tried again: all but a validation, whose time is over.
func Callbacks() (list []Callback) {
	for _, kind := range mpesa.DeliveryKinds() {
		if kind != mpesa.Validation {
			list = append(list, Callback(kind.String()))
		}
	}
	return list
}

// The strict profile's limits. Safaricom publishes none; these let a normal shop through and stop a loop.
const (
	strictSpikeArrest = 50
	strictQuota       = 1_000_000
)

func (c Options) complete() (Options, error) {
	setDefault(&c.Listen, "127.0.0.1:0")
	setDefault(&c.DB, sqlite.Memory)
	setDefault(&c.Profile, Sandbox)
	setDefault(&c.Phones, string(mpesa.Approve))
	setDefault(&c.PromptLife, 90*time.Second) // DarajaTutorial, Lipa na M-Pesa Online
	setDefault(&c.ResultAfter, 50*time.Millisecond)
	setDefault(&c.QueueTime, time.Minute)
	setDefault(&c.IgnoredResult, 1037)
	setDefault(&c.Log, discard)
	switch {
	case c.Profile != Sandbox && c.Profile != Strict:
		return c, fmt.Errorf("profile %q: it is %s or %s", c.Profile, Sandbox, Strict)
	case c.Phones != string(mpesa.Approve) && c.Phones != string(mpesa.Ask):
		return c, fmt.Errorf("phones %q: they %s or %s", c.Phones, mpesa.Approve, mpesa.Ask)
	case c.AnswerAfter < 0 || c.PromptLife < 0 || c.CallbackTimeout < 0 || c.QueueTime < 0:
		return c, fmt.Errorf("a time can't be negative")
	case c.QueueTime <= c.ResultAfter:
		return c, fmt.Errorf("requests would wait %s for their turn, and time out after %s", c.ResultAfter, c.QueueTime)
	case c.IgnoredResult != 1037 && c.IgnoredResult != 1032:
		return c, fmt.Errorf("the result of an ignored prompt is 1037 or 1032, not %d", c.IgnoredResult)
	case c.Seed != nil && c.Profile == Strict:
		return c, fmt.Errorf("a seed makes every secret predictable: it is for tests, and the strict profile refuses it")
	case c.Password != "" && access.Weak(c.Password) != "":
		return c, errors.New(access.Weak(c.Password))
	case isPostgres(c.DB) && c.Profile == Strict && c.KeyFile == "":
		return c, fmt.Errorf("the strict profile keeps secrets outside the database: name a key file")
	}
	if err := errors.Join(c.checkDoor(), c.checkAnchorTo()); err != nil {
		return c, err
	}
	return c, c.checkRetries()
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// checkRetries refuses retries that can't be meant.
func (c Options) checkRetries() error {
	known := map[Callback]bool{}
	for _, r := range c.Retries {
		if !slices.Contains(Callbacks(), r.Callback) {
			return fmt.Errorf("retries of %q: the callbacks that can be tried again are %s", r.Callback, strings.ReplaceAll(strings.Trim(fmt.Sprint(Callbacks()), "[]"), " ", ", "))
		}
		if known[r.Callback] {
			return fmt.Errorf("there are two retries of %q: one has all pauses", r.Callback)
		}
		known[r.Callback] = true
	}
	return nil
}

// checkDoor refuses networks and names that can't be meant.
func (c Options) checkDoor() error {
	for _, n := range append(slices.Clone(c.Trust), c.TrustedProxies...) {
		if !n.IsValid() || n.Bits() == 0 {
			return fmt.Errorf("the network %s is the whole world: name the one that is meant, such as 172.17.0.0/16; a password lets others in", n)
		}
	}
	for _, name := range c.Names {
		if !access.IsName(name) {
			return fmt.Errorf("the name %q: it has to be a host without scheme or port, such as kivuko or pay.example.com", name)
		}
	}
	return nil
}

// rules are the gateway's.
func (c Options) rules() gateway.Rules {
	strict := c.Profile == Strict
	rules := gateway.Rules{Profile: c.Profile, SoleToken: strict, URLs: urlRules(c.Profile), ClassicQuery: c.ClassicQuery,
		ForeignCredentials: !strict, RegisterOnce: strict,
		SpikeArrest: max(c.SpikeArrest, 0), Quota: max(c.Quota, 0)}
	if strict && c.SpikeArrest == 0 {
		rules.SpikeArrest = strictSpikeArrest
	}
	if strict && c.Quota == 0 {
		rules.Quota = strictQuota
	}
	return rules
}

// liveRules are the gateway's for production apps, whatever the profile: the strict ones.
func (c Options) liveRules() gateway.Rules {
	c.Profile = Strict
	rules := c.rules()
	rules.Profile, rules.URLs.Profile = "production", "production"
	return rules
}

// urlRules are a profile's for the URLs of callbacks.
func urlRules(profile string) weburl.Rules {
	if profile == Strict {
		return weburl.Production(profile)
	}
	return weburl.Rules{Profile: profile}
}

// openingBalance is what a customer who is registered on first use finds in the wallet.
const openingBalance = 100_000 * money.Shilling

// policy is the rules'.
func (k *App) policy() (mpesa.Policy, error) {
	rulebook, err := mpesa.NewRulebook()
	if err != nil {
		return mpesa.Policy{}, err
	}
	retries := map[mpesa.DeliveryKind][]time.Duration{}
	for _, kind := range mpesa.DeliveryKinds() {
		for _, r := range k.config.Retries {
			if string(r.Callback) == kind.String() {
				retries[kind] = r.Pauses
			}
		}
	}
	return mpesa.Policy{
		Rules: rulebook, RegisterUnknown: k.config.Profile == Sandbox, OpeningBalance: openingBalance,
		OpeningPIN: func(phone msisdn.Number) mpesa.PINDigest { return k.keys.PIN(phone, k.began.pin) },
		Answers:    mpesa.Answers(k.config.Phones), AnswerAfter: k.config.AnswerAfter, PromptLife: k.config.PromptLife,
		IgnoredResult: codes.Result(fmt.Sprint(k.config.IgnoredResult)), Lease: delivery.Lease(k.config.CallbackTimeout), Retries: retries,
		ResultAfter: max(k.config.ResultAfter, 0), QueueTime: k.config.QueueTime,
	}, nil
}

func isPostgres(db string) bool {
	return strings.HasPrefix(db, "postgres://") || strings.HasPrefix(db, "postgresql://")
}

// openStore opens the database, and warns of what others could read of it.
func (k *App) openStore(ctx context.Context) error {
	if err := k.config.checkKeyFile(); err != nil {
		return err
	}
	db := k.config.DB
	if isPostgres(db) {
		s, err := postgres.Open(ctx, db)
		if err != nil {
			return fmt.Errorf("cannot open the PostgreSQL database: %w", err)
		}
		if danger := postgres.Unprotected(db); danger != "" {
			k.config.Log.Warn(danger)
		}
		k.store = s
		return nil
	}
	s, err := sqlite.Open(ctx, db)
	if err != nil {
		return fmt.Errorf("cannot open %s: %w", db, err)
	}
	k.tighten(s.Files()...)
	k.store = s
	return nil
}

func (k *App) closeStore(context.Context) error { return k.store.Close() }

// tighten makes files with secrets private, and warns of those that were not: somebody may have read them.
func (k *App) tighten(paths ...string) {
	for _, path := range paths {
		switch was, err := private.Tighten(path); {
		case err != nil:
			k.config.Log.Warn("cannot make a file with secrets private to its owner: run chmod 600 on it", "file", path, "error", err)
		case was != 0:
			k.config.Log.Warn("a file with secrets was open to other accounts of this machine; now it is its owner's only", "file", path, "mode", was.String())
		}
	}
}
