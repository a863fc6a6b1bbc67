package sqlite

import (
	"zombiezen.com/go/sqlite/sqlitex"

	"zombiezen.com/go/sqlite"

	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

// onlyChain is the number of the chain: there is one writer, and so one chain.
const onlyChain = 1

// chain has the last unit of the chain.
type chain struct {
	*tables.Sealer
	seq  int64
	hash []byte
}

// readChain reads how far the chain has come.
func (s *Store) readChain() error {
	s.chain = chain{Sealer: &tables.Sealer{}}
	return sqlitex.Execute(s.conn, "SELECT seq, hash FROM units WHERE chain = ? ORDER BY seq DESC LIMIT 1", &sqlitex.ExecOptions{
		Args: []any{onlyChain},
		ResultFunc: func(stmt *sqlite.Stmt) error {
			s.chain.seq, s.chain.hash = stmt.ColumnInt64(0), make([]byte, stmt.ColumnLen(1))
			stmt.ColumnBytes(1, s.chain.hash)
			return nil
		},
	})
}

// seal adds the unit's row to the view, and gives the chain as it is when that is on disk. A unit that the chain vouches for nothing of has none.
func (c chain) seal(v *unit.View) chain {
	l := c.Seal(v, onlyChain, c.seq+1, c.hash)
	if l.Hash == nil {
		return c
	}
	store.Links.Add(v, l)
	c.seq, c.hash = l.Seq, l.Hash
	return c
}
