package gateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/testworld"
)

// storm sends a thousand requests at once over real connections, and counts the answers by what they say.
func storm(t *testing.T, b *bench, path string, body func(i int) []byte) map[string]int {
	t.Helper()
	const requests, connections = 1000, 100
	server := httptest.NewServer(b.gateway)
	defer server.Close()
	m := testworld.NewMerchant(server.URL, "")
	m.Client.Transport = &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}
	defer m.Client.CloseIdleConnections()
	m.Token(t)
	var mu sync.Mutex
	answers := map[string]int{}
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range requests {
		body := body(i)
		all.Go(func() {
			<-start
			a := m.Post(t, path, body)
			mu.Lock()
			defer mu.Unlock()
			answers[fmt.Sprintf("%d %s%s", a.Status, a.Text("ResponseCode"), a.Message())]++
		})
	}
	close(start)
	all.Wait()
	return answers
}

func TestSameRequestAThousandTimesAtOnce(t *testing.T) {
	b := newBench(t)
	body := valid(t, b)
	answers := storm(t, b, testworld.PushPath, func(int) []byte { return body })
	if answers["200 0"] != 1 || answers["500 "+codes.SubscriberBusy.Message] != 999 {
		t.Errorf("the answers are %v", answers)
	}
	if books := b.Books(t); books.Open != 1 {
		t.Errorf("%d prompts are open", books.Open)
	}
	b.enter(t, testworld.John, testworld.PIN)
	if books := b.Books(t); books.Open != 0 {
		t.Errorf("%d prompts are open", books.Open)
	}
}

func TestNewNumberIsRegisteredOnceHoweverOftenItIsAskedFor(t *testing.T) {
	b := newBench(t)
	before := b.Books(t)
	answers := storm(t, b, testworld.PushPath, func(i int) []byte {
		f := b.PushFields().With(testworld.From(fmt.Sprint(254733000000 + i%10)))
		body, err := json.Marshal(f)
		if err != nil {
			t.Error(err)
		}
		return body
	})
	if answers["200 0"] != 10 || answers["500 "+codes.SubscriberBusy.Message] != 990 {
		t.Errorf("the answers are %v", answers)
	}
	if after := b.Books(t); after.Open != 10 || after.Accounts != before.Accounts+10 || after.Transfers != before.Transfers+10 {
		t.Errorf("the books went from %+v to %+v", before, after)
	}
}
