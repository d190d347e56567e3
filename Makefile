# `make` lists the targets. A date is YYYY-MM-DD; ARGS= passes more flags to the programs.

GO       ?= go
LINTER   := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
PROGRAMS := $(patsubst cmd/%/main.go,%,$(wildcard cmd/*/main.go))
# DuckDB is linked into these; the others are pure Go.
CGO      := $(filter transform course-inventory,$(PROGRAMS))
PURE     := $(filter-out $(CGO),$(PROGRAMS))

date  = $(if $(DATE),--date $(DATE))
range = $(date) $(if $(FROM),--from $(FROM)) $(if $(TO),--to $(TO))

.PHONY: help setup build demo demo-down test test-mysql test-clients test-refusals lint bench bench-canvas bench-load run extract transform load backfill status clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: ## install what build, tests and demo need (compiler, MariaDB, PostgreSQL), if absent
	@scripts/setup

build: ## build the programs into bin/
	@mkdir -p bin
	$(if $(PURE),CGO_ENABLED=0 $(GO) build -o bin/ $(PURE:%=./cmd/%))
	$(if $(CGO),CGO_ENABLED=1 $(GO) build -o bin/ $(CGO:%=./cmd/%))

demo: ## run all jobs for three nights on a simulated university, and replay them (DAYS= COURSES= DATE=)
	@scripts/setup --demo
	@echo "Building bin/ (the first time takes some minutes)"
	@# Only what it runs, and one way, so that what the programs share is compiled once.
	@$(MAKE) -s build PURE=campus CGO='course-inventory transform load'
	@$(GO) run ./internal/demo up $(if $(DAYS),--days $(DAYS)) $(if $(COURSES),--courses $(COURSES)) $(date)

demo-down: ## stop the demo's servers and remove its data
	@$(GO) run ./internal/demo down

# Vetting what the tests use compiles nothing twice; without symbols they link in half of the time.
test: setup ## check and test everything, with the race detector
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "gofmt needed:" $$unformatted >&2; exit 1; }
	$(GO) mod tidy -diff
	$(GO) -C internal/bucketd mod tidy -diff
	$(GO) vet -race ./...
	$(GO) -C internal/bucketd vet ./...
	GORACE=atexit_sleep_ms=10 $(GO) test -race -ldflags='-s -w' -timeout 30m ./...

test-mysql: setup ## test load and migrations on Oracle's MySQL too (make test uses MariaDB)
	@scripts/test-mysql/run.sh

test-refusals: setup ## every error number of a MySQL server at every statement of a load
	LOAD_REFUSALS=all $(GO) test -run TestRefusedStatements -timeout 120m ./load

test-clients: ## prove the simulated university with official and third-party clients (Python)
	@scripts/setup --clients
	@scripts/test-clients/run.sh

lint: ## run the linters
	$(GO) run $(LINTER) run

BENCH ?= .
bench: setup ## run the benchmarks that compare with the bare engines (BENCH=regexp)
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime 1x -timeout 120m ./...

bench-canvas: ## the extract of Canvas against the program of 2020 and the quota's floor
	$(GO) test -run '^$$' -bench Canvas -benchtime 1x -timeout 60m ./extract/canvas ./cmd

bench-load: setup ## the load against the server's own LOAD DATA and INSERT
	$(GO) test -run '^$$' -bench . -benchtime 1x -timeout 60m ./load

run: build ## all stages of the configured jobs (DATE=)
	bin/course-inventory run $(date) $(ARGS)

extract: build ## sources to lake (DATE=)
	@set -e; for program in $(patsubst %,bin/%,$(filter extract-%,$(PROGRAMS))); do echo "$$program" $(date) $(ARGS); "$$program" $(date) $(ARGS); done

transform: build ## raw to curated tables in the lake (DATE= or FROM= TO=)
	bin/transform $(range) $(ARGS)

load: build ## lake to MySQL (DATE= or FROM= TO=)
	bin/load $(range) $(ARGS)

backfill: build ## make what is missing of a range of dates (FROM= TO=)
	bin/course-inventory backfill $(range) $(ARGS)

status: build ## how fresh and whole the tables are
	bin/course-inventory status $(ARGS)

clean: ## remove bin/
	rm -rf bin
