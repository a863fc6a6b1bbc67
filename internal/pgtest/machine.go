package pgtest

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// programs finds the directory with PostgreSQL's programs: through path first, else Debian's newest, which is not in PATH.
func programs(path, debian string) (string, error) {
	dirs, err := filepath.Glob(debian)
	if err != nil {
		return "", err
	}
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Compare(version(b), version(a)) })
	for _, dir := range append(filepath.SplitList(path), dirs...) {
		// An empty or relative entry of PATH means the working directory, which the supervisor does not share.
		if !filepath.IsAbs(dir) {
			continue
		}
		// PATH may show initdb alone, as a link to where all of them are.
		initdb, err := filepath.EvalSymlinks(filepath.Join(dir, "initdb"))
		if err == nil && complete(filepath.Dir(initdb)) {
			return filepath.Dir(initdb), nil
		}
	}
	return "", ErrMissing
}

func complete(dir string) bool {
	for _, name := range []string{"initdb", "postgres", "pg_isready", "createdb", "dropdb"} {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// version is the 15 of /usr/lib/postgresql/15/bin. What is no version comes last.
func version(dir string) float64 {
	v, err := strconv.ParseFloat(filepath.Base(filepath.Dir(dir)), 64)
	if err != nil {
		return 0
	}
	return v
}

// environment is this process's without what would steer PostgreSQL's programs elsewhere, in UTC and plain English.
// A known time zone also spares initdb its search for the machine's.
func environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, "PG") })
	return append(env, "TZ=UTC", "LC_ALL=C")
}
