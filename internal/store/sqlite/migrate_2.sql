-- From version 1 to 2: operators, idempotency keys, requests that wait in a queue, and what customers receive.
CREATE TABLE operators (shortcode INTEGER NOT NULL, username TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (shortcode, username)) STRICT, WITHOUT ROWID;
CREATE TABLE idempotency (owner INTEGER NOT NULL, name TEXT NOT NULL, payment INTEGER NOT NULL, PRIMARY KEY (owner, name)) STRICT, WITHOUT ROWID;
ALTER TABLE accounts ADD COLUMN received INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN payee_previous INTEGER NOT NULL DEFAULT 0;
CREATE INDEX payments_waiting ON payments (id) WHERE state > 2;
DROP INDEX payments_accepted;
CREATE INDEX payments_accepted ON payments (accepted_at) WHERE kind IN (1, 4);
