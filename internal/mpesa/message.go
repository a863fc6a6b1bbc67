package mpesa

import (
	"time"

	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/unit"
)

// Messages are SMS that no payment tells of.
var Messages = unit.NewLog[Message]("messages")

// Message is an SMS that no payment tells of, such as a one-time PIN.
type Message struct {
	ID    int64
	Phone msisdn.Number
	At    int64 // milliseconds
	Text  string
}

// Send sends an SMS to a phone.
func (v *View) Send(phone msisdn.Number, text string, now time.Time) {
	Messages.Add(v, Message{ID: v.NewID(), Phone: phone, At: now.UnixMilli(), Text: text})
}
