package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	requests "github.com/kivuko/kivuko/internal/journal"
)

func accepted(payment int64) requests.Entry {
	return requests.Entry{At: controltest.Start, Took: 1250 * time.Microsecond, Method: "POST", Path: "/mpesa/stkpush/v1/processrequest",
		App: "kivuko-key", Status: 200, Payment: payment}
}

func refused() requests.Entry {
	return requests.Entry{At: controltest.Start, Took: time.Millisecond, Method: "GET", Path: "/oauth/v1/generate", Status: 400,
		Code: "400.008.02", Explanation: "grant_type is \"\x1b[31m\", it has to be client_credentials"}
}

func TestJournalListsTheLatestRequestsOldestFirst(t *testing.T) {
	k := startWorld(t)
	k.prints(``, "journal")
	for n := range int64(3) {
		k.Journal.Add(accepted(100_003 + n))
	}
	k.Journal.Add(refused())
	k.prints(`
		12:00:00.125  200  POST /mpesa/stkpush/v1/processrequest        1.2ms  kivuko-key  payment 100005
		12:00:00.125  400  GET  /oauth/v1/generate                      1.0ms  400.008.02  grant_type is "�[31m", it has to be client_credentials
		`, "journal", "--limit", "2")
	k.prints(`
		12:00:00.125  200  POST /mpesa/stkpush/v1/processrequest        1.2ms  kivuko-key  payment 100003
		12:00:00.125  200  POST /mpesa/stkpush/v1/processrequest        1.2ms  kivuko-key  payment 100004
		12:00:00.125  200  POST /mpesa/stkpush/v1/processrequest        1.2ms  kivuko-key  payment 100005
		`, "journal", "--status", "200", "--app", "kivuko-key", "--path", "/mpesa/stkpush/v1/processrequest")
	var got control.Journal
	if k.json(&got, "journal"); len(got.Items) != 4 || got.Items[0].Code != "400.008.02" {
		t.Errorf("got %+v", got)
	}
	k.fails("limit: it has to be a whole number from 1 to 1000", "journal", "--limit", "1001")
}

// following runs journal --follow and gives its lines; stop ends it.
func following(t *testing.T, k terminal, j *journal) (lines *bufio.Scanner, stop func()) {
	t.Helper()
	j.URL, j.Follow, j.Every = k.url, true, time.Millisecond
	if j.Limit == 0 {
		j.Limit = 20
	}
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := j.Run(ctx, in)
		in.Close()
		ended <- err
	}()
	return bufio.NewScanner(out), func() {
		t.Helper()
		cancel()
		go io.Copy(io.Discard, out) // what it still had to say
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestJournalFollows(t *testing.T) {
	k := startWorld(t)
	k.Journal.Add(accepted(1))
	k.Journal.Add(accepted(2))
	lines, stop := following(t, k, &journal{Limit: 1, Status: 200})
	defer stop()
	for n := int64(2); n < 50; n++ {
		if !lines.Scan() || !strings.HasSuffix(lines.Text(), fmt.Sprintf("payment %d", n)) {
			t.Fatalf("got %q, want payment %d", lines.Text(), n)
		}
		k.Journal.Add(refused())
		k.Journal.Add(accepted(n + 1))
	}
}

func TestJournalFollowsWhatComesInBursts(t *testing.T) {
	const burst = fullPage + 500 // more than a page
	w := controltest.New(t, func(o *controlapi.Options) { o.Journal = requests.New(4 * burst) })
	k := terminal{World: w, t: t, url: w.Serve(t)}
	w.Journal.Add(accepted(1))
	lines, stop := following(t, k, &journal{clientFlags: clientFlags{JSON: true}})
	defer stop()
	for n := int64(1); n <= 2*burst; n++ {
		var e control.Entry
		if !lines.Scan() || json.Unmarshal(lines.Bytes(), &e) != nil || e.Payment != n {
			t.Fatalf("got %q, want payment %d", lines.Text(), n)
		}
		if n%burst == 1 {
			for m := range int64(burst) {
				w.Journal.Add(accepted(n + m + 1))
			}
		}
	}
}
