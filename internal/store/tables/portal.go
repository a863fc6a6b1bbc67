package tables

import (
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/unit"
)

// Tasks are what operators have initiated.
var Tasks = define(&Table[int64, portal.Task]{
	Rows: portal.Tasks, Most: 256, Worth: func(t *portal.Task) bool { return t.State == mpesa.Approving },
	Key: func(k *int64, c *unit.Columns) { unit.Num(c, "id", k) },
	Columns: func(t *portal.Task, c *unit.Columns) {
		unit.Num(c, "id", &t.ID)
		course(&t.Header, c)
		unit.Text(c, "reason", &t.Reason)
		unit.Doc(c, "approvals", &t.Approvals, some[portal.Approval])
		unit.Doc(c, "details", &t.Details, DetailsDocument)
		c.Fixed()
		unit.Num(c, "payee", &t.Payee)
		asked(&t.Header, c)
	},
}, Facts{Lock: true, About: "What operators have initiated. A completed one has become the payment with its number.", Indexes: []Index{
	{Name: "tasks_by_business", Columns: "business, id"},
	{Name: "tasks_waiting", Columns: "business, id", Where: ToBeApproved},
	{Name: "tasks_bulk", Columns: "business, id", Where: OfBulkFiles, About: "an organisation's bulk files"},
}})

// BulkRows are the rows of bulk files.
var BulkRows = define(&Table[portal.BulkRowID, portal.BulkRow]{
	Rows: portal.BulkRows, Most: 1024, // each is read and written once
	Key: func(k *portal.BulkRowID, c *unit.Columns) {
		unit.Num(c, "bulk", &k.Bulk)
		unit.Num(c, "line", &k.Line)
	},
	Columns: func(r *portal.BulkRow, c *unit.Columns) {
		unit.Num(c, "bulk", &r.ID.Bulk)
		unit.Num(c, "line", &r.ID.Line)
		unit.Num(c, "payment", &r.Payment)
		c.Fixed()
		unit.Num(c, "phone", &r.Phone)
		unit.Num(c, "amount", &r.Amount)
		unit.Text(c, "remarks", &r.Remarks)
	},
}, Facts{Lock: true, About: "bulk is the number of the file's payment."})

// Audit says who did what with an organisation.
var Audit = defineLog(&Log[mpesa.AuditEntry]{
	Rows: mpesa.Audit,
	Columns: func(e *mpesa.AuditEntry, c *unit.Columns) {
		unit.Num(c, "id", &e.ID)
		unit.Num(c, "at", &e.At)
		unit.Num(c, "business", &e.Business)
		unit.Text(c, "username", &e.Username)
		unit.Text(c, "source", &e.From)
		unit.Text(c, "via", &e.Via)
		unit.Text(c, "action", &e.Action)
		unit.Text(c, "subject", &e.Subject)
		unit.Num(c, "payment", &e.Payment)
		unit.Text(c, "refused", &e.Refused)
	},
}, 1, Facts{
	About:   "Who did what with an organisation. Nobody changes that.",
	Indexes: []Index{{Name: "audit_by_business", Columns: "business, id"}},
	Own: map[string]string{
		SQLite.Name: `CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;
-- REPLACE fires no trigger for what it deletes.
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
	BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;
`,
		PostgreSQL.Name: `CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit is not changed'; END $$;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
`,
	},
})
