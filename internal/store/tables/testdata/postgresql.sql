-- The tables of one Kivuko, in the schema "kivuko". Times are milliseconds since 1970, amounts are cents.
--
-- An update leaves a dead version behind. A fillfactor below 100 keeps room for the new version on the row's own page, where no index
-- needs to know of it. For payments and deliveries it would not help: they move from one partial index to none. The vacuum comes by
-- when a few percent of a table have changed instead of a fifth.

CREATE TABLE settings (name text PRIMARY KEY, value text NOT NULL) WITH (fillfactor = 50);
CREATE TABLE ended_sessions (id text PRIMARY KEY, until bigint NOT NULL); -- of the console

-- What the numbers in columns mean: join them by topic, such as 'payment state'.
CREATE TABLE words (topic text NOT NULL, number bigint NOT NULL, name text NOT NULL, PRIMARY KEY (topic, number));

-- owner and has_urls are the document's, for their indexes.
CREATE TABLE organisations (
	shortcode bigint PRIMARY KEY,
	owner bigint NOT NULL,
	has_urls bigint NOT NULL,
	document text NOT NULL
);
CREATE INDEX organisations_owned ON organisations (owner, shortcode) WHERE owner <> 0;
CREATE INDEX organisations_with_urls ON organisations (shortcode) WHERE has_urls = 1;

CREATE TABLE apps (
	consumer_key text PRIMARY KEY,
	document text NOT NULL
);

CREATE TABLE operators (
	shortcode bigint NOT NULL,
	username text NOT NULL,
	document text NOT NULL,
	PRIMARY KEY (shortcode, username)
);

-- What one payment only may have, such as an OriginatorConversationID (whose owner is the shortcode).
CREATE TABLE idempotency (
	owner bigint NOT NULL,
	name text NOT NULL,
	payment bigint NOT NULL,
	PRIMARY KEY (owner, name)
);

CREATE TABLE subscribers (
	msisdn bigint PRIMARY KEY,
	name text NOT NULL,
	pin bytea NOT NULL,
	wrong_pins bigint NOT NULL,
	unfinished bigint NOT NULL,
	blocked_until bigint NOT NULL,
	answers text NOT NULL,
	after_ms bigint NOT NULL,
	limits text NOT NULL,
	standing text NOT NULL,
	held_until bigint NOT NULL,
	holds text NOT NULL,
	swapped_at bigint NOT NULL
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);

-- What operators have initiated. A completed one has become the payment with its number.
CREATE TABLE tasks (
	id bigint PRIMARY KEY,
	state bigint NOT NULL,
	due_at bigint NOT NULL,
	finished_at bigint NOT NULL,
	result text NOT NULL,
	reason text NOT NULL,
	approvals text NOT NULL,
	details text NOT NULL,
	payee bigint NOT NULL,
	kind bigint NOT NULL,
	payer bigint NOT NULL,
	business bigint NOT NULL,
	amount bigint NOT NULL,
	accepted_at bigint NOT NULL
);
CREATE INDEX tasks_by_business ON tasks (business, id);
CREATE INDEX tasks_waiting ON tasks (business, id) WHERE state = 5;
CREATE INDEX tasks_bulk ON tasks (business, id) WHERE kind = 17; -- an organisation's bulk files

CREATE TABLE payments (
	id bigint PRIMARY KEY,
	state bigint NOT NULL,
	due_at bigint NOT NULL,
	finished_at bigint NOT NULL,
	result text NOT NULL,
	previous bigint NOT NULL,
	payee_previous bigint NOT NULL,
	payee bigint NOT NULL,
	reason text NOT NULL,
	details text NOT NULL,
	kind bigint NOT NULL,
	payer bigint NOT NULL,
	business bigint NOT NULL,
	amount bigint NOT NULL,
	accepted_at bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE UNIQUE INDEX payments_open ON payments (payer) WHERE state = 0; -- one prompt on a phone
CREATE INDEX payments_due ON payments (due_at) WHERE state = 0;
CREATE INDEX payments_accepted ON payments (accepted_at) WHERE kind IN (1, 4); -- finds a CheckoutRequestID, and what Pull asks for
CREATE INDEX payments_failed ON payments (result, id) WHERE result NOT IN ('', '0'); -- by what went wrong
CREATE INDEX payments_waiting ON payments (due_at) WHERE state > 2; -- queued, or being validated

-- What organisations have asked: how a payment stands, and what their accounts hold.
CREATE TABLE queries (
	id bigint PRIMARY KEY,
	state bigint NOT NULL,
	due_at bigint NOT NULL,
	finished_at bigint NOT NULL,
	result text NOT NULL,
	reason text NOT NULL,
	details text NOT NULL,
	payee bigint NOT NULL,
	kind bigint NOT NULL,
	payer bigint NOT NULL,
	business bigint NOT NULL,
	amount bigint NOT NULL,
	accepted_at bigint NOT NULL
);
CREATE INDEX queries_waiting ON queries (due_at) WHERE state > 2; -- queued, or being validated
CREATE INDEX queries_failed ON queries (result, id) WHERE result NOT IN ('', '0'); -- by what went wrong

-- Standing orders, which make payments.
CREATE TABLE standing_orders (
	id bigint PRIMARY KEY,
	state bigint NOT NULL,
	due_at bigint NOT NULL,
	finished_at bigint NOT NULL,
	result text NOT NULL,
	reason text NOT NULL,
	details text NOT NULL,
	payee bigint NOT NULL,
	kind bigint NOT NULL,
	payer bigint NOT NULL,
	business bigint NOT NULL,
	amount bigint NOT NULL,
	accepted_at bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX standing_orders_waiting ON standing_orders (due_at) WHERE state > 2; -- queued, or being validated
CREATE UNIQUE INDEX standing_orders_open ON standing_orders (payer) WHERE state = 0; -- one prompt on a phone
CREATE INDEX standing_orders_due ON standing_orders (due_at) WHERE state = 0;
CREATE INDEX standing_orders_failed ON standing_orders (result, id) WHERE result NOT IN ('', '0'); -- by what went wrong
CREATE INDEX standing_orders_by_customer ON standing_orders (payer, id); -- the messages of a phone

-- bulk is the number of the file's payment.
CREATE TABLE bulk_rows (
	bulk bigint NOT NULL,
	line bigint NOT NULL,
	payment bigint NOT NULL,
	phone bigint NOT NULL,
	amount bigint NOT NULL,
	remarks text NOT NULL,
	PRIMARY KEY (bulk, line)
);

-- id is payment × 16 + a count.
CREATE TABLE deliveries (
	id bigint PRIMARY KEY,
	state bigint NOT NULL,
	due_at bigint NOT NULL,
	attempts text NOT NULL,
	kind bigint NOT NULL,
	owner bigint NOT NULL,
	url text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX deliveries_in_vain ON deliveries (id) WHERE state IN (2, 3); -- the URL never answered 2xx
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 0;

-- What waits reserves of accounts, whose held is the sum. id is its number × 16 + a count.
CREATE TABLE holds (
	id bigint PRIMARY KEY,
	account bigint NOT NULL,
	amount bigint NOT NULL CHECK (amount > 0)
) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- id is party × 16 + kind. day, spent, received, recent and last_accepted are of customers' wallets.
CREATE TABLE accounts (
	id bigint PRIMARY KEY,
	balance bigint NOT NULL,
	held bigint NOT NULL,
	entries bigint NOT NULL,
	last_entry_at bigint NOT NULL,
	last_payment bigint NOT NULL,
	day bigint NOT NULL,
	spent bigint NOT NULL,
	received bigint NOT NULL,
	last_accepted bigint NOT NULL,
	recent bytea NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- anchored is the seq of the last unit of the chain that an anchor names.
CREATE TABLE chains (
	chain bigint PRIMARY KEY,
	anchored bigint NOT NULL
);

-- id is payment × 16 + a count.
CREATE TABLE transfers (
	id bigint PRIMARY KEY,
	debit bigint NOT NULL,
	credit bigint NOT NULL,
	amount bigint NOT NULL CHECK (amount > 0),
	kind bigint NOT NULL,
	at bigint NOT NULL,
	debit_after bigint NOT NULL,
	credit_after bigint NOT NULL,
	debit_entry bigint NOT NULL,
	credit_entry bigint NOT NULL
);
CREATE INDEX transfers_debited ON transfers (debit, at, debit_entry) WHERE debit > 15 AND debit < 160000000; -- the statements of organisations' accounts
CREATE INDEX transfers_credited ON transfers (credit, at, credit_entry) WHERE credit > 15 AND credit < 160000000;

-- SMS that no payment tells of.
CREATE TABLE messages (
	msisdn bigint NOT NULL,
	id bigint NOT NULL,
	at bigint NOT NULL,
	text text NOT NULL,
	PRIMARY KEY (msisdn, id)
);

-- Who did what with an organisation. Nobody changes that.
CREATE TABLE audit (
	id bigint PRIMARY KEY,
	at bigint NOT NULL,
	business bigint NOT NULL,
	username text NOT NULL,
	source text NOT NULL,
	via text NOT NULL,
	action text NOT NULL,
	subject text NOT NULL,
	payment bigint NOT NULL,
	refused text NOT NULL
);
CREATE INDEX audit_by_business ON audit (business, id);
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit is not changed'; END $$;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

-- What each unit of work has written, in chains: hash is over that and over the hash before. Written with the unit, a row also says that the
-- unit has committed, and keeps another one from saying anything else; void = 1: that it never will. Rows without a hash only do that.
CREATE TABLE units (
	chain bigint NOT NULL,
	seq bigint NOT NULL,
	at bigint NOT NULL,
	rows bytea NOT NULL,
	hash bytea NOT NULL,
	void bigint NOT NULL,
	PRIMARY KEY (chain, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- The latest units of the chains, now and then: hash is over them and over the hash before, mac is made with the installation's secret.
CREATE TABLE anchors (
	number bigint PRIMARY KEY,
	at bigint NOT NULL,
	heads bytea NOT NULL,
	hash bytea NOT NULL,
	mac bytea NOT NULL
);

-- digest is the SHA-256 of an access token.
CREATE TABLE tokens (
	digest bytea PRIMARY KEY,
	app text NOT NULL,
	products text NOT NULL,
	issued bigint NOT NULL,
	expires bigint NOT NULL
);
CREATE INDEX tokens_by_app ON tokens (app, issued);
CREATE INDEX tokens_by_expiry ON tokens (expires);
