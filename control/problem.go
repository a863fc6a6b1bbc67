package control

import "fmt"

// ProblemType is the media type of a Problem.
const ProblemType = "application/problem+json"

// Problem is why a request was refused (RFC 9457).
type Problem struct {
	Type   string    `json:"type"` // urn:kivuko:problem:…
	Title  string    `json:"title"`
	Status int       `json:"status"`
	Detail string    `json:"detail"`
	Field  string    `json:"field,omitempty"`  // the field or parameter that is wrong
	Checks []Failure `json:"checks,omitempty"` // of health: what is wrong

	Payment int64 `json:"payment,omitempty"` // of an unknown outcome: what it may have become

	Rows []BulkRowProblem `json:"rows,omitempty"` // of a bulk file: those that would not be paid
}

// Failure is a part of the server that doesn't work.
type Failure struct {
	Name   string `json:"name"`
	Detail string `json:"detail"`
}

// Error makes a problem usable as an error.
func (p *Problem) Error() string {
	if p.Field != "" {
		return fmt.Sprintf("%s: %s", p.Field, p.Detail)
	}
	return p.Detail
}
