#!/usr/bin/env bash
# Runs every fuzz target of the module for an equal part of FUZZ_SECONDS, by default 45 seconds in all beside building. Inputs are hardly
# minimised: with Go's default of a minute for each, the time would go there.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t targets < <(grep -rEo --include='*_test.go' '^func Fuzz\w+' . | sed -E 's|^(.*)/[^/]+:func (.*)$|\1 \2|' | sort)
test ${#targets[@]} -gt 0
each=$(awk -v all="${FUZZ_SECONDS:-45}" -v n=${#targets[@]} 'BEGIN { printf "%d", 1000 * all / n }')
for target in "${targets[@]}"; do
	read -r package name <<<"$target"
	out=$(go test -run '^$' -fuzz "^$name\$" -fuzztime "${each}ms" -fuzzminimizetime 10x "$package" 2>&1) || {
		# Go's fuzzer may take the end of its time for a failure. One that is real has written its input down.
		if ! grep -q 'context deadline exceeded' <<<"$out" || grep -q 'Failing input' <<<"$out"; then
			printf '%s\n' "$out"
			exit 1
		fi
		out="$name: its time was over"
	}
	printf '%s\n' "$out"
done
