-- The tables of one Kivuko. Times are milliseconds since 1970, amounts are cents.
-- Rows that are written with every payment have short numbers for keys, and are appended to: no index here is written at random.

CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE ended_sessions (id TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID; -- of the console

-- What the numbers in columns mean: join them by topic, such as 'payment state'.
CREATE TABLE words (topic TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (topic, number)) STRICT, WITHOUT ROWID;

-- owner and has_urls are the document's, for their indexes.
CREATE TABLE organisations (
	shortcode INTEGER PRIMARY KEY,
	owner INTEGER NOT NULL,
	has_urls INTEGER NOT NULL,
	document TEXT NOT NULL
) STRICT;
CREATE INDEX organisations_owned ON organisations (owner, shortcode) WHERE owner <> 0;
CREATE INDEX organisations_with_urls ON organisations (shortcode) WHERE has_urls = 1;

CREATE TABLE apps (
	consumer_key TEXT PRIMARY KEY,
	document TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE operators (
	shortcode INTEGER NOT NULL,
	username TEXT NOT NULL,
	document TEXT NOT NULL,
	PRIMARY KEY (shortcode, username)
) STRICT, WITHOUT ROWID;

-- What one payment only may have, such as an OriginatorConversationID (whose owner is the shortcode).
CREATE TABLE idempotency (
	owner INTEGER NOT NULL,
	name TEXT NOT NULL,
	payment INTEGER NOT NULL,
	PRIMARY KEY (owner, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscribers (
	msisdn INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	pin BLOB NOT NULL,
	wrong_pins INTEGER NOT NULL,
	unfinished INTEGER NOT NULL,
	blocked_until INTEGER NOT NULL,
	answers TEXT NOT NULL,
	after_ms INTEGER NOT NULL,
	limits TEXT NOT NULL,
	standing TEXT NOT NULL,
	held_until INTEGER NOT NULL,
	holds TEXT NOT NULL,
	swapped_at INTEGER NOT NULL
) STRICT;

-- What operators have initiated. A completed one has become the payment with its number.
CREATE TABLE tasks (
	id INTEGER PRIMARY KEY,
	state INTEGER NOT NULL,
	due_at INTEGER NOT NULL,
	finished_at INTEGER NOT NULL,
	result TEXT NOT NULL,
	reason TEXT NOT NULL,
	approvals TEXT NOT NULL,
	details TEXT NOT NULL,
	payee INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	payer INTEGER NOT NULL,
	business INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	accepted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX tasks_by_business ON tasks (business, id);
CREATE INDEX tasks_waiting ON tasks (business, id) WHERE state = 5;
CREATE INDEX tasks_bulk ON tasks (business, id) WHERE kind = 17; -- an organisation's bulk files

CREATE TABLE payments (
	id INTEGER PRIMARY KEY,
	state INTEGER NOT NULL,
	due_at INTEGER NOT NULL,
	finished_at INTEGER NOT NULL,
	result TEXT NOT NULL,
	previous INTEGER NOT NULL,
	payee_previous INTEGER NOT NULL,
	payee INTEGER NOT NULL,
	reason TEXT NOT NULL,
	details TEXT NOT NULL,
	kind INTEGER NOT NULL,
	payer INTEGER NOT NULL,
	business INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	accepted_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX payments_open ON payments (payer) WHERE state = 0; -- one prompt on a phone
CREATE INDEX payments_accepted ON payments (accepted_at) WHERE kind IN (1, 4); -- finds a CheckoutRequestID, and what Pull asks for
CREATE INDEX payments_failed ON payments (result, id) WHERE result NOT IN ('', '0'); -- by what went wrong
CREATE INDEX payments_waiting ON payments (id) WHERE state > 2; -- queued, or being validated

-- What organisations have asked: how a payment stands, and what their accounts hold.
CREATE TABLE queries (
	id INTEGER PRIMARY KEY,
	state INTEGER NOT NULL,
	due_at INTEGER NOT NULL,
	finished_at INTEGER NOT NULL,
	result TEXT NOT NULL,
	reason TEXT NOT NULL,
	details TEXT NOT NULL,
	payee INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	payer INTEGER NOT NULL,
	business INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	accepted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX queries_waiting ON queries (id) WHERE state > 2; -- queued, or being validated
CREATE INDEX queries_failed ON queries (result, id) WHERE result NOT IN ('', '0'); -- by what went wrong

-- Standing orders, which make payments.
CREATE TABLE standing_orders (
	id INTEGER PRIMARY KEY,
	state INTEGER NOT NULL,
	due_at INTEGER NOT NULL,
	finished_at INTEGER NOT NULL,
	result TEXT NOT NULL,
	reason TEXT NOT NULL,
	details TEXT NOT NULL,
	payee INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	payer INTEGER NOT NULL,
	business INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	accepted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX standing_orders_waiting ON standing_orders (id) WHERE state > 2; -- queued, or being validated
CREATE UNIQUE INDEX standing_orders_open ON standing_orders (payer) WHERE state = 0; -- one prompt on a phone
CREATE INDEX standing_orders_failed ON standing_orders (result, id) WHERE result NOT IN ('', '0'); -- by what went wrong
CREATE INDEX standing_orders_by_customer ON standing_orders (payer, id); -- the messages of a phone

-- bulk is the number of the file's payment.
CREATE TABLE bulk_rows (
	bulk INTEGER NOT NULL,
	line INTEGER NOT NULL,
	payment INTEGER NOT NULL,
	phone INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	remarks TEXT NOT NULL,
	PRIMARY KEY (bulk, line)
) STRICT, WITHOUT ROWID;

-- id is payment × 16 + a count.
CREATE TABLE deliveries (
	id INTEGER PRIMARY KEY,
	state INTEGER NOT NULL,
	due_at INTEGER NOT NULL,
	attempts TEXT NOT NULL,
	kind INTEGER NOT NULL,
	owner INTEGER NOT NULL,
	url TEXT NOT NULL
) STRICT;
CREATE INDEX deliveries_in_vain ON deliveries (id) WHERE state IN (2, 3); -- the URL never answered 2xx
CREATE INDEX deliveries_pending ON deliveries (id) WHERE state = 0;

-- What waits reserves of accounts, whose held is the sum. id is its number × 16 + a count.
CREATE TABLE holds (
	id INTEGER PRIMARY KEY,
	account INTEGER NOT NULL,
	amount INTEGER NOT NULL CHECK (amount > 0)
) STRICT;

-- id is party × 16 + kind. day, spent, received, recent and last_accepted are of customers' wallets.
CREATE TABLE accounts (
	id INTEGER PRIMARY KEY,
	balance INTEGER NOT NULL,
	held INTEGER NOT NULL,
	entries INTEGER NOT NULL,
	last_entry_at INTEGER NOT NULL,
	last_payment INTEGER NOT NULL,
	day INTEGER NOT NULL,
	spent INTEGER NOT NULL,
	received INTEGER NOT NULL,
	last_accepted INTEGER NOT NULL,
	recent BLOB NOT NULL
) STRICT;

-- anchored is the seq of the last unit of the chain that an anchor names.
CREATE TABLE chains (
	chain INTEGER PRIMARY KEY,
	anchored INTEGER NOT NULL
) STRICT;

-- id is payment × 16 + a count.
CREATE TABLE transfers (
	id INTEGER PRIMARY KEY,
	debit INTEGER NOT NULL,
	credit INTEGER NOT NULL,
	amount INTEGER NOT NULL CHECK (amount > 0),
	kind INTEGER NOT NULL,
	at INTEGER NOT NULL,
	debit_after INTEGER NOT NULL,
	credit_after INTEGER NOT NULL,
	debit_entry INTEGER NOT NULL,
	credit_entry INTEGER NOT NULL
) STRICT;
CREATE INDEX transfers_debited ON transfers (debit, at, debit_entry) WHERE debit > 15 AND debit < 160000000; -- the statements of organisations' accounts
CREATE INDEX transfers_credited ON transfers (credit, at, credit_entry) WHERE credit > 15 AND credit < 160000000;

-- SMS that no payment tells of.
CREATE TABLE messages (
	msisdn INTEGER NOT NULL,
	id INTEGER NOT NULL,
	at INTEGER NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (msisdn, id)
) STRICT, WITHOUT ROWID;

-- Who did what with an organisation. Nobody changes that.
CREATE TABLE audit (
	id INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	business INTEGER NOT NULL,
	username TEXT NOT NULL,
	source TEXT NOT NULL,
	via TEXT NOT NULL,
	action TEXT NOT NULL,
	subject TEXT NOT NULL,
	payment INTEGER NOT NULL,
	refused TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_business ON audit (business, id);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;
-- REPLACE fires no trigger for what it deletes.
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
	BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;

-- What each unit of work has written, in chains: hash is over that and over the hash before. Written with the unit, a row also says that the
-- unit has committed, and keeps another one from saying anything else; void = 1: that it never will. Rows without a hash only do that.
CREATE TABLE units (
	chain INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	at INTEGER NOT NULL,
	rows BLOB NOT NULL,
	hash BLOB NOT NULL,
	void INTEGER NOT NULL,
	PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;

-- The latest units of the chains, now and then: hash is over them and over the hash before, mac is made with the installation's secret.
CREATE TABLE anchors (
	number INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	heads BLOB NOT NULL,
	hash BLOB NOT NULL,
	mac BLOB NOT NULL
) STRICT;

-- digest is the SHA-256 of an access token.
CREATE TABLE tokens (
	digest BLOB PRIMARY KEY,
	app TEXT NOT NULL,
	products TEXT NOT NULL,
	issued INTEGER NOT NULL,
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_app ON tokens (app, issued);
CREATE INDEX tokens_by_expiry ON tokens (expires);
