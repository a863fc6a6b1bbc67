-- From version 2 to 3: phones that somebody holds, numbered entries and the statements that they are for, apps' and operators' audit,
-- SMS that no payment tells of, and bulk files. What was posted in one millisecond is numbered in the order of the payments.
ALTER TABLE subscribers ADD COLUMN held_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN entries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE transfers ADD COLUMN debit_entry INTEGER NOT NULL DEFAULT 0;
ALTER TABLE transfers ADD COLUMN credit_entry INTEGER NOT NULL DEFAULT 0;
CREATE TEMP TABLE numbered AS SELECT id, credited, account, ROW_NUMBER() OVER (PARTITION BY account ORDER BY at, id) AS number
	FROM (SELECT id, at, debit AS account, 0 AS credited FROM transfers UNION ALL SELECT id, at, credit, 1 FROM transfers) AS sides;
UPDATE transfers SET debit_entry = n.number FROM numbered AS n WHERE n.id = transfers.id AND n.credited = 0;
UPDATE transfers SET credit_entry = n.number FROM numbered AS n WHERE n.id = transfers.id AND n.credited = 1;
UPDATE accounts SET entries = n.entries FROM (SELECT account, COUNT(*) AS entries FROM numbered GROUP BY account) AS n WHERE n.account = accounts.id;
DROP TABLE numbered;

-- The statements of organisations' accounts: their ids are from 16 and below 160000000.
CREATE INDEX transfers_debited ON transfers (debit, at, debit_entry) WHERE debit > 15 AND debit < 160000000;
CREATE INDEX transfers_credited ON transfers (credit, at, credit_entry) WHERE credit > 15 AND credit < 160000000;

-- An organisation's bulk files.
CREATE INDEX payments_bulk ON payments (business, id) WHERE kind = 17;

-- Rows of bulk files: bulk is the number of the file's payment.
CREATE TABLE bulk_rows (
	bulk INTEGER NOT NULL, line INTEGER NOT NULL, phone INTEGER NOT NULL, amount INTEGER NOT NULL, remarks TEXT NOT NULL,
	payment INTEGER NOT NULL, PRIMARY KEY (bulk, line)
) STRICT, WITHOUT ROWID;

-- SMS that no payment tells of.
CREATE TABLE messages (msisdn INTEGER NOT NULL, id INTEGER NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (msisdn, id)) STRICT, WITHOUT ROWID;

-- Who did what with an organisation. Nobody changes that.
CREATE TABLE audit (
	id INTEGER PRIMARY KEY, at INTEGER NOT NULL, business INTEGER NOT NULL, username TEXT NOT NULL, source TEXT NOT NULL,
	action TEXT NOT NULL, subject TEXT NOT NULL, refused TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_business ON audit (business, id);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;
-- REPLACE fires no trigger for what it deletes.
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
	BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;
