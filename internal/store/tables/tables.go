package tables

import (
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/unit"
)

// All lists the tables in the order in which units lock and write their rows, which is the same for all units: one that waits for another one's
// row then holds only rows before it, so units never wait for each other in a circle. The rows that many want come last, and are held for the
// shortest time. Idempotency keys are read without a lock: the unique key decides who gets one. Subscribers come before what is made
// for them: where two nodes make the same customer, that is what they find out by.
var All = []Any{Organisations, Apps, Operators, Idempotency, Subscribers, Tasks, Payments, Queries, Orders, BulkRows, Deliveries, Holds, Accounts, Chains}

// Logs lists the logs but for tokens, which end others.
var Logs = []AnyLog{Transfers, Messages, Audit, Units, Anchors}

// Organisations are documents.
var Organisations = define(&Table[mpesa.Shortcode, mpesa.Organisation]{
	Rows: mpesa.Registry, Most: 256,
	Key: func(k *mpesa.Shortcode, c *unit.Columns) { unit.Num(c, "shortcode", k) },
	Columns: func(o *mpesa.Organisation, c *unit.Columns) {
		unit.Num(c, "shortcode", &o.Shortcode)
		unit.Num(c, "owner", &o.Owner)
		unit.Num(c, "has_urls", withURLs(o))
		unit.Doc(c, "document", o, nil)
	},
}, Facts{Lock: true, About: "owner and has_urls are the document's, for their indexes.", Indexes: []Index{
	{Name: "organisations_owned", Columns: "owner, shortcode", Where: Owned},
	{Name: "organisations_with_urls", Columns: "shortcode", Where: WithURLs},
}})

// withURLs is 1 for an organisation that has registered URLs for C2B.
func withURLs(o *mpesa.Organisation) *int64 {
	if o.URLs.Confirmation == "" && o.URLs.Validation == "" {
		return new(int64(0))
	}
	return new(int64(1))
}

// Operators are documents.
var Operators = define(&Table[mpesa.OperatorID, mpesa.Operator]{
	Rows: mpesa.Operators, Most: 4096,
	Key: func(k *mpesa.OperatorID, c *unit.Columns) {
		unit.Num(c, "shortcode", &k.Shortcode)
		unit.Text(c, "username", &k.Username)
	},
	Columns: func(o *mpesa.Operator, c *unit.Columns) {
		unit.Num(c, "shortcode", &o.Shortcode)
		unit.Text(c, "username", &o.Username)
		unit.Doc(c, "document", o, nil)
	},
}, Facts{Lock: true})

// Apps are documents.
var Apps = define(&Table[string, mpesa.App]{
	Rows: mpesa.Apps, Most: 256,
	Key: func(k *string, c *unit.Columns) { unit.Text(c, "consumer_key", k) },
	Columns: func(a *mpesa.App, c *unit.Columns) {
		unit.Text(c, "consumer_key", &a.Key)
		unit.Doc(c, "document", a, nil)
	},
}, Facts{Lock: true})

// Tokens are the access tokens.
var Tokens = defineLog(&Log[mpesa.Token]{
	Rows: mpesa.Tokens,
	Columns: func(t *mpesa.Token, c *unit.Columns) {
		unit.Raw(c, "digest", t.Digest[:])
		unit.Text(c, "app", &t.App)
		unit.Doc(c, "products", &t.Products, nil)
		unit.Num(c, "issued", &t.Issued)
		unit.Num(c, "expires", &t.Expires)
	},
}, 1, Facts{
	About:   "digest is the SHA-256 of an access token.",
	Indexes: []Index{{Name: "tokens_by_app", Columns: "app, issued"}, {Name: "tokens_by_expiry", Columns: "expires"}},
})

// Idempotency says which payment has a key.
var Idempotency = define(&Table[mpesa.IdempotencyKey, mpesa.KeyHolder]{
	Rows: mpesa.Idempotency, Most: 1024, // few are asked for again
	Key: func(k *mpesa.IdempotencyKey, c *unit.Columns) {
		unit.Num(c, "owner", &k.Owner)
		unit.Text(c, "name", &k.Name)
	},
	Columns: func(x *mpesa.KeyHolder, c *unit.Columns) {
		unit.Num(c, "owner", &x.Owner)
		unit.Text(c, "name", &x.Name)
		c.Fixed()
		unit.Num(c, "payment", &x.Payment)
	},
}, Facts{About: "What one payment only may have, such as an OriginatorConversationID (whose owner is the shortcode)."})

// Subscribers are the customers.
var Subscribers = define(&Table[msisdn, mpesa.Subscriber]{
	Rows: mpesa.Subscribers, Most: 65_536,
	Key: func(k *msisdn, c *unit.Columns) { unit.Num(c, "msisdn", k) },
	Columns: func(s *mpesa.Subscriber, c *unit.Columns) {
		unit.Num(c, "msisdn", &s.MSISDN)
		unit.Text(c, "name", &s.Name)
		unit.Raw(c, "pin", s.PIN[:])
		unit.Num(c, "wrong_pins", &s.WrongPINs)
		unit.Num(c, "unfinished", &s.Unfinished)
		unit.Num(c, "blocked_until", &s.BlockedUntil)
		unit.Text(c, "answers", &s.Answers)
		unit.Num(c, "after_ms", &s.AfterMS)
		unit.Text(c, "limits", &s.Limits)
		unit.Text(c, "standing", &s.Standing)
		unit.Num(c, "held_until", &s.HeldUntil)
		unit.Text(c, "holds", &s.Holds)
		unit.Num(c, "swapped_at", &s.SwappedAt)
	},
}, Facts{Lock: true, Postgres: "fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05"})
