-- From version 2 to 3: phones that somebody holds, numbered entries and the statements that they are for, apps' and operators' audit,
-- SMS that no payment tells of, and bulk files. What was posted in one millisecond is numbered in the order of the payments.
ALTER TABLE subscribers ADD COLUMN held_until bigint NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN entries bigint NOT NULL DEFAULT 0;
ALTER TABLE transfers ADD COLUMN debit_entry bigint NOT NULL DEFAULT 0;
ALTER TABLE transfers ADD COLUMN credit_entry bigint NOT NULL DEFAULT 0;
CREATE TEMPORARY TABLE numbered ON COMMIT DROP AS SELECT id, credited, account, ROW_NUMBER() OVER (PARTITION BY account ORDER BY at, id) AS number
	FROM (SELECT id, at, debit AS account, 0 AS credited FROM transfers UNION ALL SELECT id, at, credit, 1 FROM transfers) AS sides;
UPDATE transfers SET debit_entry = n.number FROM numbered AS n WHERE n.id = transfers.id AND n.credited = 0;
UPDATE transfers SET credit_entry = n.number FROM numbered AS n WHERE n.id = transfers.id AND n.credited = 1;
UPDATE accounts SET entries = n.entries FROM (SELECT account, COUNT(*) AS entries FROM numbered GROUP BY account) AS n WHERE n.account = accounts.id;

-- The statements of organisations' accounts: their ids are from 16 and below 160000000.
CREATE INDEX transfers_debited ON transfers (debit, at, debit_entry) WHERE debit > 15 AND debit < 160000000;
CREATE INDEX transfers_credited ON transfers (credit, at, credit_entry) WHERE credit > 15 AND credit < 160000000;

-- An organisation's bulk files.
CREATE INDEX payments_bulk ON payments (business, id) WHERE kind = 17;

-- Rows of bulk files: bulk is the number of the file's payment.
CREATE TABLE bulk_rows (
	bulk bigint NOT NULL, line bigint NOT NULL, phone bigint NOT NULL, amount bigint NOT NULL, remarks text NOT NULL,
	payment bigint NOT NULL, PRIMARY KEY (bulk, line)
);

-- SMS that no payment tells of.
CREATE TABLE messages (msisdn bigint NOT NULL, id bigint NOT NULL, at bigint NOT NULL, text text NOT NULL, PRIMARY KEY (msisdn, id));

-- Who did what with an organisation. Nobody changes that.
CREATE TABLE audit (
	id bigint PRIMARY KEY, at bigint NOT NULL, business bigint NOT NULL, username text NOT NULL, source text NOT NULL,
	action text NOT NULL, subject text NOT NULL, refused text NOT NULL
);
CREATE INDEX audit_by_business ON audit (business, id);
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit is not changed'; END $$;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
