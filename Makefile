# `make test` is everything that a change has to pass; `make build` gives bin/kivuko.

LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: test lint fuzz build profile bench fmt clean

lint:
	go run $(LINT) run ./...

test:
	scripts/ensure-tools.sh
	@unformatted=$$(gofmt -l .) && test -z "$$unformatted" || { echo "run make fmt: $$unformatted" >&2; exit 1; }
	go vet -pgo=off ./...
	go run $(LINT) run ./...
	KIVUKO_REQUIRE_POSTGRES=1 KIVUKO_REQUIRE_CHROMIUM=1 go test -race -pgo=off -timeout 25m ./...
	scripts/fuzz.sh

fuzz:
	scripts/fuzz.sh

build:
	CGO_ENABLED=0 go build -buildvcs=auto -trimpath -o bin/kivuko ./cmd/kivuko

# What go build optimises by: a profile of all APIs under load (docs/performance.md). It is worth making again when much has been renamed.
profile:
	go run ./cmd/kivuko-bench --api mix --duration 30s --profile cmd/kivuko/default.pgo

bench:
	go test -run '^$$' -bench . -benchmem ./internal/...

fmt:
	gofmt -w .

clean:
	rm -rf bin
