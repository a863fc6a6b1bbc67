package postgres

import (
	"cmp"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/unit"
)

const (
	insertOrganisation = "INSERT INTO organisations (shortcode, document) VALUES ($1, $2)"
	updateOrganisation = "UPDATE organisations SET document = $2 WHERE shortcode = $1"
	insertOperator     = "INSERT INTO operators (shortcode, username, document) VALUES ($1, $2, $3)"
	updateOperator     = "UPDATE operators SET document = $3 WHERE shortcode = $1 AND username = $2"
	insertApp          = "INSERT INTO apps (consumer_key, document) VALUES ($1, $2)"
	updateApp          = "UPDATE apps SET document = $2 WHERE consumer_key = $1"
	deleteOperator     = "DELETE FROM operators WHERE shortcode = $1 AND username = $2"
	deleteApp          = "DELETE FROM apps WHERE consumer_key = $1"
	endTokens          = "DELETE FROM tokens WHERE app = $1"
	sweepTokens        = "DELETE FROM tokens WHERE digest IN (SELECT digest FROM tokens WHERE expires < $1 LIMIT 100 FOR UPDATE SKIP LOCKED)"
	trimTokens         = `DELETE FROM tokens WHERE digest IN (SELECT digest FROM tokens WHERE app = $1 AND issued <
		(SELECT issued FROM tokens WHERE app = $1 ORDER BY issued DESC OFFSET $2 LIMIT 1) LIMIT 100 FOR UPDATE SKIP LOCKED)`
	insertToken = "INSERT INTO tokens (digest, app, products, issued, expires) VALUES ($1, $2, $3, $4, $5)"
)

// writeSettings queues what changes seldom, row by row in the order of the keys: organisations, operators, apps and tokens. A row that
// another node has created in the meantime is a unique violation: this unit was decided without it.
func writeSettings(b *pgx.Batch, v *unit.View) error {
	for _, o := range ordered(v, mpesa.Registry, compareOrganisations) {
		document, err := store.Document(o.value)
		if err != nil {
			return err
		}
		b.Queue(either(o.isNew, insertOrganisation, updateOrganisation), int64(o.value.Shortcode), document)
	}
	for _, o := range ordered(v, mpesa.Operators, compareOperators) {
		document, err := store.Document(o.value)
		if err != nil {
			return err
		}
		b.Queue(either(o.isNew, insertOperator, updateOperator), int64(o.value.Shortcode), o.value.Username, document)
	}
	for id := range mpesa.Operators.In(v).Deleted {
		b.Queue(deleteOperator, int64(id.Shortcode), id.Username)
	}
	for _, a := range ordered(v, mpesa.Apps, compareApps) {
		document, err := store.Document(a.value)
		if err != nil {
			return err
		}
		b.Queue(either(a.isNew, insertApp, updateApp), a.value.Key, document)
	}
	for key := range mpesa.Apps.In(v).Deleted {
		b.Queue(deleteApp, key)
		b.Queue(endTokens, key)
	}
	return writeTokens(b, mpesa.Tokens.Added(v))
}

// change is a row that was changed or is new.
type change[T any] struct {
	value *T
	isNew bool
}

// ordered lists the changed rows in the order of their keys. Two units that insert the same rows then wait for each other in the same order.
func ordered[K comparable, T any](v *unit.View, table *unit.Table[K, T], compare func(a, b *T) int) []change[T] {
	var list []change[T]
	for value, isNew := range table.In(v).Changed {
		list = append(list, change[T]{value, isNew})
	}
	slices.SortFunc(list, func(a, b change[T]) int { return compare(a.value, b.value) })
	return list
}

func compareOrganisations(a, b *mpesa.Organisation) int { return cmp.Compare(a.Shortcode, b.Shortcode) }

func compareApps(a, b *mpesa.App) int { return cmp.Compare(a.Key, b.Key) }

func compareOperators(a, b *mpesa.Operator) int {
	return cmp.Or(cmp.Compare(a.Shortcode, b.Shortcode), cmp.Compare(a.Username, b.Username))
}

// writeTokens queues the new tokens. Two nodes that issue the sole token of an app at once take turns: the unit has locked the app's
// row, so that the second one ends the first one's token.
func writeTokens(b *pgx.Batch, tokens []mpesa.Token) error {
	if len(tokens) == 0 {
		return nil
	}
	for _, t := range tokens {
		products, err := store.Document(t.Products)
		if err != nil {
			return err
		}
		if t.Sole {
			b.Queue(endTokens, t.App)
		}
		b.Queue(insertToken, t.Digest[:], t.App, products, t.Issued, t.Expires)
	}
	for _, app := range store.AppsOf(tokens) {
		b.Queue(trimTokens, app, store.MostTokens-1)
	}
	b.Queue(sweepTokens, tokens[len(tokens)-1].Issued)
	return nil
}
