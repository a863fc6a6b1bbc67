package developer

import (
	"context"
	"encoding/json"
	"fmt"
	"go/format"
	"reflect"
	"strconv"
	"strings"

	"github.com/kivuko/kivuko/daraja"
)

// goCall is how package daraja asks for an API: the name of the client's method, and what it takes.
type goCall struct {
	method  string
	request reflect.Type
}

func goCallOf[R, A any](method string, _ func(*daraja.Client, context.Context, R) (A, error)) goCall {
	return goCall{method, reflect.TypeFor[R]()}
}

// goCalls are by the paths of the APIs.
func goCalls() map[string]goCall {
	return map[string]goCall{
		"/mpesa/stkpush/v1/processrequest":              goCallOf("STKPush", (*daraja.Client).STKPush),
		"/mpesa/stkpushquery/v1/query":                  goCallOf("STKQuery", (*daraja.Client).STKQuery),
		"/mpesa/c2b/v1/registerurl":                     goCallOf("RegisterURLV1", (*daraja.Client).RegisterURLV1),
		"/mpesa/c2b/v2/registerurl":                     goCallOf("RegisterURL", (*daraja.Client).RegisterURL),
		"/mpesa/c2b/v1/simulate":                        goCallOf("SimulateC2BV1", (*daraja.Client).SimulateC2BV1),
		"/mpesa/c2b/v2/simulate":                        goCallOf("SimulateC2B", (*daraja.Client).SimulateC2B),
		"/mpesa/b2c/v1/paymentrequest":                  goCallOf("B2CV1", (*daraja.Client).B2CV1),
		"/mpesa/b2c/v3/paymentrequest":                  goCallOf("B2C", (*daraja.Client).B2C),
		"/mpesa/b2pochi/v1/paymentrequest":              goCallOf("B2Pochi", (*daraja.Client).B2Pochi),
		"/mpesa/b2b/v1/paymentrequest":                  goCallOf("B2B", (*daraja.Client).B2B),
		"/mpesa/b2b/v1/remittax":                        goCallOf("RemitTax", (*daraja.Client).RemitTax),
		"/mpesa/reversal/v1/request":                    goCallOf("Reverse", (*daraja.Client).Reverse),
		"/mpesa/transactionstatus/v1/query":             goCallOf("TransactionStatus", (*daraja.Client).TransactionStatus),
		"/mpesa/accountbalance/v1/query":                goCallOf("AccountBalance", (*daraja.Client).AccountBalance),
		"/mpesa/qrcode/v1/generate":                     goCallOf("GenerateQR", (*daraja.Client).GenerateQR),
		"/pulltransactions/v1/register":                 goCallOf("PullRegister", (*daraja.Client).PullRegister),
		"/pulltransactions/v1/query":                    goCallOf("PullQuery", (*daraja.Client).PullQuery),
		"/v1/ussdpush/get-msisdn":                       goCallOf("B2BExpress", (*daraja.Client).B2BExpress),
		"/standingorder/v1/createStandingOrderExternal": goCallOf("CreateStandingOrder", (*daraja.Client).CreateStandingOrder),
		"/sfcverify/v1/query/info":                      goCallOf("OrgInfo", (*daraja.Client).OrgInfo),
		"/mpesa/b2c/hakikisha/v1/hakikisha":             goCallOf("Hakikisha", (*daraja.Client).Hakikisha),
		"/imsi/v1/checkATI":                             goCallOf("CheckIMSI", (*daraja.Client).CheckIMSI),
		"/imsi/v2/checkATI":                             goCallOf("CheckSwap", (*daraja.Client).CheckSwap),
	}
}

// field is the name of the request's field that is written as a member; "" when there is none.
func (c goCall) field(name string) string {
	for i := range c.request.NumField() {
		f := c.request.Field(i)
		written, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if written == "" {
			written = f.Name
		}
		if written == name {
			return f.Name
		}
	}
	return ""
}

var golang = language{plus: " + ",
	quote: strconv.Quote,
	mark: func(mark string) string {
		return map[string]string{timestampMark: `time.Now().In(time.FixedZone("EAT", 3*60*60)).Format("20060102150405")`, passwordMark: `os.Getenv("PASSWORD")`,
			credentialMark: `os.Getenv("SECURITY_CREDENTIAL")`, uniqueMark: "rand.Text()"}[mark]
	},
}

// goSample uses package daraja. It makes Password and Timestamp itself where the body has the mark of a password.
func goSample(r *request) string {
	client := fmt.Sprintf("daraja.New(%q, %q, os.Getenv(\"CONSUMER_SECRET\"))", r.Base, r.Key)
	var body strings.Builder
	call := goCalls()[r.API.Path]
	switch {
	case r.path() == "":
		body.WriteString("answer, err := client.Token(context.Background())\n")
	case r.signs():
		client = strings.TrimSuffix(client, ")") + `, daraja.WithPasskey(os.Getenv("PASSKEY")))`
	}
	if r.path() != "" {
		fmt.Fprintf(&body, "answer, err := client.%s(context.Background(), %s{\n", call.method, call.request)
		for _, m := range r.Body {
			body.WriteString(goMember(call, r, m))
		}
		body.WriteString("})\n")
	}
	code := `package main

import (
"context"
` + when(r.uses(uniqueMark), "\"crypto/rand\"\n") + `"fmt"
"log"
"os"
` + when(r.uses(timestampMark) && !r.signs(), "\"time\"\n") + `
"github.com/kivuko/kivuko/daraja"
)

func main() {
` + when(r.uses(credentialMark), "// "+credentialHelp+"\n") + "client := " + client + "\n" + body.String() + `if err != nil {
log.Fatal(err)
}
fmt.Printf("%+v\n", answer)
}
`
	formatted, err := format.Source([]byte(code))
	if err != nil {
		return code // only a defect gets here, and the sample shows it
	}
	return string(formatted)
}

// signs reports whether the client makes Password and Timestamp.
func (r *request) signs() bool { return r.Body.Text("Password") == "{{"+passwordMark+"}}" }

// goMember writes a member of the body as a field of the request.
func goMember(call goCall, r *request, m member) string {
	name := call.field(m.Name)
	switch {
	case name == "":
		return "// The client has no field " + string(quoted(m.Name)) + ".\n"
	case r.signs() && (m.Name == "Password" || m.Name == "Timestamp"):
		return "" // by WithPasskey
	case m.Value[0] == '{' || m.Value[0] == '[':
		return fmt.Sprintf("%s: %s,\n", name, goLiteral(call, name, m.Value))
	}
	return fmt.Sprintf("%s: %s,\n", name, golang.text(text(m.Value)))
}

// goLiteral writes an object or a list as a value of the request's field.
func goLiteral(call goCall, field string, value json.RawMessage) string {
	f, _ := call.request.FieldByName(field)
	v := reflect.New(f.Type)
	if err := json.Unmarshal(value, v.Interface()); err != nil {
		return "nil // " + strings.ReplaceAll(err.Error(), "\n", " ")
	}
	return fmt.Sprintf("%#v", v.Elem())
}
