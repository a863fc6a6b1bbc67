package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/proctest"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

func TestServePrintsTheAddressThatItTook(t *testing.T) {
	s := start(t, "--db=:memory:")
	if strings.HasSuffix(s.URL, ":0") {
		t.Errorf("it says %s", s.URL)
	}
	token(t, client(s.URL))
	s.Stop(t)
}

func TestServeShowsNoPassword(t *testing.T) {
	db := strings.Replace(pgtest.Start(t).Database(t), "postgres@", "postgres:hunter2@", 1)
	s := start(t, "--db="+db)
	s.Stop(t)
	for line, ok := s.Line(); ok; line, ok = s.Line() {
		if strings.Contains(line, "hunter2") {
			t.Error(line)
		}
	}
	isRefused(t, "postgres:xxxxx@", "--listen=127.0.0.1:0", "--db="+db, "--key-file="+filepath.Join(t.TempDir(), "key"))
}

func TestServeReadsTheEnvironment(t *testing.T) {
	dir := t.TempDir()
	callbacks := kivukotest.Collect(t)
	cmd := program(t, "serve")
	cmd.Env = append(cmd.Env, "KIVUKO_LISTEN=127.0.0.1:0", "KIVUKO_DB="+filepath.Join(dir, "mine.db"), "KIVUKO_KEY_FILE="+filepath.Join(dir, "key"),
		"KIVUKO_ANSWER_AFTER=0s", "KIVUKO_LOG=off")
	s := proctest.Start(t, cmd)
	callbacks.For(t, push(t, client(s.URL), callbacks.URL, 1).CheckoutRequestID)
	s.Stop(t)
	if got := files(t, dir); len(got) != 2 || got["mine.db"] == "" || got["key.secret"] == "" {
		t.Errorf("it made %d files: %v", len(got), names(got))
	}
}

func TestServeKeepsToTheWorkingDirectory(t *testing.T) {
	dir := t.TempDir()
	cmd := program(t, "serve", "--listen=127.0.0.1:0")
	cmd.Dir = dir
	s := proctest.Start(t, cmd)
	token(t, client(s.URL))
	s.Stop(t)
	if got := files(t, dir); len(got) != 2 || got["kivuko.db"] == "" || got["kivuko.db.secret"] == "" {
		t.Errorf("it made %v", names(got))
	}
	if !strings.Contains(s.Stderr(), "api=oauth") {
		t.Errorf("the request's line is missing from the log: %q", s.Stderr())
	}
	info, err := os.Stat(filepath.Join(dir, "kivuko.db.secret"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret's mode is %v, %v", info.Mode(), err)
	}
}

// An interrupt ends the program though merchants' servers hang and clients keep connections in every state.
func TestInterruptStopsWithinSeconds(t *testing.T) {
	db := filepath.Join(t.TempDir(), "kivuko.db")
	callbacks := kivukotest.Collect(t)
	callbacks.Answer(callbacks.Hang)
	s := start(t, "--db="+db, "--answer-after=0s")
	address := strings.TrimPrefix(s.URL, "http://")
	for _, begun := range []string{"", "GET / HTTP/1.1\r\n", "POST /mpesa/stkpush/v1/processrequest HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Length: 99\r\n\r\n{"} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte(begun)); err != nil {
			t.Fatal(err)
		}
	}
	ack := push(t, client(s.URL), callbacks.URL, 1) // leaves a connection idle
	callbacks.For(t, ack.CheckoutRequestID)         // it has come, and is not answered

	interrupted := time.Now()
	s.Stop(t)
	if took := time.Since(interrupted); took > 10*time.Second {
		t.Errorf("it took %s to stop", took)
	}
	if got := files(t, filepath.Dir(db)); len(got) != 2 {
		t.Errorf("it left %v", names(got))
	}

	callbacks.Answer(kivukotest.Status(http.StatusOK))
	s = start(t, "--db="+db)
	callbacks.For(t, ack.CheckoutRequestID) // again: nobody knows what the merchant made of the first one
	s.Stop(t)
}

func TestSecondInterruptDoesNotWait(t *testing.T) {
	callbacks := kivukotest.Collect(t)
	callbacks.Answer(callbacks.Hang)
	s := start(t, "--db=:memory:", "--answer-after=0s")
	callbacks.For(t, push(t, client(s.URL), callbacks.URL, 1).CheckoutRequestID)
	if err := s.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for line, ok := s.Line(); ok && line != "stopping"; {
		line, ok = s.Line()
	}
	proctest.Await(t, "the end after another interrupt", func() bool {
		_ = s.Signal(os.Interrupt) // fails when the process has gone
		return s.Ended()
	})
	if status := s.Wait(t); status != -1 { // ended by the signal
		t.Errorf("exit status %d", status)
	}
}

func TestTerminateIsAnInterrupt(t *testing.T) {
	s := start(t, "--db=:memory:")
	if err := s.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := s.Wait(t); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// timeout(1) signals its child, and the group that both belong to just after.
func TestSignalsInARowAreOne(t *testing.T) {
	db := filepath.Join(t.TempDir(), "kivuko.db")
	callbacks := kivukotest.Collect(t)
	callbacks.Answer(callbacks.Hang)
	s := start(t, "--db="+db, "--answer-after=0s")
	callbacks.For(t, push(t, client(s.URL), callbacks.URL, 1).CheckoutRequestID) // which stopping waits for
	if err := s.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for line, ok := s.Line(); ok && line != "stopping"; {
		line, ok = s.Line()
	}
	if err := s.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := s.Wait(t); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if got := files(t, filepath.Dir(db)); len(got) != 2 {
		t.Errorf("it left %v", names(got))
	}
}

func TestRestartKeepsTokens(t *testing.T) {
	db := filepath.Join(t.TempDir(), "kivuko.db")
	s := start(t, "--db="+db)
	before := token(t, client(s.URL))
	s.Stop(t)
	s = start(t, "--db="+db)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+testworld.PushPath, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+before)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest { // the token is good, the body is not
		t.Errorf("HTTP %d", answer.StatusCode)
	}
	s.Stop(t)
}

// seen is what a client sees of a run that a seed makes repeat. A receipt begins with the day, which may change between two runs.
type seen struct{ token, merchantRequestID, receipt, refused string }

func TestSeedMakesIdentifiersRepeat(t *testing.T) {
	callbacks := kivukotest.Collect(t)
	dir, runs := t.TempDir(), 0
	see := func(flags ...string) (list []seen) {
		runs++
		s := start(t, append(flags, "--answer-after=0s", "--db="+filepath.Join(dir, fmt.Sprintf("%d.db", runs)))...)
		defer s.Stop(t)
		for i := range 3 {
			c := client(s.URL) // with a token of its own
			ack := push(t, c, callbacks.URL, 1+i)
			receipt := callbacks.For(t, ack.CheckoutRequestID).Receipt()
			_, err := c.STKPush(t.Context(), daraja.STKPushRequest{})
			refused, _ := errors.AsType[*daraja.Error](err)
			list = append(list, seen{token(t, c), ack.MerchantRequestID, receipt[3:], refused.RequestID})
		}
		return list
	}
	first, second, other, none := see("--seed=7"), see("--seed=7"), see("--seed=8"), see()
	for i := range first {
		if first[i] != second[i] {
			t.Errorf("seed 7 gave %+v, then %+v", first[i], second[i])
		}
		for _, x := range []seen{other[i], none[i], first[(i+1)%3]} {
			if x.token == first[i].token || x.merchantRequestID == first[i].merchantRequestID || x.receipt == first[i].receipt || x.refused == first[i].refused {
				t.Errorf("%+v and %+v have something in common", first[i], x)
			}
		}
	}
}

// A database with a seed goes on after a restart, and doesn't issue its first tokens again.
func TestSeedOutlivesARestart(t *testing.T) {
	db := filepath.Join(t.TempDir(), "kivuko.db")
	tokens := map[string]bool{}
	for range 3 {
		s := start(t, "--db="+db, "--seed=7")
		tokens[token(t, client(s.URL))] = true
		s.Stop(t)
	}
	if len(tokens) != 3 {
		t.Errorf("three starts gave the tokens %v", tokens)
	}
}

func client(url string) *daraja.Client {
	return daraja.New(url, testworld.Key, testworld.Secret, daraja.WithPasskey(testworld.Passkey))
}

func token(t *testing.T, c *daraja.Client) string {
	t.Helper()
	token, err := c.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// push asks John for an amount.
func push(t *testing.T, c *daraja.Client, callback string, amount int) *daraja.STKPushResponse {
	t.Helper()
	ack, err := c.STKPush(t.Context(), daraja.STKPushRequest{
		BusinessShortCode: testworld.PayBill, TransactionType: daraja.CustomerPayBillOnline, Amount: fmt.Sprint(amount), PartyA: testworld.John,
		PartyB: testworld.PayBill, PhoneNumber: testworld.John, CallBackURL: callback + "/callback", AccountReference: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	return ack
}

// files reads a directory.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		content := "(directory)"
		if !e.IsDir() {
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			content = string(b)
		}
		all[e.Name()] = content
	}
	return all
}

func names(files map[string]string) (list []string) {
	for name := range files {
		list = append(list, name)
	}
	return list
}
