package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/store"
)

const (
	anchorEvery = time.Minute
	lastAnchor  = time.Second // for the one at the end
)

// keepAnchors keeps an anchor of the chain each minute in which something was written, and one at the end.
func (k *App) keepAnchors(ctx context.Context) {
	ticker := time.NewTicker(anchorEvery)
	defer ticker.Stop()
	logged := "" // the day of the last one that is in the log
	for {
		select {
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastAnchor)
			defer cancel()
			k.keepAnchor(ctx, &logged)
			return
		case <-ticker.C:
			k.keepAnchor(ctx, &logged)
		}
	}
}

// keepAnchor keeps an anchor, and writes down what somebody may want to hold against the database some day: in the log once a day, and in the file of
// --anchor-to.
func (k *App) keepAnchor(ctx context.Context, logged *string) {
	a, err := store.KeepAnchor(ctx, k.store, k.clock.Now().UnixMilli(), k.keys.Sign)
	switch {
	case err != nil:
		k.config.Log.Warn("cannot keep an anchor of the books", "error", err)
	case a != nil:
		if day := time.UnixMilli(a.At).In(clock.EAT).Format(time.DateOnly); day != *logged {
			*logged = day
			k.config.Log.Info("anchor of the books", "number", a.Number, "hash", store.FormatHash(a.Hash))
		}
		if err := k.config.writeDown(a); err != nil {
			k.config.Log.Warn("cannot write an anchor of the books down", "error", err)
		}
	}
}

// writeDown appends an anchor to the file of --anchor-to.
func (c Options) writeDown(a *store.Anchor) error {
	path, ok := strings.CutPrefix(c.AnchorTo, fileScheme)
	if !ok {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(file, "%s %d %s\n", time.UnixMilli(a.At).In(clock.EAT).Format(time.RFC3339), a.Number, store.FormatHash(a.Hash))
	return errors.Join(err, file.Close())
}

const fileScheme = "file:"

// checkAnchorTo refuses places that anchors can't be written to.
func (c Options) checkAnchorTo() error {
	if path, ok := strings.CutPrefix(c.AnchorTo, fileScheme); c.AnchorTo != "" && (!ok || path == "") {
		return fmt.Errorf("anchors are written to %q; it has to be file:PATH", c.AnchorTo)
	}
	return nil
}
