-- The tables of one Kivuko, version 2. Times are milliseconds since 1970, amounts are cents.
-- Rows that are written with every payment have short numbers for keys, and are appended to: no index here is written at random.

CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE organisations (shortcode INTEGER PRIMARY KEY, document TEXT NOT NULL) STRICT;
CREATE TABLE operators (shortcode INTEGER NOT NULL, username TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (shortcode, username)) STRICT, WITHOUT ROWID;
CREATE TABLE apps (consumer_key TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE tokens (token TEXT PRIMARY KEY, app TEXT NOT NULL, products TEXT NOT NULL, issued INTEGER NOT NULL, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_expiry ON tokens (expires);

CREATE TABLE subscribers (
	msisdn INTEGER PRIMARY KEY, name TEXT NOT NULL, pin BLOB NOT NULL, wrong_pins INTEGER NOT NULL, unanswered INTEGER NOT NULL,
	blocked_until INTEGER NOT NULL, answers TEXT NOT NULL, after_ms INTEGER NOT NULL, limits TEXT NOT NULL, standing TEXT NOT NULL
) STRICT;

-- id is party × 16 + kind. day, spent, received, recent and last_accepted are of customers' wallets.
CREATE TABLE accounts (
	id INTEGER PRIMARY KEY, balance INTEGER NOT NULL, held INTEGER NOT NULL, day INTEGER NOT NULL, spent INTEGER NOT NULL,
	received INTEGER NOT NULL, recent BLOB, last_payment INTEGER NOT NULL, last_accepted INTEGER NOT NULL
) STRICT;

CREATE TABLE payments (
	id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, state INTEGER NOT NULL, payer INTEGER NOT NULL, payee INTEGER NOT NULL,
	business INTEGER NOT NULL, amount INTEGER NOT NULL, accepted_at INTEGER NOT NULL, due_at INTEGER NOT NULL,
	finished_at INTEGER NOT NULL, result TEXT NOT NULL, previous INTEGER NOT NULL,
	payee_previous INTEGER NOT NULL, details TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX payments_open ON payments (payer) WHERE state = 0; -- one prompt on a phone
CREATE INDEX payments_waiting ON payments (id) WHERE state > 2;         -- queued, or being validated
-- of customers' payments: finds a CheckoutRequestID, and what Pull asks for
CREATE INDEX payments_accepted ON payments (accepted_at) WHERE kind IN (1, 4);

-- What one payment only may have, such as an OriginatorConversationID (whose owner is the shortcode).
CREATE TABLE idempotency (owner INTEGER NOT NULL, name TEXT NOT NULL, payment INTEGER NOT NULL, PRIMARY KEY (owner, name)) STRICT, WITHOUT ROWID;

-- id is payment × 16 + a count.
CREATE TABLE transfers (
	id INTEGER PRIMARY KEY, debit INTEGER NOT NULL, credit INTEGER NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0),
	kind INTEGER NOT NULL, at INTEGER NOT NULL, debit_after INTEGER NOT NULL, credit_after INTEGER NOT NULL
) STRICT;

-- id is payment × 16 + a count.
CREATE TABLE deliveries (
	id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, state INTEGER NOT NULL, owner INTEGER NOT NULL, due_at INTEGER NOT NULL,
	url TEXT NOT NULL, attempts TEXT NOT NULL
) STRICT;
CREATE INDEX deliveries_pending ON deliveries (id) WHERE state = 0;
