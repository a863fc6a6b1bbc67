package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/kivuko/kivuko/control"
)

// journal lists the latest requests to the gateway, oldest first, and why they were refused.
type journal struct {
	clientFlags
	Follow bool   `short:"f" help:"Go on with requests as they come."`
	Limit  int    `default:"20" help:"List at most so many of those that came before, from 1 to 1000."`
	Path   string `help:"List only requests for this path."`
	App    string `help:"List only requests of the app with this consumer key."`
	Status int    `help:"List only requests that were answered with this HTTP status."`

	API     string `name:"api" help:"List only requests to this API, such as stkpush or b2c."`
	Refused bool   `help:"List only requests that were refused."`
	Code    string `help:"List only refusals with this errorCode."`
	Number  string `help:"List only requests that name this phone number or shortcode."`
	ID      string `name:"id" help:"List only requests of the payment with this identifier, or with it in what was sent or answered."`
	Text    string `help:"List only requests with this text in them, their answers or explanations."`

	Every time.Duration `kong:"-"` // between looks for new ones; 0: half a second
}

const (
	usualEvery = 500 * time.Millisecond
	fullPage   = 1000 // entries that the API gives at a time
)

// Run lists, and goes on listing until ctx ends where it is to follow.
func (j *journal) Run(ctx context.Context, out io.Writer) error {
	return j.call(func(c *control.Client) error {
		list, err := c.Journal(ctx, j.filter(0, j.Limit))
		if err != nil {
			return err
		}
		if j.JSON && !j.Follow {
			return printJSON(out, list, "  ")
		}
		slices.Reverse(list.Items)
		last, err := j.print(out, list.Items, 0)
		if err == nil && j.Follow {
			err = j.follow(ctx, out, c, last)
		}
		return err
	})
}

func (j *journal) filter(since int64, limit int) control.JournalFilter {
	return control.JournalFilter{Since: since, Limit: limit, Path: j.Path, App: j.App, Status: j.Status,
		API: j.API, Refused: j.Refused, Code: j.Code, Number: j.Number, ID: j.ID, Text: j.Text}
}

// follow prints what comes after the entry last.
func (j *journal) follow(ctx context.Context, out io.Writer, c *control.Client, last int64) error {
	every := j.Every
	if every == 0 {
		every = usualEvery
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		list, err := j.since(ctx, c, last)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if last, err = j.print(out, list, last); err != nil {
			return err
		}
	}
}

// since reads all entries after one, oldest first.
func (j *journal) since(ctx context.Context, c *control.Client, last int64) (list []control.Entry, err error) {
	for e, err := range c.AllJournal(ctx, j.filter(last, fullPage)) {
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	slices.Reverse(list)
	return list, nil
}

// print writes a line for each entry and gives the last one's number.
func (j *journal) print(out io.Writer, list []control.Entry, last int64) (int64, error) {
	for _, e := range list {
		last = e.ID
		var err error
		if j.JSON {
			err = printJSON(out, e, "")
		} else {
			_, err = fmt.Fprintln(out, plain(entryLine(e)))
		}
		if err != nil {
			return last, err
		}
	}
	return last, nil
}

func entryLine(e control.Entry) string {
	line := fmt.Sprintf("%s  %d  %-4s %-36s %8s", e.At.Format("15:04:05.000"), e.Status, e.Method, e.Path, milliseconds(e.TookMS))
	if e.App != "" {
		line += "  " + e.App
	}
	if e.Payment != 0 {
		line += fmt.Sprintf("  payment %d", e.Payment)
	}
	if e.Code != "" {
		line += "  " + e.Code
	}
	if e.Explanation != "" {
		line += "  " + e.Explanation
	}
	return line
}
