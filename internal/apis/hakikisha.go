package apis

import (
	"strconv"
	"strings"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// B2C Hakikisha: whose a customer's number is, before an organisation pays them (wire.md §14.8).

func hakikisha() *API {
	return &API{
		Name: "hakikisha", Title: "B2C Hakikisha", Product: "B2C-Hakikisha-SandBox", Family: codes.Lookups, Source: "wire.md §14.8",
		Live: golive.Product{Name: "B2C Hakikisha Production", About: "Whose a customer's number is", Needs: mpesa.ProductB2C},
		Paths: []Path{{Path: "/mpesa/b2c/hakikisha/v1/hakikisha", Serve: tellCustomer, Fields: []Field{
			identifier("header.requestID", "the client's own id of the request").example("8aeefeea-8713-4a4d-b1b4-7b8c143b7ec1"),
			noted(text("header.timestamp", 1, 20), "seconds since 1970").example("1748933384"),
			plain(Phone, "body.msisdn"), asking("body.shortcode"),
		}}},
		Tests: []Test{
			{Name: "hakikisha-told", Title: "The name of a customer is told", How: "Ask"},
			malformed("hakikisha-invalid"),
		},
	}
}

// tellCustomer tells the name of a customer. That there is none is told in the answer's header: the HTTP status of it is not recorded.
func tellCustomer(c *Call) (any, error) {
	var answer daraja.HakikishaResponse
	answer.Header = daraja.HakikishaStatus{RequestID: c.text("header.requestID"), Timestamp: strconv.FormatInt(c.Clock.Now().Unix(), 10), Status: "200", Message: "Success"}
	business, err := c.Engine.Directory().Organisation(c.Context, c.shortcode("body.shortcode"))
	if err != nil {
		return nil, err
	}
	if business == nil {
		return nil, wrong("body.shortcode", "%s is no organisation's", c.text("body.shortcode"))
	}
	customer, err := store.Get(c.Context, c.Store, mpesa.Subscribers, c.phone("body.msisdn"))
	if err != nil {
		return nil, err
	}
	if customer == nil || customer.Standing == mpesa.Unregistered {
		answer.Header.Status, answer.Header.Message = "400", "Error"
		answer.Body.Message = "The customer does not exist."
		c.Note.Code, c.Note.Explanation = "400", c.text("body.msisdn")+" is no customer's number"
		return answer, nil
	}
	answer.Body.FirstName, answer.Body.MiddleName, answer.Body.LastName = maskedNames(customer.Name)
	return answer, nil
}

// maskedNames gives the first name in clear, and of the others the first letter (wire.md §14.8).
func maskedNames(name string) (first, middle, last string) {
	names := strings.Fields(name)
	for i, n := range names {
		switch {
		case i == 0:
			first = n
		case i == len(names)-1:
			last = maskedName(n)
		case middle == "":
			middle = maskedName(n)
		}
	}
	return first, middle, last
}

func maskedName(name string) string {
	for _, letter := range name {
		return string(letter) + "******"
	}
	return ""
}
