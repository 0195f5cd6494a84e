# Two commands for a newcomer: `make demo` and `make test`. `make help` lists the rest.

VENV := .venv
BIN := $(VENV)/bin
SETUP := scripts/setup

.DEFAULT_GOAL := help
.PHONY: help demo test e2e vsix check bench fuzz generated clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(BIN)/.ready simulator ## write and verify the counter example with the embedded model
	$(BIN)/spec2rtl generate examples/counter/counter.spec.md --generator embedded --reflector rules

test: $(BIN)/.ready-dev simulator ## set up what the tests need and run them all
	@$(SETUP) editor
	$(BIN)/pytest $(PYTEST_ARGS)
	@$(MAKE) --no-print-directory e2e

e2e: $(BIN)/.ready-dev simulator vsix ## test the extension, alone and in a real VS Code (Linux)
	npm --prefix client-vscode run --silent test
	scripts/vscode setup build
	scripts/vscode test build

vsix: $(BIN)/.ready-dev ## pack the VS Code extension into build/
	scripts/vsix build $(BIN)/python

check: $(BIN)/.ready-dev ## formatting, lint, types, import rules, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m scripts.generated --check

bench: $(BIN)/.ready-dev simulator ## measure against the targets, as ratios in one run
	$(BIN)/python -m bench

fuzz: $(BIN)/.ready-dev ## ten minutes of odd text for every parser
	FUZZ_SECONDS=600 $(BIN)/pytest tests/fuzz

generated: $(BIN)/.ready-dev ## write what is made from the types: schemas, settings, wire
	$(BIN)/python -m scripts.generated

clean: ## remove everything that was built
	rm -rf $(VENV) build dist

.PHONY: simulator
simulator:
	@$(SETUP) simulator

$(BIN)/.ready: pyproject.toml constraints.txt $(SETUP)
	@$(SETUP) python $(VENV) .
	@touch $@

$(BIN)/.ready-dev: Makefile pyproject.toml constraints.txt $(SETUP)
	@$(SETUP) python $(VENV) '.[dev,local,training]'
	@touch $@ $(BIN)/.ready
