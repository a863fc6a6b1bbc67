package app

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/kivuko/kivuko/internal/keys"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/sqlite"
)

const keysSetting = "keys" // the fingerprint of the secrets that the database goes with

// loadKeys finds the secrets, or makes them on the first run, and sees that they go with the database.
func (k *App) loadKeys(ctx context.Context) error {
	fingerprint, err := k.store.Setting(ctx, keysSetting)
	if err != nil {
		return err
	}
	keeper := k.keeper()
	if files, ok := keeper.(keys.Files); ok {
		k.tighten(files.All()...)
	}
	if k.keys, err = keys.Load(ctx, keeper, k.config.Seed, fingerprint == ""); err != nil {
		return fmt.Errorf("cannot read the secrets of %s (%s): %w", k.Database(), describe(keeper), err)
	}
	switch kept, err := k.store.KeepSetting(ctx, keysSetting, k.keys.Fingerprint()); {
	case err != nil:
		return err
	case kept != k.keys.Fingerprint():
		return fmt.Errorf("the database %s was made with other secrets than those of %s", k.Database(), describe(keeper))
	}
	return nil
}

// checkKeyFile refuses a place for the secrets before a database is made that would go with them.
func (c Options) checkKeyFile() error {
	if c.KeyFile == "" {
		return nil
	}
	if err := (keys.Files{Prefix: c.KeyFile}).Check(); err != nil {
		return fmt.Errorf("cannot keep secrets in %s: %w", c.KeyFile, err)
	}
	return nil
}

func (k *App) keeper() keys.Keeper {
	switch {
	case k.config.KeyFile != "":
		return keys.Files{Prefix: k.config.KeyFile}
	case k.config.DB == sqlite.Memory:
		return keys.Memory{}
	case isPostgres(k.config.DB):
		return settingsKeeper{k.store}
	default:
		return keys.Files{Prefix: k.config.DB}
	}
}

func describe(k keys.Keeper) string {
	if files, ok := k.(keys.Files); ok {
		return files.Prefix + ".secret"
	}
	return "in the database"
}

// settingsKeeper keeps secrets in the database, so that nodes that share it share them.
type settingsKeeper struct{ store.Store }

func (s settingsKeeper) Get(ctx context.Context, name string) (string, error) {
	return s.Setting(ctx, "key "+name)
}

func (s settingsKeeper) Put(ctx context.Context, name, value string) (string, error) {
	return s.KeepSetting(ctx, "key "+name, value)
}

const tokenLength = 28 // of access tokens, in characters (wire.md §3)

// setChance sets random, which makes texts that nobody can guess: access tokens, apps' keys. With a seed a new database's
// repeat, run after run. Each start on a database and each node reserves a number, so that none makes the texts of another.
func (k *App) setChance(ctx context.Context) error {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var seed [32]byte
	if k.config.Seed != nil {
		start, err := k.store.Reserve(ctx, 1)
		if err != nil {
			return err
		}
		binary.LittleEndian.PutUint64(seed[:], uint64(*k.config.Seed))
		binary.LittleEndian.PutUint64(seed[8:], uint64(start))
	} else {
		crand.Read(seed[:])
	}
	var mu sync.Mutex
	chance := rand.New(rand.NewChaCha8(seed))
	k.random = func(n int) string {
		mu.Lock()
		defer mu.Unlock()
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[chance.IntN(len(letters))]
		}
		return string(b)
	}
	return nil
}
