package gateway_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/testworld"
)

var missingShortcode = codes.InvalidField("BusinessShortCode")

func valid(t testing.TB, b *bench) []byte {
	t.Helper()
	body, err := json.Marshal(b.PushFields())
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// A wrong Content-Type is not refused as such: the body is not read, so the first field is missing (wire.md §1).
func TestBodyIsReadOnlyWhenItIsJSONByItsContentType(t *testing.T) {
	b := newBench(t)
	books := b.Books(t)
	for _, media := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", "application/jsonp", "application/xml", "json", ";", "application/json, text/plain"} {
		for _, path := range []string{testworld.PushPath, testworld.QueryPath} {
			b.refused(t, b.send(t, http.MethodPost, path, media, valid(t, b)), missingShortcode, "Content-Type", media)
		}
	}
	if after := b.Books(t); !reflect.DeepEqual(after, books) {
		t.Errorf("the books went from %+v to %+v", books, after)
	}
	for i, media := range []string{"application/json", "application/json;charset=UTF-8", "application/json; charset=utf-8", "Application/JSON", "application/json;", " application/json "} {
		body := bytes.Replace(valid(t, b), []byte(`"10"`), []byte(`"1`+string(rune('1'+i))+`"`), 1)
		if a := b.send(t, http.MethodPost, testworld.PushPath, media, body); a.Status != 200 {
			t.Errorf("%q: HTTP %d %s", media, a.Status, a.Body)
			continue
		}
		b.enter(t, testworld.John, testworld.PIN)
	}
}

// send sends a body with the merchant's token.
func (b *bench) send(t testing.TB, method, path, media string, body []byte) testworld.Answer {
	t.Helper()
	r := b.Request(t, method, path, body)
	r.Header.Set("Authorization", "Bearer "+b.Token(t))
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	return b.Merchant.Do(t, r)
}

func TestBodiesThatAreNoRequest(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	good := string(valid(t, b))
	for name, test := range map[string]struct {
		body string
		want codes.Error
	}{
		"none":                    {"", missingShortcode},
		"blank":                   {" \r\n\t ", missingShortcode},
		"empty object":            {"{}", missingShortcode},
		"other names":             {strings.ToLower(good), missingShortcode},
		"word":                    {"hello", codes.BadPayload},
		"form":                    {"BusinessShortCode=174379&Amount=1", codes.BadPayload},
		"XML":                     {"<Envelope><Body/></Envelope>", codes.BadPayload},
		"null":                    {"null", codes.BadPayload},
		"true":                    {"true", codes.BadPayload},
		"number":                  {"174379", codes.BadPayload},
		"string":                  {`"174379"`, codes.BadPayload},
		"empty array":             {"[]", codes.BadPayload},
		"array of the request":    {"[" + good + "]", codes.BadPayload},
		"request as a string":     {`"` + strings.ReplaceAll(good, `"`, `\"`) + `"`, codes.BadPayload},
		"request twice":           {good + good, codes.BadPayload},
		"something after it":      {good + "x", codes.BadPayload},
		"a brace after it":        {good + "}", codes.BadPayload},
		"a zero byte after it":    {good + "\x00", codes.BadPayload},
		"byte order mark":         {"\xef\xbb\xbf" + good, codes.BadPayload},
		"UTF-16":                  {"{\x00}\x00", codes.BadPayload},
		"without its end":         {good[:len(good)-1], codes.BadPayload},
		"brace only":              {"{", codes.BadPayload},
		"comma too many":          {good[:len(good)-1] + ",}", codes.BadPayload},
		"comma too few":           {strings.Replace(good, `,"`, ` "`, 1), codes.BadPayload},
		"single quotes":           {strings.ReplaceAll(good, `"`, `'`), codes.BadPayload},
		"smart quotes":            {strings.ReplaceAll(good, `"`, "“"), codes.BadPayload},
		"comment":                 {"/* push */" + good, codes.BadPayload},
		"bare word as a value":    {`{"BusinessShortCode": NaN}`, codes.BadPayload},
		"number with a zero":      {`{"BusinessShortCode": 0174379}`, codes.BadPayload},
		"number with a plus":      {`{"BusinessShortCode": +174379}`, codes.BadPayload},
		"name that is no string":  {`{174379: 1}`, codes.BadPayload},
		"control character":       {"{\"BusinessShortCode\": \"17\n4379\"}", codes.BadPayload},
		"bad escape":              {`{"BusinessShortCode": "\x31"}`, codes.BadPayload},
		"half a surrogate":        {`{"BusinessShortCode": "\ud800"}`, missingShortcode},
		"invalid UTF-8":           {"{\"BusinessShortCode\": \"\xff\xfe\"}", missingShortcode},
		"huge number":             {`{"BusinessShortCode": 1` + strings.Repeat("0", 100_000) + `}`, missingShortcode},
		"100,000 brackets":        {strings.Repeat("[", 100_000), codes.BadPayload},
		"100,000 brackets inside": {`{"BusinessShortCode": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, codes.BadPayload},
		"50,000 objects inside":   {`{"BusinessShortCode": ` + strings.Repeat(`{"":`, 50_000), codes.BadPayload},
		"many fields":             {"{" + strings.Repeat(`"a":1,`, 40_000) + `"a":1}`, missingShortcode},
		"10 MB":                   {good[:len(good)-1] + `,"x":"` + strings.Repeat("x", 10<<20) + `"}`, codes.BadPayload},
		"10 MB of brackets":       {strings.Repeat("[", 10<<20), codes.BadPayload},
		"just too long":           {good + strings.Repeat(" ", 256<<10+1-len(good)), codes.BadPayload},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{testworld.PushPath, testworld.QueryPath} {
				b.refused(t, b.Post(t, path, []byte(test.body)), test.want)
				// And as it comes without a Content-Length.
				r := b.Request(t, http.MethodPost, path, nil)
				r.Body, r.ContentLength = io.NopCloser(iotest.OneByteReader(strings.NewReader(test.body[:min(len(test.body), 1000)]))), -1
				if len(test.body) > 1000 {
					r.Body = io.NopCloser(strings.NewReader(test.body))
				}
				r.Header.Set("Authorization", "Bearer "+b.Token(t))
				r.Header.Set("Content-Type", "application/json")
				b.refused(t, b.Merchant.Do(t, r), test.want)
			}
		})
	}
}

func TestLongestBodyThatIsRead(t *testing.T) {
	b := newBench(t)
	body := valid(t, b)
	body = append(body, bytes.Repeat([]byte(" "), 256<<10-len(body))...)
	if a := b.Post(t, testworld.PushPath, body); a.Status != 200 {
		t.Errorf("HTTP %d %s", a.Status, a.Body)
	}
}

func TestOfANameThatComesTwiceTheLastCounts(t *testing.T) {
	b := newBench(t)
	body := bytes.Replace(valid(t, b), []byte("{"), []byte(`{"Amount":"-1","Amount":[],`), 1)
	if a := b.Post(t, testworld.PushPath, body); a.Status != 200 {
		t.Errorf("the good one last: HTTP %d %s", a.Status, a.Body)
	}
	b.enter(t, testworld.John, "cancel")
	b.nothingMoved(t)
	body = append(bytes.TrimSuffix(valid(t, b), []byte("}")), []byte(`,"Amount":0}`)...)
	b.refused(t, b.Post(t, testworld.PushPath, body), codes.InvalidField("Amount"))
}

func TestBodyThatEndsEarly(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	for name, body := range map[string]func() io.Reader{
		"end":   func() io.Reader { return strings.NewReader("{") },
		"error": func() io.Reader { return iotest.ErrReader(io.ErrUnexpectedEOF) },
		"both":  func() io.Reader { return io.MultiReader(strings.NewReader("{"), iotest.ErrReader(io.ErrClosedPipe)) },
	} {
		for _, length := range []int64{100, -1} {
			t.Run(name, func(t *testing.T) {
				r := b.Request(t, http.MethodPost, testworld.PushPath, nil)
				r.Body, r.ContentLength = io.NopCloser(body()), length
				r.Header.Set("Authorization", "Bearer "+b.Token(t))
				r.Header.Set("Content-Type", "application/json")
				b.refused(t, b.Merchant.Do(t, r), codes.BadPayload, "body")
			})
		}
	}
}

func TestOtherMethods(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	for _, path := range []string{testworld.PushPath, testworld.QueryPath} {
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, "PURGE", "post"} {
			b.refused(t, b.send(t, method, path, "application/json", valid(t, b)), codes.MethodNotAllowed(method), "POST", method)
			r := b.Request(t, method, path, nil) // the method is looked at before the token
			b.refused(t, b.Merchant.Do(t, r), codes.MethodNotAllowed(method))
		}
	}
}

func TestUnknownPathsHaveTheirFamilysError(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	for path, family := range map[string]codes.Family{
		"/": codes.STK, "/mpesa": codes.STK, "/mpesa/stkpush/v1": codes.STK, "/mpesa/stkpush/v2/processrequest": codes.STK, "/mpesa/stkpush/v1/processrequest/": codes.STK,
		"/mpesa/stkpush/v1/ProcessRequest": codes.STK, "/mpesa/stkpush/v1//processrequest": codes.STK, "/mpesa/stkpushquery/v1/querys": codes.STK, "/mpesa/reversal/v1/nothing": codes.STK,
		"/mpesa/b2c/v2/paymentrequest": codes.Payments, "/mpesa/b2b/v1/nothing": codes.Payments, "/mpesa/b2pochi/v9/paymentrequest": codes.Payments, "/mpesa/accountbalance/v1/nothing": codes.Payments,
		"/mpesa/c2b/v3/registerurl": codes.C2B, "/mpesa/transactionstatus/v1/nothing": codes.C2B,
		"/favicon.ico": codes.STK, "/%2e%2e/%00": codes.STK, "/oauth/v2/generate": codes.STK, "/mpesa/%22%7d": codes.STK,
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			b.refused(t, b.send(t, method, path, "application/json", []byte("{}")), codes.NotFound(family), "path")
		}
		b.refused(t, b.Merchant.Do(t, b.Request(t, http.MethodPost, path, nil)), codes.NotFound(family)) // without a token
	}
}

func TestExplanationsAreBounded(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	long := strings.Repeat("\x01é", 20_000)
	b.refused(t, b.Push(t, fields{"Amount": long}), codes.InvalidField("Amount"), "Amount is")
	b.refused(t, b.Push(t, fields{"CallBackURL": "https://" + long}), codes.InvalidField("CallBackURL"))
	b.refused(t, b.Query(t, strings.Repeat("é", 40_000), nil), codes.TransactionUnknown)
	r := b.Request(t, http.MethodPost, "/"+strings.Repeat("x", 60_000), nil)
	b.refused(t, b.Merchant.Do(t, r), codes.NotFound(codes.STK))
	r = b.Request(t, http.MethodPost, testworld.PushPath, nil)
	r.Header.Set("Authorization", long+" x")
	b.refused(t, b.Merchant.Do(t, r), codes.InvalidToken(codes.STK, ""))
	for _, e := range b.journal.Entries(0, 0, 10, nil) {
		if size := len(e.Path) + len(e.Explanation) + len(e.App); size > 4096 {
			t.Errorf("HTTP %d %s takes %d bytes of the journal beside its bodies", e.Status, e.Code, size)
		}
	}
}
