package control

import "fmt"

// ProblemType is the media type of a Problem.
const ProblemType = "application/problem+json"

// Problem is why a request was refused (RFC 9457).
type Problem struct {
	Type   string    `json:"type" doc:"Which problem it is."`
	Title  string    `json:"title" jsonschema:"minLength=1" doc:"The kind of problem."`
	Status int       `json:"status" jsonschema:"minimum=400,maximum=599" doc:"The HTTP status."`
	Detail string    `json:"detail" jsonschema:"minLength=1" doc:"What is wrong here, and what would be right."`
	Field  string    `json:"field,omitempty" doc:"The field or parameter that is wrong."`
	Checks []Failure `json:"checks,omitempty" doc:"Of health: what doesn't work."`

	Payment int64 `json:"payment,omitempty" jsonschema:"minimum=1" doc:"Of an unknown outcome: the payment that it may have become."`

	Rows []BulkRowProblem `json:"rows,omitempty" doc:"Of a bulk file: the rows that would not be paid."`
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
