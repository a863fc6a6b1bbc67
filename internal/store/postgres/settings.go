package postgres

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

const (
	putOrganisation = "INSERT INTO organisations (shortcode, document) VALUES ($1, $2) ON CONFLICT (shortcode) DO UPDATE SET document = excluded.document"
	putOperator     = "INSERT INTO operators (shortcode, username, document) VALUES ($1, $2, $3) ON CONFLICT (shortcode, username) DO UPDATE SET document = excluded.document"
	deleteOperator  = "DELETE FROM operators WHERE shortcode = $1 AND username = $2"
	putApp          = "INSERT INTO apps (consumer_key, document) VALUES ($1, $2) ON CONFLICT (consumer_key) DO UPDATE SET document = excluded.document"
	deleteApp       = "DELETE FROM apps WHERE consumer_key = $1"
	lockApps        = "SELECT consumer_key FROM apps WHERE consumer_key = ANY($1::text[]) ORDER BY consumer_key FOR UPDATE"
	endTokens       = "DELETE FROM tokens WHERE app = $1"
	sweepTokens     = "DELETE FROM tokens WHERE digest IN (SELECT digest FROM tokens WHERE expires < $1 LIMIT 100 FOR UPDATE SKIP LOCKED)"
	insertToken     = "INSERT INTO tokens (digest, app, products, issued, expires) VALUES ($1, $2, $3, $4, $5)"
)

// writeSettings queues what changes seldom, row by row: organisations, operators, apps and tokens.
func writeSettings(b *pgx.Batch, v *mpesa.View) error {
	for o := range v.Registry.Changed {
		document, err := store.Document(o)
		if err != nil {
			return err
		}
		b.Queue(putOrganisation, int64(o.Shortcode), document)
	}
	for o := range v.Operators.Changed {
		document, err := store.Document(o)
		if err != nil {
			return err
		}
		b.Queue(putOperator, int64(o.Shortcode), o.Username, document)
	}
	for id := range v.Operators.Deleted {
		b.Queue(deleteOperator, int64(id.Shortcode), id.Username)
	}
	for a := range v.Apps.Changed {
		document, err := store.Document(a)
		if err != nil {
			return err
		}
		b.Queue(putApp, a.Key, document)
	}
	for key := range v.Apps.Deleted {
		b.Queue(deleteApp, key)
		b.Queue(endTokens, key)
	}
	return writeTokens(b, v.Tokens)
}

// writeTokens queues the new tokens. Two nodes that issue the sole token of an app at once take turns at the app's row, so that
// the second one ends the first one's token.
func writeTokens(b *pgx.Batch, tokens []mpesa.Token) error {
	if len(tokens) == 0 {
		return nil
	}
	var sole []string
	for _, t := range tokens {
		if t.Sole {
			sole = append(sole, t.App)
		}
	}
	if sole != nil {
		slices.Sort(sole)
		b.Queue(lockApps, slices.Compact(sole))
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
	b.Queue(sweepTokens, tokens[len(tokens)-1].Issued)
	return nil
}
