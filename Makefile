# `make test` is everything that a change has to pass; `make build` gives bin/kivuko.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: test fuzz build bench fmt clean

test:
	scripts/ensure-tools.sh
	@unformatted=$$(gofmt -l .) && test -z "$$unformatted" || { echo "run make fmt: $$unformatted" >&2; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	KIVUKO_REQUIRE_POSTGRES=1 KIVUKO_REQUIRE_CHROMIUM=1 go test -race -timeout 25m ./...
	scripts/fuzz.sh

fuzz:
	scripts/fuzz.sh

build:
	CGO_ENABLED=0 go build -trimpath -o bin/kivuko ./cmd/kivuko

bench:
	go test -run '^$$' -bench . -benchmem ./internal/...

fmt:
	gofmt -w .

clean:
	rm -rf bin
