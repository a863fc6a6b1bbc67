package tables

import (
	"database/sql"
	"strconv"
	"strings"

	"github.com/kivuko/kivuko/internal/unit"
)

// Dialect is how a kind of database wants its SQL. A value of a column's type is bound and scanned the same way in all of them.
type Dialect struct {
	Name     string
	Snapshot sql.IsolationLevel // at which all queries of a transaction see the same
	JSON     string             // after a text it makes a document whose members SQL can select

	keys  func(i int, c unit.Column) string // selects a column of a key that comes in a JSON array
	elems string                            // selects the arrays

	numbered bool // placeholders are $1, $2 … instead of ?
	types    map[unit.Type]string
	begin    string               // what the database keeps beside the tables
	end      func(*Schema) string // of a CREATE TABLE
}

// SQLite has a table whose key is one number in the order of that number, and others in that of an index of their own unless told.
var SQLite = &Dialect{
	Name:     "SQLite",
	Snapshot: sql.LevelDefault,
	keys:     func(i int, _ unit.Column) string { return "value ->> " + strconv.Itoa(i) },
	elems:    "json_each(?)",
	types:    map[unit.Type]string{unit.Integer: "INTEGER", unit.String: "TEXT", unit.Bytes: "BLOB"},
	begin: `-- The tables of one Kivuko. Times are milliseconds since 1970, amounts are cents.
-- Rows that are written with every payment have short numbers for keys, and are appended to: no index here is written at random.

CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE ended_sessions (id TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID; -- of the console

-- What the numbers in columns mean: join them by topic, such as 'payment state'.
CREATE TABLE words (topic TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (topic, number)) STRICT, WITHOUT ROWID;
`,
	end: func(s *Schema) string {
		if s.Keys == 1 && s.Columns[0].Type == unit.Integer {
			return " STRICT"
		}
		return " STRICT, WITHOUT ROWID"
	},
}

var postgresTypes = map[unit.Type]string{unit.Integer: "bigint", unit.String: "text", unit.Bytes: "bytea"}

// PostgreSQL has storage parameters.
var PostgreSQL = &Dialect{
	Name:     "PostgreSQL",
	Snapshot: sql.LevelRepeatableRead,
	JSON:     "::json",
	keys: func(i int, c unit.Column) string {
		return "(value ->> " + strconv.Itoa(i) + ")::" + postgresTypes[c.Type]
	},
	elems:    "json_array_elements(?::json)",
	numbered: true,
	types:    postgresTypes,
	begin: `-- The tables of one Kivuko, in the schema "kivuko". Times are milliseconds since 1970, amounts are cents.
--
-- An update leaves a dead version behind. A fillfactor below 100 keeps room for the new version on the row's own page, where no index
-- needs to know of it. For payments and deliveries it would not help: they move from one partial index to none. The vacuum comes by
-- when a few percent of a table have changed instead of a fifth.

CREATE TABLE settings (name text PRIMARY KEY, value text NOT NULL) WITH (fillfactor = 50);
CREATE TABLE ended_sessions (id text PRIMARY KEY, until bigint NOT NULL); -- of the console

-- What the numbers in columns mean: join them by topic, such as 'payment state'.
CREATE TABLE words (topic text NOT NULL, number bigint NOT NULL, name text NOT NULL, PRIMARY KEY (topic, number));
`,
	end: func(s *Schema) string {
		if s.Postgres == "" {
			return ""
		}
		return " WITH (" + s.Postgres + ")"
	},
}

// OneOf is the condition that a row has one of the keys that come in one argument: a JSON array with an array for each.
func (d *Dialect) OneOf(key []unit.Column) string {
	selected := make([]string, len(key))
	for i, c := range key {
		selected[i] = d.keys(i, c)
	}
	return "(" + list(key, "") + ") IN (SELECT " + strings.Join(selected, ", ") + " FROM " + d.elems + ")"
}

// Type is the type of a column.
func (d *Dialect) Type(t unit.Type) string { return d.types[t] }

// Bind writes the placeholders of a query, which come as question marks, as the database wants them.
func (d *Dialect) Bind(query string) string {
	if !d.numbered {
		return query
	}
	var b strings.Builder
	n := 0
	for {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n++
		b.WriteString("$" + strconv.Itoa(n))
		query = after
	}
}

// Create is the script that makes all tables and fills those that are the program's.
func (d *Dialect) Create() string {
	var b strings.Builder
	b.WriteString(d.begin)
	for _, t := range All {
		d.create(&b, t.Of())
	}
	for _, l := range Logs {
		d.create(&b, l.Of())
	}
	d.create(&b, Tokens.Of())
	return b.String()
}

// create writes the statements that make a table.
func (d *Dialect) create(b *strings.Builder, s *Schema) {
	b.WriteString("\n")
	if s.About != "" {
		b.WriteString("-- " + s.About + "\n")
	}
	b.WriteString("CREATE TABLE " + s.Name + " (\n")
	for i, c := range s.Columns {
		b.WriteString("\t" + c.Name + " " + d.types[c.Type])
		if s.Keys == 1 && i == 0 {
			b.WriteString(" PRIMARY KEY")
		} else {
			b.WriteString(" NOT NULL")
		}
		if check := s.Checks[c.Name]; check != "" {
			b.WriteString(" CHECK (" + check + ")")
		}
		if i < len(s.Columns)-1 || s.Keys > 1 {
			b.WriteString(",")
		}
		b.WriteString("\n")
	}
	if s.Keys > 1 {
		b.WriteString("\tPRIMARY KEY (" + list(s.Columns[:s.Keys], "") + ")\n")
	}
	b.WriteString(")" + d.end(s) + ";\n")
	for _, x := range s.Indexes {
		if x.Only == nil || x.Only == d {
			b.WriteString(x.create(s.Name))
		}
	}
	b.WriteString(s.Own[d.Name])
}

// Index is an index of a table.
type Index struct {
	Name    string
	Columns string
	Where   string // its condition; "": it has all rows
	Unique  bool
	About   string
	Only    *Dialect // the database that has it; nil: all
}

func (x *Index) create(table string) string {
	statement := "CREATE INDEX "
	if x.Unique {
		statement = "CREATE UNIQUE INDEX "
	}
	statement += x.Name + " ON " + table + " (" + x.Columns + ")"
	if x.Where != "" {
		statement += " WHERE " + x.Where
	}
	if statement += ";"; x.About != "" {
		statement += " -- " + x.About
	}
	return statement + "\n"
}
