package apis

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// SIM swap and IMSI: when the SIM of a customer's number was swapped, and in version 1 which SIM it is (wire.md §14.9).

func checkATI() *API {
	fields := []Field{plain(Phone, "customerNumber")}
	return &API{
		Name: "checkati", Title: "SIM swap and IMSI", Product: "IMSI", Family: codes.Lookups, Source: "wire.md §14.9",
		Live: golive.Product{Name: "IMSI Production", About: "When the SIM of a number was swapped"},
		Paths: []Path{
			{Path: "/imsi/v1/checkATI", Version: 1, Serve: tellSIM, Fields: fields},
			{Path: "/imsi/v2/checkATI", Version: 2, Serve: tellSIM, Fields: fields},
		},
		Tests: []Test{
			{Name: "checkati-told", Title: "The date of the latest swap is told", How: "Ask"},
			malformed("checkati-invalid"),
		},
	}
}

const (
	swapLayout = "02-01-2006 15:04"
	longAgo    = "01-01-1900 00:00" // in the place of a swap of more than three months ago
)

// tellSIM tells when the SIM of a number was swapped. What is answered for a number that there isn't is not recorded.
func tellSIM(c *Call) (any, error) {
	number := c.phone("customerNumber")
	customer, err := store.Get(c.Context, c.Store, mpesa.Subscribers, number)
	if err != nil {
		return nil, err
	}
	answer := daraja.SIMResponse{RequestRefID: c.Mint.Refused(), ResponseCode: "200", ResponseDesc: "Success"}
	if customer == nil {
		answer.ResponseCode, answer.ResponseDesc = "404", "Not Found"
		c.Note.Code, c.Note.Explanation = "404", number.String()+" is no customer's number"
		return answer, nil
	}
	answer.LastSwapDate = longAgo
	if swapped := time.UnixMilli(customer.SwappedAt); customer.SwappedAt != 0 && !swapped.Before(c.Clock.Now().AddDate(0, -3, 0)) {
		answer.LastSwapDate = swapped.In(clock.EAT).Format(swapLayout)
	}
	if c.Path.Version == 1 {
		answer.IMSI, answer.CustomerNumber = hashedIMSI(customer), number.String()
		answer.RegistrationDate = "The number was registered more than one year ago." // Kivuko doesn't know when
	}
	return answer, nil
}

// hashedIMSI is a number of sixteen digits that the SIM has, and no other.
func hashedIMSI(s *mpesa.Subscriber) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", s.MSISDN, s.SwappedAt))
	return fmt.Sprintf("%016d", binary.BigEndian.Uint64(sum[:])%1e16)
}
