# Every target makes its own environment from a bare checkout; only Python 3.11+ is needed.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8025
COVERAGE_TARGETS ?= --target 100
# Start-up time is mostly imports: compiled bytecode is kept even if the environment says otherwise.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: serve test chaos siege mutants coverage check docs fuzz fuzz-mock sdk interop browser tours bench foreign cross validators lock format clean

.venv/ready: requirements.lock requirements-uv.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

.venv/mutants: .venv/ready requirements-mutants.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-mutants.lock
	touch $@

.venv/bench: .venv/ready requirements-bench.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-bench.lock
	touch $@

.venv/docs: .venv/ready requirements-docs.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-docs.lock
	touch $@

serve: .venv/ready
	@exec $(BIN)/misarmail serve --port $(PORT)

test: .venv/ready
	$(BIN)/pytest -n 2

# The suite with every exchange judged by openapi-core, then the coverage of the documented responses by it, and by the fuzz run if there was one.
coverage: .venv/ready
	EXCHANGES=all $(BIN)/pytest -n 2
	$(BIN)/contract coverage --format html --output build/coverage.html --target 0 build/exchanges.jsonl $(wildcard build/fuzz-*.jsonl build/sdk.jsonl)
	$(BIN)/contract coverage $(COVERAGE_TARGETS) build/exchanges.jsonl $(wildcard build/fuzz-*.jsonl build/sdk.jsonl)

check: .venv/ready
	scripts/check

# Schemathesis against a freshly started server, with every documented link followed; then without the hooks that give it meaningful values.
fuzz: .venv/ready
	scripts/fuzz
	scripts/fuzz --without-hooks --phases examples,fuzzing

# The tests of TypeScript clients; both SDKs of the platform, built and installed: every operation and every error against running servers. Needs Node.js and npm.
sdk: .venv/ready
	scripts/sdk/run

# Schemathesis against the mock, in short; `scripts/fuzz_mock` alone runs every phase.
fuzz-mock: .venv/ready
	scripts/fuzz_mock --phases examples,stateful --max-examples 5 --unfollowed 60

# Workers are killed, stopped, given wrong clocks and full disks at random points; then the ledger is compared with the receiver's log.
chaos: .venv/ready
	scripts/chaos
	scripts/chaos --mails 10000 --kills 4 --stops 4 --jumps 4 --faults 0.05
	scripts/chaos --mails 5000 --kills 2 --fills 4

# Slow, silent and greedy clients and a full disk, while another client sends; its p99 beside that on the quiet server.
siege: .venv/ready
	scripts/siege/run --max-ratio 5

# Other mail servers and DKIM verifiers, which it fetches; as root, on Debian.
interop: .venv/ready
	scripts/interop/setup
	$(BIN)/python scripts/interop/dkim.py
	$(BIN)/pytest -o python_files='interop_*.py' tests/interop

# The toolkit on a hundred third-party documents, which it fetches.
foreign: .venv/ready
	scripts/foreign/run

# Both clients, the runtime, the mock and `contract verify` on every document, which it fetches. Needs Node.js and npm.
cross: .venv/ready
	scripts/cross/run

# Redocly CLI, Spectral and openapi-spec-validator on the contract in 3.1 and in 3.0. Needs Node.js and npm.
validators: .venv/ready
	scripts/validators/run

# The reference in Debian's chromium, which it installs.
browser: .venv/ready
	scripts/browser/setup
	$(BIN)/pytest -o python_files='browser_*.py' tests/browser

# The documentation site, in build/site. Checks every link, and that generated parts are up to date. Needs no network.
docs: .venv/docs
	$(BIN)/python scripts/docs/settings_page.py --check
	$(BIN)/python scripts/docs/diagrams.py --check
	rm -rf build/site
	$(BIN)/zensical build --clean --strict
	$(BIN)/python scripts/docs/links.py

# The commands of the documentation: the toolkit's with its wheel alone, the platform's on a freshly started server.
tours: .venv/ready
	$(BIN)/python scripts/tours/run

mutants: .venv/mutants
	$(BIN)/python scripts/mutants/run.py $(MUTANTS)

bench: .venv/bench
	scripts/bench/run

format: .venv/ready
	$(BIN)/ruff format src tests scripts
	$(BIN)/ruff check --fix src tests scripts

lock: .venv/ready
	$(BIN)/uv pip compile --quiet --no-header --generate-hashes --python-version 3.11 requirements-uv.in -o requirements-uv.lock
	$(BIN)/uv pip compile --quiet --no-header --generate-hashes --python-version 3.11 requirements.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --no-header --generate-hashes --python-version 3.11 requirements-bench.in -o requirements-bench.lock
	$(BIN)/uv pip compile --quiet --no-header --generate-hashes --python-version 3.11 requirements-mutants.in -o requirements-mutants.lock
	$(BIN)/uv pip compile --quiet --no-header --generate-hashes --python-version 3.11 requirements-docs.in -o requirements-docs.lock

clean:
	rm -rf .venv
