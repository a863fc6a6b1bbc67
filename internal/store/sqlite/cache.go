package sqlite

import (
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

// cache remembers rows as they are in the database, about 40 MB in all. Only what has been committed or read goes in.
type cache struct {
	rows []tables.Memory // in the order of tables.All
	open tables.Bounded[mpesa.Party, int64]
}

const cachedOpen = 65_536

func newCache() *cache {
	c := &cache{open: tables.Bounded[mpesa.Party, int64]{Most: cachedOpen}}
	for _, t := range tables.All {
		c.rows = append(c.rows, t.Remember())
	}
	return c
}

// learn remembers what a committed view has changed.
func (c *cache) learn(v *unit.View) {
	for _, m := range c.rows {
		m.Learn(v)
	}
	for p := range mpesa.Changed(v) {
		open, known := c.open.Get(p.Payer)
		switch {
		case p.State == mpesa.Prompting:
			c.open.Put(p.Payer, p.ID)
		case known && open == p.ID: // and not another one, beside which money was moved
			c.open.Put(p.Payer, 0)
		}
	}
}
