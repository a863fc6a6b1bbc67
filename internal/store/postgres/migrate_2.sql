-- From version 1 to 2: operators, idempotency keys, requests that wait in a queue, and what customers receive.
CREATE TABLE operators (shortcode bigint NOT NULL, username text NOT NULL, document text NOT NULL, PRIMARY KEY (shortcode, username));
CREATE TABLE idempotency (owner bigint NOT NULL, name text NOT NULL, payment bigint NOT NULL, PRIMARY KEY (owner, name));
ALTER TABLE accounts ADD COLUMN received bigint NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN payee_previous bigint NOT NULL DEFAULT 0;
CREATE INDEX payments_waiting ON payments (due_at) WHERE state > 2;
DROP INDEX payments_accepted;
CREATE INDEX payments_accepted ON payments (accepted_at) WHERE kind IN (1, 4)
