# Everything a checkout can do. `make` or `make help` lists it; set-up happens by itself and is skipped when nothing changed.
#   make run HOST=0.0.0.0 PORT=9000 DATA=/srv/gamekeeper      make test ARGS="tests/core -x"

PYTHON ?= python3
BIN := .venv/bin
SETUP := $(PYTHON) scripts/setup.py
SERVE_OPTIONS := $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT)) $(if $(DATA),--data $(DATA))

.DEFAULT_GOAL := help
.PHONY: help run test lint build crash chaos soak fuzz bench lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

run: ## start the server (HOST=, PORT=, DATA=)
	@$(SETUP) runtime pages
	@exec $(BIN)/gamekeeper serve $(SERVE_OPTIONS) $(ARGS)

test: ## run the whole test suite (ARGS= goes to pytest)
	@$(SETUP) development pages browser promtool clients
	@exec $(BIN)/python -m pytest -n 2 $(ARGS)

lint: ## ruff, mypy, pyright and the check of the pages
	@$(SETUP) development packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(SETUP) check

build: ## build the pages and the wheel into dist/
	@$(SETUP) runtime pages
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

crash: ## kill the server at random instants under load (ARGS="--kills 300")
	@$(SETUP) runtime
	@exec $(BIN)/python -m bench.crash $(ARGS)

chaos: ## kill, stop, drain and cut off the nodes of a cluster under load (ARGS="--faults 50")
	@$(SETUP) runtime
	@exec $(BIN)/python -m bench.chaos $(ARGS)

soak: ## hold many sessions for a long time and watch memory (ARGS="--minutes 60")
	@$(SETUP) runtime
	@exec $(BIN)/python -m bench.soak $(ARGS)

fuzz: ## send a million malformed frames over real sockets (ARGS="--frames 100000")
	@$(SETUP) development
	@exec $(BIN)/python -m fuzz $(ARGS)

bench: ## measure against the peers, in one run, as ratios
	@$(SETUP) development packages
	@exec $(BIN)/python -m bench $(ARGS)

lock: ## write requirements.lock anew from pyproject.toml
	@$(SETUP) development lock

clean: ## remove everything that was built or installed; data stays
	rm -rf .venv build dist src/gamekeeper/pages web/node_modules clients/typescript/node_modules clients/typescript/dist
	rm -rf tests/transport/socketio_js/node_modules
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests bench fuzz scripts examples -name __pycache__ -type d -prune -exec rm -rf {} +
