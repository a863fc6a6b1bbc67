package controlapi

import (
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/usage"
)

const mostPoints = 60 // of a report: one a minute for an hour, one every six minutes for six

// usageQuery names an app and a period.
type usageQuery struct {
	onApp
	Minutes int `query:"minutes" default:"60" jsonschema:"minimum=1,maximum=360" doc:"How many minutes back."`
}

// getUsage tells what an app asked for in the last minutes.
func (s *server) getUsage(r *request[usageQuery, none]) (*control.Usage, error) {
	minutes := r.Query.Minutes
	app, err := s.findApp(r.Request)
	if err != nil {
		return nil, err
	}
	step := (minutes + mostPoints - 1) / mostPoints
	report := s.Usage.Of(app.Key, s.Clock.Now(), minutes, step)
	shown := &control.Usage{App: app.Key, From: control.Time{Time: report.From.In(clock.EAT)}, StepMinutes: step, Total: usageLine(report.Total),
		APIs: []control.UsageOfAPI{}, Points: []control.UsageLine{}, Full: report.Full}
	for _, x := range report.APIs {
		shown.APIs = append(shown.APIs, control.UsageOfAPI{API: x.API, Title: apis.Title(x.API), UsageLine: usageLine(x.Line)})
	}
	for _, x := range report.Points {
		shown.Points = append(shown.Points, usageLine(x))
	}
	return shown, nil
}

func usageLine(l usage.Line) control.UsageLine {
	return control.UsageLine{Requests: l.Requests, Refused: l.Refused, P50MS: inMS(l.P50), P95MS: inMS(l.P95), Errors: l.Errors, Results: l.Results}
}
