package crashtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/proctest"
)

// sender is a node that is made to send every kind of callback.
type sender struct {
	*testing.T
	*door
	control *control.Client
	asked   int
}

// send has every kind of callback sent to a URL, and the URL tried.
func (s *sender) send(url string) (tried *control.CallbackTest) {
	s.Helper()
	s.asked++
	phone, id := customer(100+s.asked).String(), fmt.Sprint("target ", s.asked)
	order := func(shortcode, result, timeout string) error {
		_, err := s.client.B2C(s.Context(), daraja.B2CRequest{OriginatorConversationID: id + shortcode, CommandID: daraja.SalaryPayment, Amount: "10", PartyA: shortcode, PartyB: phone,
			Remarks: "wages", ResultURL: result, QueueTimeOutURL: timeout})
		return err
	}
	today := time.Now()
	for name, ask := range map[string]func() error{
		"push": func() error {
			_, err := s.client.STKPush(s.Context(), daraja.STKPushRequest{BusinessShortCode: "174379", TransactionType: daraja.CustomerPayBillOnline, Amount: "1",
				PartyA: phone, PartyB: "174379", PhoneNumber: phone, CallBackURL: url, AccountReference: "x", TransactionDesc: "x"})
			return err
		},
		"payout":         func() error { return order("600000", url, "http://127.0.0.1:9/") },
		"queued payout":  func() error { return order("508026", "http://127.0.0.1:9/", url) },
		"standing order": func() error { return s.order(url, id, today) },
		"checkout": func() error {
			_, err := s.client.B2BExpress(s.Context(), daraja.B2BExpressRequest{PrimaryShortCode: "765433", ReceiverShortCode: "600001", Amount: strconv.Itoa(10 + s.asked), PaymentRef: "x", CallbackURL: url,
				PartnerName: "Vendor", RequestRefID: id})
			return err
		},
		"payment by phone": func() error {
			if _, err := s.client.RegisterURL(s.Context(), daraja.RegisterURLRequest{ShortCode: "600002", ResponseType: daraja.ResponseCompleted, ConfirmationURL: url, ValidationURL: url}); err != nil {
				return err
			}
			_, err := s.control.Pay(s.Context(), "254708374149", control.Pay{Shortcode: "600002", Account: "x", Amount: 1000 + control.Amount(s.asked)})
			return err
		},
	} {
		if err := ask(); err != nil {
			s.Fatalf("%s to %s: %v", name, url, err)
		}
	}
	tried, err := s.control.TestCallback(s.Context(), url)
	if err != nil {
		s.Fatal(err)
	}
	proctest.Soon(s, "the answer of the till's owner", func() bool {
		owner, err := s.control.Phone(s.Context(), "254722765433")
		return err == nil && owner.Prompt == nil
	})
	return tried
}

func (s *sender) order(url, id string, today time.Time) error {
	_, err := s.client.CreateStandingOrder(s.Context(), daraja.StandingOrderRequest{StandingOrderName: id, StartDate: today.AddDate(0, 0, 2).Format("20060102"), EndDate: today.AddDate(0, 1, 0).Format("20060102"),
		BusinessShortCode: "174379", TransactionType: daraja.StandingOrderPayBill, ReceiverPartyIdentifierType: daraja.IdentifierShortcode, Amount: "10",
		PartyA: customer(s.asked).String(), CallBackURL: url, AccountReference: "x", TransactionDesc: "x", Frequency: daraja.FrequencyWeekly})
	return err
}

// A node's callbacks come from a machine that another node may trust. Whatever a merchant's URL leads to, no node does anything for another's callback: neither
// one on the same database nor one that has nothing to do with it.
func TestNodesAreNoTargetsOfCallbacks(t *testing.T) {
	t.Parallel()
	flags := []string{"--pprof", "--result-after=0s", "--queue-time=1s"}
	a, b := twoNodes(t, pgtest.Start(t).Database(t), flags...)
	stranger := proctest.Start(t, serve(":memory:", flags...))
	certificate, err := a.control.Certificate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := &sender{T: t, door: newDoor(t, daraja.WithInitiator("testapi", "Safaricom999!*!", certificate)), control: a.control}
	s.leads(a.URL)
	validates := true
	if _, _, err := a.control.PutOrganisation(t.Context(), "600002", control.OrganisationChange{Validates: &validates}); err != nil {
		t.Fatal(err)
	}

	nodes := map[string]string{"itself": a.URL, "its sister": b.URL, "a stranger": stranger.URL}
	before := map[string]string{}
	for name, url := range nodes {
		before[name] = state(t, url)
	}
	refused := map[string]control.CallbackTest{}
	for _, url := range nodes {
		port := url[strings.LastIndexByte(url, ':'):]
		for i, path := range []string{"/kivuko/v1/apps/kivuko-key/rotate", "/kivuko/v1/organisations/600000/operators/admin/suspend", "/kivuko/v1/organisations/600000/settle",
			"/metrics", "/debug/pprof/trace?seconds=1", "/phones", "/sign-out"} {
			hosts := []string{"http://127.0.0.1" + port, "http://localhost" + port, "http://0.0.0.0" + port, "http://[::ffff:127.0.0.1]" + port, relay(t, port), redirect(t, "http://127.0.0.1"+port)}
			target := hosts[i%len(hosts)] + path
			refused[target] = *s.send(target)
		}
	}
	for target, tried := range refused {
		if tried.Answer != nil && tried.Answer.Status/100 != 4 && tried.Answer.Status/100 != 3 {
			t.Errorf("the tester at %s: %+v", target, tried.Answer)
		}
	}
	if t.Failed() {
		return
	}
	s.checkRefused(refused)
	for name, url := range nodes {
		if now := state(t, url); now != before[name] {
			t.Errorf("of %s there is now\n%s\nand there was\n%s", name, now, before[name])
		}
	}
}

// checkRefused waits until all callbacks are over, and checks that each target refused each kind of them, or was not called.
func (s *sender) checkRefused(targets map[string]control.CallbackTest) {
	s.Helper()
	proctest.Soon(s, "the end of all callbacks", func() bool {
		queued, err := s.control.Payments(s.Context(), control.PaymentFilter{Kind: control.KindB2C, State: control.Queued, Limit: 1})
		if err != nil || len(queued.Items) > 0 {
			return false
		}
		open, err := s.control.Callbacks(s.Context(), control.CallbackFilter{State: control.CallbackPending, Limit: 1})
		return err == nil && len(open.Items) == 0
	})
	kinds := map[control.CallbackKind]int{}
	for c, err := range s.control.AllCallbacks(s.Context(), control.CallbackFilter{Limit: 1000}) {
		if err != nil {
			s.Fatal(err)
		}
		if _, target := targets[c.URL]; !target {
			continue
		}
		kinds[c.Kind]++
		for _, a := range c.Attempts {
			if a.Status != http.StatusForbidden && a.Status != http.StatusTemporaryRedirect && !strings.HasPrefix(a.Error, "Kivuko does not call itself") {
				s.Errorf("%s of %s: %+v", c.Kind, c.URL, a)
			}
		}
		if c.State == control.CallbackDelivered || len(c.Attempts) == 0 {
			s.Errorf("%s of %s is %s", c.Kind, c.URL, c.State)
		}
	}
	for _, kind := range control.CallbackKind("").Choices() {
		least := len(targets)
		if kind := control.CallbackKind(kind); kind == control.CallbackConfirmation {
			least = 1 // those of payments that were taken although nobody could be asked
		}
		if n := kinds[control.CallbackKind(kind)]; n < least {
			s.Errorf("%d callbacks of kind %s were sent; want %d", n, kind, least)
		}
	}
}

// state is what callbacks would change at a node.
func state(t *testing.T, url string) string {
	t.Helper()
	c := control.New(url)
	app, err := c.AppSecret(t.Context(), "kivuko-key")
	if err != nil {
		t.Fatal(err)
	}
	operators, err := c.Operators(t.Context(), "600000")
	if err != nil {
		t.Fatal(err)
	}
	settled, err := c.Audit(t.Context(), "600000", control.AuditFilter{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal([]any{app, operators, settled})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// relay passes connections on to a port of this machine, from a port that Kivuko doesn't know.
func relay(t *testing.T, port string) (url string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", "127.0.0.1"+port)
			if err != nil {
				from.Close()
				return
			}
			go func() { _, _ = io.Copy(to, from); to.Close() }()
			go func() { _, _ = io.Copy(from, to); from.Close() }()
		}
	}()
	return "http://" + listener.Addr().String()
}

// redirect sends everybody on to a server.
func redirect(t *testing.T, to string) (url string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, to+r.URL.RequestURI(), http.StatusTemporaryRedirect)
	}))
	t.Cleanup(s.Close)
	return s.URL
}
