# `make run` opens the playground, `make test` runs every test; both work on a bare checkout with Python ≥ 3.11.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNS := $(VENV)/.runs
READY := $(VENV)/.ready

.PHONY: run chat page pictures clients setup test check format lock bench clean

run: $(RUNS)  ## Play with the whole bot in a web page, without any account.
	@$(BIN)/python -m bot playground

chat: $(RUNS)  ## Talk to the coach in this terminal.
	@$(BIN)/python -m bot chat

pictures: setup  ## Photograph the playground for the README; needs chromium.
	@$(BIN)/python -m tests.pictures.playground tests/pictures/playground.png

page:  ## Build the playground's page anew; needs Node 20, which nothing else does.
	cd bot/playground/page && npm ci --ignore-scripts && npm run build

clients:  ## Install the clients that others wrote, for the tests in them; needs Node 18 or newer.
	cd tests/foreign && npm ci --ignore-scripts

setup: $(READY)  ## Make .venv from the locked requirements, with all that tests and checks need.

$(RUNS): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Rung needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12") if sys.version_info < (3, 11) else 0'
	@echo "Setting up $(VENV) (once, about half a minute) …"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $(RUNS)

$(READY): $(RUNS) requirements-dev.txt
	@echo "Adding what tests and checks need (once, about as long) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $(READY)

test: setup  ## Run every test, file by file on up to four processors.
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

check: setup  ## Format, lint, types, imports, content, dependencies.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m content check
	$(BIN)/python -m pip check --disable-pip-version-check
	$(BIN)/python -m tests.dependencies

format: setup  ## Mend what can be mended by a tool.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup  ## Compare the bot's speed with bare floors measured beside it.
	@$(BIN)/python -m tests.bench

lock: setup  ## Lock the newest versions that pyproject.toml allows.
	$(BIN)/uv pip compile --universal --generate-hashes --quiet --upgrade --python-version 3.11 --custom-compile-command "make lock" pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --universal --generate-hashes --quiet --upgrade --python-version 3.11 --custom-compile-command "make lock" pyproject.toml --extra agents -c requirements.txt -o requirements-agents.txt
	$(BIN)/uv pip compile --universal --generate-hashes --quiet --upgrade --python-version 3.11 --custom-compile-command "make lock" pyproject.toml --extra agents --group dev -c requirements-agents.txt -o requirements-dev.txt

clean:  ## Remove everything that can be made again.
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build
