# Watchbell. `make` alone says what there is.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.tools/py/bin:$(PATH)

# The window's pages are embedded in the binary; without this feature the app would look for a dev server.
FEATURES := --features watchbell/custom-protocol
UI_SOURCES := $(shell find ui/src ui/index.html ui/vite.config.ts ui/package-lock.json -type f 2>/dev/null)

.PHONY: help
help: ## Say what there is
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup ui/dist/index.html ## The whole way on this machine: stand-in, app, a patch run, alerts, pictures, a summary that must add up
	cargo build --workspace --bins --examples $(FEATURES)
	target/debug/demo

.PHONY: test
test: setup lint ui-test ## Everything: lints, unit, property, pipeline, window and browser tests
	cargo build --workspace --bins --examples $(FEATURES)
	cargo nextest run --workspace $(FEATURES)
	cargo test -q --doc --workspace $(FEATURES)
	cd ui && npm run -s e2e

.PHONY: check
check: setup-build ui/dist/index.html ## The developer's quick loop: types, core and engine tests, UI types and state
	cargo fmt --check
	cargo clippy -q --workspace --all-targets $(FEATURES) -- -D warnings
	cargo nextest run -p watchbell-core -p watchbell-engine -p watchbell-cli
	cd ui && npm run -s check && npm run -s test

.PHONY: lint
lint: ui/dist/index.html ## Format, clippy, spelling, licences and sources, UI lints
	cargo fmt --check
	cargo clippy -q --workspace --all-targets $(FEATURES) -- -D warnings
	typos
	cargo fetch --locked # the crates of the other platforms, whose licences and sources are looked at, too
	cargo deny --offline check bans licenses sources
	cd ui && npm run -s check && npm run -s lint

.PHONY: ui-test
ui-test:
	cd ui && npm run -s test

.PHONY: build
build: setup-build ui/dist/index.html ## Release binaries: target/release/watchbell and target/release/watchbellctl
	cargo build --release -p watchbell -p watchbell-cli $(FEATURES)

.PHONY: run
run: build ## Start the app for real use
	target/release/watchbell

.PHONY: bench
bench: setup ui/dist/index.html ## Measure against the baselines, in one run, and print the table
	cargo build --release -p watchbell -p watchbell-cli -p watchbell-tests --bins $(FEATURES)
	target/release/bench

.PHONY: setup
setup: ## Install what is missing for tests, demo and benchmark
	@.ci/setup test

.PHONY: setup-build
setup-build:
	@.ci/setup build

.PHONY: bindings
bindings: ## Write the UI's types anew from the shell's commands
	UPDATE_BINDINGS=1 cargo nextest run -p watchbell $(FEATURES) bindings

ui/dist/index.html: $(UI_SOURCES)
	@.ci/setup build
	cd ui && npm run -s build
	@touch $@
