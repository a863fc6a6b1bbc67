package control

import "strconv"

// The topics of the console's events that are always the same: any payment or callback has changed, a request has come to the gateway.
const (
	PaymentsTopic  = "payments"
	CallbacksTopic = "callbacks"
	JournalTopic   = "journal"
)

// PaymentTopic returns the topic of a payment and its callbacks.
func PaymentTopic(id int64) string { return "payment:" + strconv.FormatInt(id, 10) }

// PhoneTopic returns the topic of a phone, as Phone.MSISDN has its number: its owner, the wallet, and payments that they have a part in.
func PhoneTopic(msisdn string) string { return "phone:" + msisdn }

// OrganisationTopic returns the topic of an organisation: itself, its accounts, its operators, and payments that it has a part in.
func OrganisationTopic(shortcode string) string { return "organisation:" + shortcode }

// AppTopic returns the topic of an app's requests.
func AppTopic(key string) string { return JournalTopic + ":" + key }
