package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
	"github.com/kivuko/kivuko/internal/store"
)

// What Options.World can be besides the path of a file in the format of internal/seedworld/world.json.
const (
	WorldSample = seedworld.Sample // the published one: app kivuko-key, passkeys and passwords that stand in the documentation
	WorldRandom = seedworld.Random // the same apps, organisations and people, with secrets of the installation's own
	WorldNone   = seedworld.None   // nothing but the provider's accounts
)

// Secret is one that was made for a new database.
type Secret struct {
	Of    string // whose it is, such as "app kivuko"
	Kind  string // what it is, such as "consumer secret"
	Value string
}

const worldSetting = "world" // how the database began: seedworld.Sample, seedworld.Random, seedworld.None or seedworld.File

// beginning is what a new database begins with.
type beginning struct {
	kind   string           // of the world: seedworld.Sample, seedworld.Random, seedworld.None or seedworld.File
	world  *seedworld.World // that is made
	pin    string           // of customers who are given none, and of those who are registered on first use
	made   []Secret         // in this start
	isHere bool             // only this machine reaches the listener
}

// chooseWorld decides what a new database begins with: what the configuration says, or, where others may reach it or production's rules
// hold, a world whose secrets nobody knows.
func (k *App) chooseWorld() (err error) {
	b := &k.began
	at, ok := k.listener.Addr().(*net.TCPAddr)
	b.isHere = ok && at.IP.IsLoopback()
	if k.config.Seed != nil && !b.isHere {
		return fmt.Errorf("a seed makes every secret predictable, and %s can be reached from other machines: it is for tests on a loopback address", at)
	}
	switch k.config.World {
	case "":
		b.kind = seedworld.Sample
		if k.isExposed() {
			b.kind = seedworld.Random
		}
	case seedworld.Sample, seedworld.Random, seedworld.None:
		b.kind = k.config.World
	default:
		b.kind = seedworld.File
	}
	if b.kind == seedworld.Sample && !b.isHere && !k.config.PublishedSecrets {
		return fmt.Errorf("the sample world's secrets are published, and %s can be reached from other machines: leave the world out or say %s for secrets of its own, "+
			"name a file, or insist with published secrets (--published-secrets)", at, WorldRandom)
	}
	b.world, err = k.config.readWorld(b.kind)
	return err
}

// isExposed reports whether published secrets would be a danger: others may come, or production's rules hold.
func (k *App) isExposed() bool { return !k.began.isHere || k.config.Profile == Strict }

// readWorld reads the world of a kind. Secrets that aren't published are missing.
func (c Options) readWorld(kind string) (*seedworld.World, error) {
	switch kind {
	case seedworld.Sample:
		return seedworld.Read()
	case seedworld.Random:
		return seedworld.Private()
	case seedworld.None:
		return &seedworld.World{}, nil
	}
	text, err := os.ReadFile(c.World)
	if err != nil {
		return nil, fmt.Errorf("cannot read the world (%s, %s, %s or a file): %w", WorldSample, WorldRandom, WorldNone, err)
	}
	rules, err := mpesa.NewRulebook()
	if err != nil {
		return nil, err
	}
	w, err := seedworld.Parse(text, rules)
	if err != nil {
		return nil, fmt.Errorf("the world %s: %w", c.World, err)
	}
	return w, nil
}

// createWorld fills an empty database. What another holds stays, whatever the configuration says.
func (k *App) createWorld(ctx context.Context) error {
	b := &k.began
	trust, err := store.Get(ctx, k.store, mpesa.Accounts, mpesa.Provider.Account(mpesa.Trust))
	if err != nil {
		return err
	}
	began := b.kind
	if trust != nil {
		began = seedworld.Sample // unless the database says otherwise
	}
	kept, err := k.store.KeepSetting(ctx, worldSetting, began) // another node may have been faster
	if err != nil {
		return err
	}
	if kept != b.kind && k.config.World != "" {
		k.config.Log.Warn("the database keeps the world that it began with: another one is for a new database", "database", k.Database(), "began with", kept, "asked for", b.kind)
	}
	mine := kept == b.kind
	b.kind, b.pin = kept, k.keys.OpeningPIN()
	if kept == seedworld.Sample {
		b.pin = seedworld.PIN
	}
	if trust == nil {
		if !mine {
			if b.world, err = k.config.readWorld(kept); err != nil {
				return err
			}
		}
		if err := k.fill(ctx); err != nil {
			return err
		}
	}
	return k.checkPublished(ctx)
}

// fill makes the world, and notes the secrets that were made for it.
func (k *App) fill(ctx context.Context) error {
	b := &k.began
	var made []seedworld.Secret
	if b.kind != seedworld.Sample {
		made = b.world.Complete(k.keys.Text, b.pin)
	}
	create := &seedworld.Create{World: b.world, PIN: k.keys.PIN, Hash: credential.Hash}
	if err := errors.Join(k.engine.Do(ctx, create), create.Failed); err != nil || !create.Made {
		return err
	}
	for _, s := range made {
		b.made = append(b.made, Secret(s))
	}
	return nil
}

// checkPublished refuses to serve secrets that everybody can read in the documentation where others may come, or where production's rules
// hold. Those who insist are warned, and those who have a password or a proxy on a loopback address: others come through a proxy then.
func (k *App) checkPublished(ctx context.Context) error {
	asked := k.began.isHere && k.config.World == seedworld.Sample
	if asked || !k.isExposed() && k.config.Password == "" && len(k.config.TrustedProxies) == 0 {
		return nil
	}
	list, err := seedworld.Published(ctx, k.store, k.began.kind == seedworld.Sample, credential.Verify)
	if err != nil || len(list) == 0 {
		return err
	}
	if k.config.PublishedSecrets || !k.isExposed() {
		for _, secret := range list {
			k.config.Log.Warn("a secret that is published in the documentation is in use: " + secret)
		}
		return nil
	}
	return fmt.Errorf("the database %s has secrets that are published in the documentation: %s. Serve it on 127.0.0.1 in the sandbox profile and replace them, "+
		"use another database, or insist with published secrets (--published-secrets)", k.Database(), strings.Join(list, "; "))
}

// Made returns the secrets that this start has made for a new database. Passwords and PINs among them can't be had again: their hashes
// are all that is kept. The others are shown by the control API.
func (k *App) Made() []Secret { return k.began.made }
