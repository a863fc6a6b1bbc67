package developer

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/apis"
)

// apart are the fields that one side has and the other hasn't, with the reason.
var apart = map[string]string{
	"/mpesa/b2c/v1/paymentrequest OriginatorConversationID": "one request type serves both versions; version 1 reads none",
	"/mpesa/accountbalance/v1/query Occassion":              "read where a client sends it; package daraja has none, since nothing shows it",
}

// What package daraja sends to a path is what the path's table reads: no name is missing on either side.
func TestTheClientSendsTheFieldsOfTheTable(t *testing.T) {
	calls := goCalls()
	for _, p := range apis.Paths() {
		if p.Method != http.MethodPost {
			continue
		}
		call, there := calls[p.Path]
		if !there {
			t.Errorf("package daraja doesn't ask for %s", p.Path)
			continue
		}
		sent := membersOf(call.request, "")
		for _, f := range p.Leaves() {
			if apart[p.Path+" "+f.Name] == "" && !slices.Contains(sent, f.Name) && !slices.Contains(sent, f.Also) {
				t.Errorf("%s: %s has no %s", p.Path, call.request, f.Name)
			}
		}
		for _, name := range sent {
			if apart[p.Path+" "+name] == "" && !slices.ContainsFunc(p.Leaves(), func(f apis.Field) bool { return f.Name == name || f.Also == name }) {
				t.Errorf("%s: no field is %s, which %s sends", p.Path, name, call.request)
			}
		}
	}
}

// membersOf lists the JSON names of a request, those of objects and lists as apis.Path.Leaves names them.
func membersOf(of reflect.Type, at string) (list []string) {
	if of.Kind() == reflect.Slice {
		return membersOf(of.Elem(), at+"[].")
	}
	for i := range of.NumField() {
		f := of.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		switch kind := f.Type.Kind(); {
		case f.Anonymous:
			list = append(list, membersOf(f.Type, at)...)
		case kind == reflect.Struct:
			list = append(list, membersOf(f.Type, at+name+".")...)
		case kind == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
			list = append(list, membersOf(f.Type, at+name)...)
		default:
			list = append(list, at+name)
		}
	}
	return list
}
