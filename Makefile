# make demo and make test are all that a fresh machine needs; both may be run again at any time.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
# pip takes a CPU build of torch where a machine offers one under this very version
TORCH := $(shell grep '^torch==' constraints.txt)
# compiled tests are kept, whatever the caller has set: the next run collects them in half the time
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
DEMO_HOME := .h4rmony-demo

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast lint fix bench dist inspect serve docs notebooks install-cells pictures system-packages clean

help:  ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/made:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python3.11 ..." if not (3, 11) <= sys.version_info[:2] < (3, 14) else 0)'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/demo-installed: .venv/made pyproject.toml constraints.txt
	$(PIP) --editable '.[server]'
	@touch $@

.venv/fast-installed: .venv/demo-installed
	$(PIP) --editable '.[server,test]'
	@touch $@

.venv/test-installed: .venv/fast-installed
	$(PIP) $(TORCH) --editable '.[server,dev,models,train,eval]'
	@touch $@

demo: .venv/demo-installed  ## Run the main job once, on a server of its own; writes demo-output/
	$(BIN)/h4rmony demo --home $(DEMO_HOME) -o demo-output

test: system-packages .venv/test-installed  ## Set everything up and run all tests
	$(PYTEST)

test-fast: .venv/fast-installed  ## Run the tests that need no extra but server: no torch, no browser
	$(PYTEST) -m 'not (apertium or browser or extras or slow)'

lint: .venv/test-installed  ## Check style, types, layers and dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

fix: .venv/test-installed  ## Fix the style that a machine can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/test-installed  ## Measure the speed; prints the tables of benchmarks/README.md
	$(BIN)/python -m benchmarks

.venv/docs-installed: .venv/made pyproject.toml constraints.txt
	$(PIP) --editable '.[docs]'
	@touch $@

docs: .venv/docs-installed  ## Build the site of docs/ into site/; a broken link fails
	$(BIN)/zensical build --clean --strict

notebooks: .venv/fast-installed  ## Make notebooks/*.ipynb from the scripts beside them, which are what people edit
	$(BIN)/python -m tools.make_notebooks

install-cells: .venv/fast-installed  ## Ask the registry what the notebooks would install on a machine with another torch: never torch
	$(BIN)/python -m tools.install_cells

pictures: .venv/test-installed  ## Take the pictures of docs/pictures again, from a running demo
	$(BIN)/python -m tools.make_pictures

dist: .venv/made  ## Build the wheel and the source archive, install each where nothing is, and run the demo with it
	PIP_CONSTRAINT=$(CURDIR)/constraints.txt sh tools/dist.sh $(BIN)/python

.inspect/installed:
	$(PYTHON) -m venv .inspect
	.inspect/bin/python -m pip install --quiet --disable-pip-version-check inspect_ai==0.3.285 openai==3.57.0 datasets==5.2.0 huggingface_hub==2.4.0 pyarrow==26.0.1
	@touch $@

inspect: .venv/test-installed .inspect/installed  ## Run eval.yaml with Inspect AI, in an environment of its own; its score must be ours
	$(BIN)/python -m tools.inspect_eval

serve: .venv/demo-installed  ## Run Argilla with the state in ~/.h4rmony
	$(BIN)/h4rmony serve

system-packages:
	@sh tools/system_packages.sh

clean:  ## Remove what make has made, but no review: servers' homes stay
	rm -rf .venv .inspect .mypy_cache .ruff_cache .pytest_cache .hypothesis demo-output build dist site
