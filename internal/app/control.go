package app

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/collector"
	"github.com/kivuko/kivuko/internal/console"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/sms"
	"github.com/kivuko/kivuko/internal/weburl"
)

// controlAPI serves what drives the world and shows what happened in it, and the console, which calls it without leaving the process. The
// former has no guard yet.
func (k *App) controlAPI(daraja *gateway.Gateway, credentials *credential.Checker, boxes *collector.Collector) (http.Handler, *page.Kit) {
	unguarded := controlapi.Unguarded(controlapi.Options{
		Engine: k.engine, Store: k.store, Mint: k.mint, Clock: k.clock, Journal: k.journal, Version: Version(), Log: k.config.Log,
		Limits: k.engine.Policy.Rules.LimitsNames(),
		PIN:    k.keys.PIN, Sign: k.keys.Sign, Certificate: k.keys.Certificate, Resend: k.sender.Resend, GiveUp: k.sender.GiveUp, Advance: k.Advance, Health: k.health, About: k.about,
		Messages: func(ctx context.Context, phone msisdn.Number, limit int) ([]controlapi.Message, error) {
			inbox := sms.Inbox{Store: k.store, Mint: k.mint, Owned: k.engine.Directory().Owned}
			list, err := inbox.Messages(ctx, phone, limit)
			messages := make([]controlapi.Message, len(list))
			for i, m := range list {
				messages[i] = controlapi.Message{At: m.At, From: "MPESA", Text: m.Text, Payment: m.Payment}
			}
			return messages, err
		},
		CallbackBody: k.sender.Body,
		Usage:        k.usage, Prober: weburl.Prober{Reach: k.reach()}, URLRules: []weburl.Rules{urlRules(Sandbox), urlRules(Strict)}, Profile: k.config.Profile, World: k.began.kind,
		Gateway: daraja.Answer, Credentials: credentials, Collector: boxes, CallbackBase: k.callbackBase(), Random: k.random,
	})
	sessions := access.NewSessions(k.keys.Sessions(k.config.Password), k.store, k.config.Log)
	return unguarded, console.New(page.Options{API: unguarded, Hub: k.hub, Log: k.config.Log, Now: k.clock.Now, Version: Version(), Door: k.door, Sessions: sessions})
}

// about is what was started.
func (k *App) about() control.About {
	return control.About{
		Database: k.Database(), Phones: control.Answers(k.config.Phones), Ahead: k.clock.Offset().String(),
		Open: int64(k.waiting.Queue().Len()), Owed: int64(k.sender.Backlog() + k.sender.Retries().Len()),
	}
}

// health lists what doesn't work.
func (k *App) health(ctx context.Context) []controlapi.Problem {
	var problems []controlapi.Problem
	ctx, cancel := context.WithTimeout(ctx, healthLimit)
	defer cancel()
	if err := k.store.Ping(ctx); err != nil {
		problems = append(problems, controlapi.Problem{Name: "database", Detail: "it does not answer"})
	}
	if err := k.engine.Health(); err != nil {
		problems = append(problems, controlapi.Problem{Name: "writes", Detail: "the last unit of work was not kept; the log says why"})
	}
	if oldest := k.engine.Oldest(); oldest > healthLimit {
		problems = append(problems, controlapi.Problem{Name: "commits", Detail: fmt.Sprintf("the oldest unit of work has been under way for %s: "+
			"the database, or a standby that it waits for, does not answer", oldest.Round(time.Second))})
	}
	if skew := time.Duration(k.skew.Load()); skew.Abs() > healthSkew {
		problems = append(problems, controlapi.Problem{Name: "clock", Detail: fmt.Sprintf("this machine's clock is %s: nodes' clocks may differ by %s", ofDatabase(skew), healthSkew)})
	}
	return problems
}

// healthLimit is how long a database may take to answer, or a unit of work to be kept.
const healthLimit = 2 * time.Second

// release is the version of this source where Go knows of none, as in an unpacked archive and with go run: of the topmost release in
// CHANGELOG.md or, while that is Unreleased, of the one to come.
const release = "v0.1.0-dev"

// Version is the version of the module that the program was built from.
func Version() string {
	const module = "github.com/kivuko/kivuko"
	version := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == module {
				version = m.Version
			}
		}
	}
	if version == "" || version == "(devel)" {
		return release
	}
	return version
}

// Control is a client of the M-PESA's control API: phones, payments, callbacks, books, journal and clock.
func (k *App) Control() *control.Client { return k.client }
