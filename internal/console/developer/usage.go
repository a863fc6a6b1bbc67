package developer

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

// usageRoutes are the pages of what apps ask for.
func usageRoutes() map[string]page.Handler {
	return map[string]page.Handler{"GET /developer/usage": showUsage}
}

// usagePage is an app's usage, with its plots.
type usagePage struct {
	Apps  []page.Option
	Usage *control.Usage // nil: there is no app
	Again string         // the page's own path

	Until    control.Time
	Share    string // of requests that were accepted
	Requests plot
	Latency  plot
	Codes    []codePlot
	Rows     []usageRow // for those who don't see the plots
	APIs     []usageRow
}

// usageRow is a line of a table.
type usageRow struct {
	At   control.Time
	Name string
	control.UsageLine
	Share string
	Codes string
}

// plot is what an SVG is drawn from. Its height is that of the tallest point.
type plot struct {
	Bars          []bar
	P50, P95      string // points of a line
	Top           string // what the height stands for
	Width, Height float64
}

// bar is a column; its parts stand on each other.
type bar struct{ X, Width, Accepted, Refused, AcceptedY, RefusedY float64 }

// codePlot is how often a code came.
type codePlot struct {
	Code  string
	Kind  string // "result" or "error"
	Total int64
	Plot  plot
}

const (
	plotWidth  = 600.0
	plotHeight = 100.0
	mostCodes  = 12 // that are plotted: those that came most often
)

// showUsage shows what an app asked for.
func showUsage(q *page.Request) error {
	_, apps, err := readApps(q)
	if err != nil {
		return err
	}
	p := &usagePage{Apps: apps, Again: q.HTTP.URL.RequestURI()}
	key := q.Form().Get("app")
	if key == "" {
		if len(p.Apps) == 0 {
			return q.Show("usage", p)
		}
		key = p.Apps[0].Value
	}
	p.Usage = new(control.Usage)
	query := url.Values{"minutes": {cmp.Or(q.Form().Get("minutes"), "60")}}
	if err := q.Call(http.MethodGet, "apps/"+url.PathEscape(key)+"/usage?"+query.Encode(), nil, p.Usage); err != nil {
		return err
	}
	p.draw()
	return q.Show("usage", p)
}

// draw makes the plots and the tables.
func (p *usagePage) draw() {
	u := p.Usage
	step := time.Duration(u.StepMinutes) * time.Minute
	p.Until = control.Time{Time: u.From.Add(step * time.Duration(len(u.Points)))}
	p.Share = share(u.Total)
	p.Requests = columns(u.Points, func(l control.UsageLine) (int64, int64) { return l.Requests - l.Refused, l.Refused })
	p.Latency = curves(u.Points)
	p.Codes = codePlots(u)
	for i, l := range u.Points {
		if l.Requests > 0 || len(l.Results) > 0 {
			p.Rows = append(p.Rows, usageRow{At: control.Time{Time: u.From.Add(step * time.Duration(i))}, UsageLine: l, Share: share(l), Codes: worded(l)})
		}
	}
	for _, a := range u.APIs {
		p.APIs = append(p.APIs, usageRow{Name: cmp.Or(a.Title, "No API"), UsageLine: a.UsageLine, Share: share(a.UsageLine), Codes: worded(a.UsageLine)})
	}
}

// share is how many of the requests were accepted, in percent.
func share(l control.UsageLine) string {
	if l.Requests == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(l.Requests-l.Refused)/float64(l.Requests))
}

// worded lists codes with how often they came: "1032 × 3, 400.002.02 × 1".
func worded(l control.UsageLine) string {
	var list []string
	for _, codes := range []map[string]int64{l.Results, l.Errors} {
		for _, code := range slices.Sorted(maps.Keys(codes)) {
			list = append(list, fmt.Sprintf("%s × %d", code, codes[code]))
		}
	}
	return strings.Join(list, ", ")
}

// columns draws a column for each point, of two parts.
func columns(points []control.UsageLine, parts func(control.UsageLine) (accepted, refused int64)) plot {
	top := int64(0)
	for _, l := range points {
		accepted, refused := parts(l)
		top = max(top, accepted+refused)
	}
	p := plot{Top: fmt.Sprint(top), Width: plotWidth, Height: plotHeight}
	if top == 0 {
		return p
	}
	width, scale := plotWidth/float64(len(points)), plotHeight/float64(top)
	for i, l := range points {
		accepted, refused := parts(l)
		if accepted+refused == 0 {
			continue
		}
		b := bar{X: width*float64(i) + width*0.1, Width: width * 0.8, Accepted: scale * float64(accepted), Refused: scale * float64(refused)}
		b.AcceptedY = plotHeight - b.Accepted
		b.RefusedY = b.AcceptedY - b.Refused
		p.Bars = append(p.Bars, b)
	}
	return p
}

// curves draws how long answers took: half of them, and 95 of a hundred. Where nothing was asked the lines are at zero. The highest point
// is a little below the top, so that the line there isn't cut.
func curves(points []control.UsageLine) plot {
	top := 0.0
	for _, l := range points {
		top = max(top, l.P95MS)
	}
	p := plot{Top: fmt.Sprintf("%.1f ms", top), Width: plotWidth, Height: plotHeight}
	if top == 0 {
		return p
	}
	width := plotWidth / float64(len(points))
	var p50, p95 []string
	for i, l := range points {
		x := width * (float64(i) + 0.5)
		p50 = append(p50, fmt.Sprintf("%.1f,%.1f", x, plotHeight*(1-l.P50MS/top*0.96)))
		p95 = append(p95, fmt.Sprintf("%.1f,%.1f", x, plotHeight*(1-l.P95MS/top*0.96)))
	}
	p.P50, p.P95 = strings.Join(p50, " "), strings.Join(p95, " ")
	return p
}

// codePlots draws each code that came, the most frequent first.
func codePlots(u *control.Usage) (list []codePlot) {
	add := func(kind string, total map[string]int64, of func(control.UsageLine) map[string]int64) {
		for code, n := range total {
			list = append(list, codePlot{Code: code, Kind: kind, Total: n, Plot: columns(u.Points, func(l control.UsageLine) (int64, int64) {
				if kind == "result" && code == "0" {
					return of(l)[code], 0
				}
				return 0, of(l)[code]
			})})
		}
	}
	add("result", u.Total.Results, func(l control.UsageLine) map[string]int64 { return l.Results })
	add("error", u.Total.Errors, func(l control.UsageLine) map[string]int64 { return l.Errors })
	slices.SortFunc(list, func(a, b codePlot) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Kind+a.Code, b.Kind+b.Code))
	})
	return list[:min(len(list), mostCodes)]
}
