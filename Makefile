# Commands of the project; `make help` lists them.

HOST ?= localhost
PORT ?= 8000
BANK_PORT ?= 8001
ROUNDS ?= 50
CALLS ?= 1000
ENGINE ?= sqlite
WORKERS ?= 2
OUTPUT ?= test-results
PYTHONS ?= $(foreach minor,11 12 13,$(or $(firstword $(wildcard $(HOME)/.pyenv/versions/3.$(minor).*/bin/python)),python3.$(minor)))

PYTHON ?= python3
VENV := .venv
AUDIT := $(VENV)/audit/node_modules/.package-lock.json
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-input
CODE := app tests e2e conftest.py $(wildcard migrations/*.py migrations/versions/*.py wsgi.py hatch_build.py)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/messages.po))
POT := $(VENV)/messages.pot
# The proxies of deploy/ are tested where they are, and in CI in any case.
PROXIES := $(if $(filter true,$(CI)),$(VENV)/proxies.stamp)
# In CI a newer Python has its say as well, where one is.
OTHERS := $(if $(filter true,$(CI)),$(MAKE) --no-print-directory pythons,true)
PYBABEL := $(BIN)/pybabel --quiet
LOCK := $(VENV)/lock/bin/uv pip compile pyproject.toml --all-extras --quiet --universal --generate-hashes \
  --python-version 3.11 --no-header --no-annotate
STATIC := $(MAKE) --no-print-directory --keep-going static || failed=1
VERDICT := test -z "$$failed" || { echo "Format, lint or types failed: see above." >&2; exit 1; }
PYTEST := $(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder $(if $(ORDER),--order=$(ORDER))

# Each word of the browser tests is an option of pytest, in capitals; docs/browser-tests.md.
# A desktop may have a BROWSER too, which is not meant.
BROWSER := chromium
SCREENSHOT ?= only-on-failure
# A failure elsewhere cannot be looked at again; in browsers other than Chromium tracing doubles the time.
TRACING ?= $(if $(BASE_URL),$(if $(filter-out chromium,$(BROWSER)),off,retain-on-failure),off)
WINDOWS := $(if $(HEADED),$(BROWSER:chromium=chromium-window),$(BROWSER))
FETCHED := $(if $(BROWSER_CHANNEL),,$(WINDOWS:%=$(VENV)/%.browser))
E2E = $(BROWSER:%=--browser=%) --output=$(OUTPUT) --screenshot=$(SCREENSHOT) --tracing=$(TRACING) \
  --html-report=$(OUTPUT)/report.html --scenario-report=$(OUTPUT)/scenarios.md --junitxml=$(OUTPUT)/junit.xml \
  $(if $(BASE_URL),--base-url=$(BASE_URL)) $(if $(BROWSER_CHANNEL),--browser-channel=$(BROWSER_CHANNEL)) \
  $(if $(DEVICE),--device="$(DEVICE)") $(if $(LANGUAGES),--languages="$(LANGUAGES)") $(if $(HEADED),--headed) \
  $(if $(SLOWMO),--slowmo=$(SLOWMO)) $(if $(VIDEO),--video=$(VIDEO)) $(if $(K),-k "$(K)")
# A run that passed over a word would test something else than was asked for.
REFUSED = $(foreach word,ENGINE SPEAK VIEWPORT TRACES,$(if $(filter command,$(origin $(word))),$(error \
  $(word) is no word of the browser tests: BROWSER, LANGUAGES, DEVICE and TRACING are)))

.DEFAULT_GOAL := help
.PHONY: help demo test check pythons stumbled matrix e2e bench bench-portal load trust calls mutants nightly audit screenshots snapshot aria docs i18n pot lock format proxies container static style lint types clean

help: ## Say what each command does
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/run.stamp $(VENV)/caro.stamp $(CATALOGUES) ## Run the product and its simulated bank (HOST, PORT, BANK_PORT)
	@$(BIN)/python -m compileall -q app
	@exec $(BIN)/caro demo --host "$(HOST)" --port "$(PORT)" --bank-port "$(BANK_PORT)"

# The longest files come first, so that the two processes end together.
test: $(VENV)/dev.stamp $(VENV)/caro.stamp $(VENV)/chromium.browser $(VENV)/firefox.browser $(VENV)/webkit.browser $(PROXIES) $(CATALOGUES) ## Check everything, browser tests included
	@$(OTHERS) & others=$$!; $(STATIC); wait $$others || exit 1; $(PYTEST) e2e tests || exit 1; $(VERDICT)

# What has failed under newer Pythons alone: a server that waited for its clients, connections that nobody closed.
# Its environment is made by the pip that is here, which takes half as long; `make matrix` runs all under each.
pythons: $(VENV)/dev.stamp $(CATALOGUES) ## Run that under the newest other of PYTHONS that is here
	@version='import sys; print("%d.%d" % sys.version_info[:2])'; own=$$($(PYTHON) -c "$$version"); \
	for python in $(PYTHONS); do \
	  found=$$($$python -c "$$version" 2>/dev/null) && test "$$found" != "$$own" && newest=$$python; \
	done; test -z "$$newest" || $(MAKE) --no-print-directory stumbled PYTHON=$$newest OTHER=$(VENV)/python-newest

stumbled:
	@$(PYTHON) -m venv --without-pip $(OTHER)
	@$(PIP) --python $(OTHER)/bin/python install --no-compile --require-hashes --requirement requirements/dev.txt
	@$(OTHER)/bin/python -m pytest --quiet tests/unit/test_smtp.py tests/web/test_bank_app.py

# Each interpreter has an environment of its own; one that is not here is left out, and none at all is a fault.
matrix: ## Check everything but browsers under each of PYTHONS that is here
	@found=; for python in $(PYTHONS); do \
	  version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || \
	    { echo "There is no $$python here."; continue; }; \
	  found=1; echo "Python $$version:"; \
	  $(MAKE) --no-print-directory check PYTHON=$$python VENV=.venv-$$version || exit 1; \
	done; test -n "$$found"

check: $(VENV)/dev.stamp $(VENV)/caro.stamp $(PROXIES) $(CATALOGUES) ## Check everything but what needs a browser
	@$(STATIC); $(PYTEST) tests || exit 1; $(VERDICT)

e2e: $(VENV)/dev.stamp $(VENV)/caro.stamp $(FETCHED) $(PROXIES) $(CATALOGUES) ## Run the browser tests alone (BASE_URL, BROWSER, LANGUAGES, DEVICE, HEADED, TRACING, K, WORKERS ...)
	@$(REFUSED)$(PYTEST) $(E2E) e2e

bench: $(VENV)/dev.stamp $(VENV)/caro.stamp $(CATALOGUES) ## Measure pages, mails, and the list among a million requests
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench.portal

bench-portal: $(VENV)/dev.stamp $(VENV)/caro.stamp $(CATALOGUES) ## Measure that list alone
	@$(BIN)/python -m tests.bench.portal

load: $(VENV)/dev.stamp $(VENV)/caro.stamp $(CATALOGUES) ## Walk from link to active, many at once, on a server with /qa (BASE_URL, SECONDS, VISITORS)
	@$(BIN)/python -m tests.load $(BASE_URL) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(VISITORS),--visitors $(VISITORS))

trust: $(VENV)/dev.stamp $(VENV)/caro.stamp $(CATALOGUES) ## Kill processes at random, fail each call that goes outside, have neighbours hang (ROUNDS, ENGINE, SEED, PART)
	@$(BIN)/python -m tests.trust --rounds "$(ROUNDS)" --engine "$(ENGINE)" $(if $(SEED),--seed "$(SEED)") $(if $(PART),--part "$(PART)")

calls: $(VENV)/dev.stamp $(VENV)/caro.stamp $(CATALOGUES) ## Call the testers' API as its contract allows and forbids (CALLS)
	@CARO_GENERATED_CALLS=$(CALLS) $(BIN)/python -m pytest --quiet tests/qa/test_generated_calls.py

mutants: $(VENV)/dev.stamp $(VENV)/caro.stamp $(CATALOGUES) ## Put faults into the product, and name those that no test notices (COUNT, SEED, ONLY)
	@$(BIN)/python -m tests.mutants --jobs $(WORKERS) $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed "$(SEED)") $(if $(ONLY),--only "$(ONLY)")

# Whatever fails, the rest has its say.
nightly: ## What takes hours: calls, mutants, matrix, trust, and container where buildah is
	@failed=; for job in calls mutants matrix trust $(if $(shell command -v buildah),container); do \
	  echo "make $$job:"; $(MAKE) --no-print-directory $$job || failed="$$failed $$job"; \
	done; test -z "$$failed" || { echo "Failed:$$failed." >&2; exit 1; }

audit: $(VENV)/dev.stamp $(VENV)/caro.stamp $(VENV)/chromium.browser $(AUDIT) $(CATALOGUES) ## Check every page and state: axe, HTML, weight (LANGUAGES, DOORS)
	@$(BIN)/python -m e2e.audit $(if $(LANGUAGES),--languages $(LANGUAGES)) $(if $(DOORS),--doors $(DOORS))

screenshots: $(VENV)/dev.stamp $(VENV)/caro.stamp $(VENV)/chromium.browser $(CATALOGUES) ## Draw every page and state, and the README's pictures (LANGUAGES, WIDTHS, DOORS, ONLY)
	@$(BIN)/python -m e2e.screenshots test-results/screenshots $(if $(LANGUAGES),--languages $(LANGUAGES)) \
	  $(if $(WIDTHS),--widths $(WIDTHS)) $(if $(DOORS),--doors $(DOORS)) $(if $(ONLY),--only "$(ONLY)")
	@$(BIN)/python -m e2e.phone_walk docs/phone-walk.png
	@$(BIN)/python -m e2e.desk_pictures docs
	@$(BIN)/python -m e2e.phone_walk --engines test-results/screenshots/engines

snapshot: $(VENV)/dev.stamp $(VENV)/caro.stamp $(VENV)/chromium.browser $(CATALOGUES) pot ## Write all pages, mails, routes, commands and sentences, to compare before and after (OUTPUT)
	@$(BIN)/python -m e2e.snapshot $(OUTPUT) $(POT)

aria: $(VENV)/dev.stamp $(VENV)/caro.stamp $(VENV)/chromium.browser $(CATALOGUES) ## Write what a screen reader says on each page anew, for a review
	@$(BIN)/python -m e2e.write_aria

docs: $(VENV)/dev.stamp $(VENV)/caro.stamp $(CATALOGUES) ## Write the messages, the contract of the API and the example of settings anew
	@$(BIN)/python -m tests.messages docs/messages.md
	@$(BIN)/python -m tests.contract docs/openapi.json
	@$(BIN)/python -m tests.deploy.env_example deploy/caro.env.example

i18n: $(VENV)/caro.stamp pot ## Bring the catalogues up to date with the code, then compile them
	@for language in $$($(BIN)/python -c "from app.i18n import TRANSLATED; print(*TRANSLATED)"); do \
	  $(PYBABEL) update --input-file=$(POT) --output-dir=translations --locale=$$language --init-missing \
	    --no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date || exit 1; \
	done
	@$(PYBABEL) compile --directory=translations

# What is extracted, and by which keywords, stands in pyproject.toml.
pot: $(VENV)/run.stamp
	@$(PYBABEL) extract --mapping-file=pyproject.toml --no-wrap --sort-by-file --add-location=file \
	  --project=caro-activation --version=1 \
	  --header-comment="# The sentences of the product." --output-file=$(POT) app

lock: $(VENV)/run.stamp ## Resolve the dependencies again, hashes included
	@rm -rf $(VENV)/lock && $(BIN)/python -m venv $(VENV)/lock && $(VENV)/lock/bin/python -m pip --quiet install uv
	@$(LOCK) --group build --output-file requirements/run.txt
	@$(LOCK) --group build --group dev --constraint requirements/run.txt --output-file requirements/dev.txt
	@rm -rf $(VENV)/lock

format: $(VENV)/dev.stamp ## Rewrite the code in the project's format
	@$(BIN)/ruff check --quiet --fix $(CODE); $(BIN)/ruff format --quiet $(CODE)

static: style lint types

style:
	@$(BIN)/ruff format --check --quiet $(CODE) || { echo "The format differs; 'make format' rewrites it." >&2; exit 1; }

lint:
	@$(BIN)/ruff check --quiet $(CODE)

types:
	@$(BIN)/mypy --no-error-summary $(CODE)

clean: ## Remove the environment, caches and compiled catalogues; data stays
	@rm -rf $(VENV) .venv-* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage test-results
	@rm -f translations/*/LC_MESSAGES/messages.mo
	@find app tests e2e migrations -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and there is no $(PYTHON)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) --version)." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python cannot create environments here; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Creating the environment in $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/run.stamp: requirements/run.txt | $(BIN)/python
	@echo "Installing what the product needs ..."
	@$(PIP) install --require-hashes --requirement $<
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes --requirement $<
	@touch $@

$(VENV)/caro.stamp: pyproject.toml hatch_build.py $(VENV)/run.stamp
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/%.browser: $(VENV)/dev.stamp e2e/browser.py
	@$(BIN)/python -m e2e.browser $* && touch $@

proxies: $(VENV)/proxies.stamp ## Install nginx and Caddy for their tests, on Debian and Ubuntu

# The packages may be in lists that are here already, so a failed update is not the end.
$(VENV)/proxies.stamp: | $(BIN)/python
	@PATH="$$PATH:/usr/sbin"; { command -v nginx && command -v caddy; } >/dev/null || { export DEBIAN_FRONTEND=noninteractive; \
	  apt-get -qq update; apt-get -qq install --no-install-recommends nginx-light caddy >/dev/null; }
	@touch $@

container: ## Build the image and start it, without a daemon: on Debian, as root (BASE)
	@BASE="$(BASE)" tests/deploy/container.sh

# npm's own mark of a finished installation; it needs Node.js, which a message of the audit names where it is missing.
$(AUDIT): e2e/audit/package-lock.json | $(BIN)/python
	@command -v npm >/dev/null || \
	  { echo "The HTML validator needs Node.js 20.19 or newer with npm; on Debian and Ubuntu: apt-get install nodejs npm" >&2; exit 1; }
	@mkdir -p $(VENV)/audit && cp e2e/audit/package.json e2e/audit/package-lock.json $(VENV)/audit
	@echo "Installing the HTML validator ..."
	@cd $(VENV)/audit && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

translations/%.mo: translations/%.po | $(VENV)/run.stamp
	@$(PYBABEL) compile --input-file=$< --output-file=$@ --locale=$(firstword $(subst /, ,$*))
