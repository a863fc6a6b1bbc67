package tables

// Database names a kind of database.
type Database int

// The databases.
const (
	SQLite Database = iota
	PostgreSQL
)

// Index is an index of a table.
type Index struct {
	Name    string
	Columns string
	Where   string // its condition; "": it has all rows
	Unique  bool
	About   string     // a comment
	Only    []Database // that have it; nil: both
}
