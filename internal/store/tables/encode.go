package tables

import (
	"encoding/binary"
	"fmt"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// appendRecent appends the stored form of a wallet's recent payments: for each the amount in cents and the milliseconds since
// the one before, as varints.
func appendRecent(b []byte, recent []mpesa.Recent) []byte {
	last := int64(0)
	for _, r := range recent {
		b = binary.AppendUvarint(b, uint64(r.Amount))
		b = binary.AppendUvarint(b, uint64(r.At-last))
		last = r.At
	}
	return b
}

// parseRecent reads what appendRecent wrote.
func parseRecent(b []byte) ([]mpesa.Recent, error) {
	var recent []mpesa.Recent
	last := int64(0)
	for len(b) > 0 {
		amount, n := binary.Uvarint(b)
		since, m := binary.Uvarint(b[max(n, 0):])
		if n <= 0 || m <= 0 {
			return nil, fmt.Errorf("a wallet's recent payments are not readable: %x", b)
		}
		last += int64(since)
		recent = append(recent, mpesa.Recent{Amount: money.Amount(amount), At: last})
		b = b[n+m:]
	}
	return recent, nil
}
