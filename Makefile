# Needs Rust, Node.js 20 or newer and make; `make test` says what else it wants.
# Works with the make of macOS (3.81).

.NOTPARALLEL:
.DEFAULT_GOAL := help
SHELL := /bin/sh

TARGET_DIR := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
CLI := cargo run --quiet --package banto-server --bin banto --

CONSOLE := console-web
BIN := $(CONSOLE)/node_modules/.bin
# In the folder that it speaks of, so that both go together.
INSTALLED := $(CONSOLE)/node_modules/.installed
BUILT := $(CONSOLE)/dist/index.html
# Directories too: one changes when a file in it goes. The documentation is part
# of the console.
CONSOLE_SOURCES := $(shell find $(CONSOLE)/src $(CONSOLE)/public docs 2>/dev/null) \
	$(wildcard $(CONSOLE)/index.html $(CONSOLE)/*.json $(CONSOLE)/*.ts)

BANTO_BIN := $(abspath $(TARGET_DIR))/debug/banto
# What tests use and nobody else needs.
TOOLS := $(abspath $(TARGET_DIR))/tools

.PHONY: help run test lint fmt bench dist test-peers
.PHONY: console proto-check proto-image proto-generate lint-rust lint-console
.PHONY: test-rust test-console test-clients clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

run: console ## Build everything and start Banto; ARGS="--listen 127.0.0.1:0" passes flags
	@test -x $(BANTO_BIN) || echo "building the server; the first time takes some minutes" >&2
	@cargo build --package banto-server --bin banto
	@$(CLI) serve $(ARGS)

test: ## Run every check and every test
	@.ci/require build test
	@$(MAKE) proto-check lint-rust lint-console test-console console test-rust test-clients
	@echo "everything passed"

lint: proto-check lint-rust lint-console ## Check formats, lints and the API's compatibility

fmt: ## Format the Rust sources
	cargo fmt --all

bench: console ## Measure; BENCH_QUICK=1 for two minutes; docs/performance.md says how to read it
	cargo build --release --package banto-server --bin banto
	BANTO_BIN=$(abspath $(TARGET_DIR))/release/banto \
		cargo bench --package banto-integration-tests --bench performance --bench browser
	cargo run --release --package banto-plan --example speed

dist: console ## Put a stripped binary, with the console inside, into dist/
	cargo build --release --locked --package banto-server --bin banto
	@mkdir -p dist
	@cp $(TARGET_DIR)/release/banto dist/banto
	@ls -l dist/banto

test-peers: ## Talk to a real llama.cpp server with a tiny random model (builds for minutes)
	@.ci/require build python
	cargo build --package banto-server --bin banto
	BANTO_BIN=$(BANTO_BIN) integration-tests/peers/run

# The parts.

console: $(BUILT)

$(INSTALLED): $(CONSOLE)/package.json $(CONSOLE)/package-lock.json
	@.ci/require build
	@echo "installing what the console is built with" >&2
	@cd $(CONSOLE) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILT): $(INSTALLED) $(CONSOLE_SOURCES)
	@echo "building the console" >&2
	@cd $(CONSOLE) && npm run --silent build -- --logLevel warn
	@touch $@

proto-check: $(INSTALLED) ## Lint the API, compare it with proto/image.binpb and with the generated code
	$(BIN)/buf lint
	$(BIN)/buf breaking --against proto/image.binpb
	.ci/generated

proto-image: $(INSTALLED) ## Renew proto/image.binpb: the API as it is now becomes the promise
	$(BIN)/buf build --exclude-source-info -o proto/image.binpb

proto-generate: $(INSTALLED) ## Generate the console's API code anew
	cd $(CONSOLE) && npm run generate

lint-rust:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- --deny warnings
	@if command -v cargo-deny >/dev/null; then cargo deny check licenses bans sources; \
	else echo "skipped: cargo-deny is not installed, so licences and sources are not checked"; fi

lint-console: $(INSTALLED)
	cd $(CONSOLE) && npm run lint

test-rust: ## Run the Rust tests: units, the real server from outside, the examples of the docs
	cargo build --workspace --bins
	@if command -v cargo-nextest >/dev/null; then set -x; BANTO_BIN=$(BANTO_BIN) cargo nextest run --workspace; \
	else set -x; BANTO_BIN=$(BANTO_BIN) cargo test --workspace --lib --bins --tests; fi
	cargo test --workspace --doc

test-console: $(INSTALLED) ## Run the console's unit tests
	cd $(CONSOLE) && npm test

test-clients: $(INSTALLED) ## Run the examples of docs/clients.md against the real server
	cargo build --package banto-server --bin banto
	@command -v grpcurl >/dev/null || test -x $(TOOLS)/bin/grpcurl \
	|| cargo install --quiet --debug --locked --root $(TOOLS) grpcurl-rs@0.2.1 \
	|| echo "grpcurl could not be installed" >&2
	PATH="$$PATH:$(TOOLS)/bin" BANTO_BIN=$(BANTO_BIN) node integration-tests/clients/run.mjs

clean: ## Remove what was built
	rm -rf $(CONSOLE)/dist $(CONSOLE)/node_modules dist
	cargo clean
