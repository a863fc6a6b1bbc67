package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
)

func TestCallbackURLIsTried(t *testing.T) {
	k := startWorld(t)
	merchant := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer merchant.Close()
	var got control.CallbackTest
	if k.json(&got, "callbacks", "test", merchant.URL+"/query"); got.Answer == nil || got.Answer.Status != http.StatusOK || !got.Verdicts[0].Taken {
		t.Errorf("got %+v", got)
	}
	k.fails("the URL won't do", "callbacks", "test", "http://"+strings.ToUpper("localhost")+"/callback")
	k.fails(`expected "<callback-url>"`, "callbacks", "test")
	if err := k.fails("is no callback's number", "callbacks", "x"); !isUsage(err) {
		t.Errorf("got %v", err)
	}
	k.fails("unexpected argument x", "callbacks", "7", "x")
}
