package mpesa

import (
	"maps"
	"slices"
)

// With gives the same rules but for the standard limits, which change changes.
func (r *Rulebook) With(change func(*Limits)) *Rulebook {
	changed := &Rulebook{tariffs: r.tariffs, limits: maps.Clone(r.limits)}
	versions := slices.Clone(r.limits[standard])
	change(&versions[len(versions)-1])
	changed.limits[standard] = versions
	return changed
}
