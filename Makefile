# piiscan: set up, try, test. Everything is made inside .venv/; nothing else on the machine changes.
#   make demo     a leaked dump of 7,967 rows, made, scanned and counted
#   make examples the folders of examples/, one after another
#   make kernels  modules in C whose sources have changed, compiled in place
#   make test     every check that CI runs, on all cores
#   make test-long  slow extras: distributions, every corpus, kills, fuzzing, sanitizers
#   make sanitized  kernels with gcc's sanitizers: hostile texts, damaged files
#   make bench    benchmarks against Presidio, re and ripgrep
#   make budget   sizes, speeds and starts beside those of the last landing, in two minutes
#   make bundle   wheels and installers for machines without a network, in bundle/
#   make docs     the documentation site in build/site, opened from disk
#   make model    the weights of the name tagger, made anew from raw text (within an hour)
#   make clean    remove what these made

SHELL := /bin/sh
.DELETE_ON_ERROR:
.SUFFIXES:
.NOTPARALLEL:

# The first of these that is a Python 3.11 to 3.14 with its headers, able to make virtual
# environments.
USABLE = -c 'import sys, sysconfig, pathlib, venv, ensurepip; sys.exit(not (3, 11) \
	<= sys.version_info < (3, 15) or not pathlib.Path(sysconfig.get_path("include"), \
	"Python.h").exists())'
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for each in python3.12 python3.11 python3.13 python3.14 python3 python; do \
	if "$$each" $(USABLE) >/dev/null 2>&1; then echo "$$each"; break; fi; done)
endif

VENV := .venv
BIN := $(VENV)/bin
# Stamps: piiscan is installed; with the tools of [dev]; its kernels are compiled.
BASE := $(VENV)/.base
READY := $(VENV)/.ready
KERNELS := $(VENV)/.kernels
DEMO := demo
SEED := 1
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo examples kernels test test-long sanitized check bench budget bundle docs model clean

demo: $(BASE) $(KERNELS)
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@$(BIN)/piiscan corpus make sale-7967 --rows 7967 --seed $(SEED) -o $(DEMO)
	@$(BIN)/piiscan scan $(DEMO)/sale-7967 --case $(DEMO)/case --key $(DEMO)/demo.key
	@$(BIN)/piiscan report $(DEMO)/case
	@echo "file://$(CURDIR)/$(DEMO)/case/report.html"

examples: $(READY) $(KERNELS)
	@$(PIP) install ./examples/pack
	@for each in examples/*/run.py; do echo "== $$each"; $(BIN)/python $$each || exit; done

kernels: $(BASE) $(KERNELS)

# One process a core; the tests of a file stay together, since they share made cases.
PYTEST = $(BIN)/python -m pytest -n auto --dist loadfile
# Checks of the code run beside the suite, which leaves part of each core idle.
test: $(READY) $(KERNELS)
	@$(MAKE) --no-print-directory check & check=$$!; \
		$(PYTEST); suite=$$?; wait $$check && exit $$suite

# FUZZ: seconds of random texts, and of damaged files, drawn from SEED.
FUZZ = 60
test-long: $(READY) $(KERNELS)
	@$(PYTEST) -m long
	@$(BIN)/python -m tests.fuzz.run $(FUZZ) $(SEED)
	@$(BIN)/python -m tests.fuzz.run files $(FUZZ) $(SEED)
	@$(BIN)/python .ci/sanitized.py --seed $(SEED)

# Another build of the kernels, in build/sanitized; without gcc a sentence names the package.
sanitized: $(READY) $(KERNELS)
	@$(BIN)/python .ci/sanitized.py --seed $(SEED)

# Whatever can be said without running tests.
check: $(READY) $(KERNELS)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/piiscan recognizers check

bench: $(READY) $(KERNELS)
	@$(BIN)/python benchmarks/table.py

# RECORD=1 appends the figures to benchmarks/budget.tsv: one line a landing.
RECORD =
budget: $(READY) $(KERNELS)
	@$(BIN)/python benchmarks/budget.py $(if $(RECORD),--record)

# PLATFORMS: this, or any of linux, linux-aarch64, kylin, kylin-aarch64, macos, windows; PY: Python
# versions for those (3.11 to 3.14).
PLATFORMS = this
PY =
bundle: $(READY) $(KERNELS)
	@$(BIN)/python .ci/bundle.py --out bundle --platforms "$(PLATFORMS)" --python "$(PY)"

docs: $(READY) $(KERNELS)
	@$(PIP) install --editable '.[docs]'
	@$(BIN)/python .ci/site.py

# DATA: a folder of raw text (.txt, one text a line, or .jsonl with "text"); MEASURE: a folder of
# labelled .jsonl that is only measured with. Both may be left out; see data/names.md.
DATA =
MEASURE =
MODEL = build/names.npz
# START: weights files; the first is continued from, all teach; a quarter of the time of a new one.
START =
model: $(READY) $(KERNELS)
	@$(PIP) install --editable '.[train]'
	@mkdir -p build
	@$(BIN)/python -m training $(if $(DATA),--data "$(DATA)") \
		$(if $(MEASURE),--measure "$(MEASURE)") \
		$(foreach file,$(START),--start "$(file)") --work build/model --out "$(MODEL)"

clean:
	@rm -rf $(VENV) $(DEMO) bundle dist build .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis .benchmarks
	@find src '(' -name '*_kernels.abi3.so' -o -name '*_kernels.pyd' -o -name kernels.json ')' \
		-exec rm -f {} +
	@rm -rf src/piiscan/data/tables
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made anew when the dependencies change; an editable install sees every other change by itself.
$(BASE) $(READY): pyproject.toml | $(BIN)/python
	@echo "Installing piiscan into $(VENV) (a few minutes the first time) ..." >&2
	@$(PIP) install --editable '.$(if $(filter $@,$(READY)),[dev])'
	@$(BIN)/python -m compileall -q src # as pip does with a wheel: each start saves the compiling
	@touch $(BASE) $(KERNELS) $@

$(BIN)/python:
ifeq ($(PYTHON),)
	@echo "No Python 3.11 to 3.14 with venv and headers was found. Install one (Debian, Ubuntu:" >&2
	@echo "apt-get install python3-venv python3-dev) or name it: make PYTHON=/path/to/python3.12" >&2
	@exit 2
endif
	@echo "Setting up $(VENV) with $(PYTHON) ..." >&2
	@$(PYTHON) -m venv $(VENV)

# Only modules whose sources have changed are compiled again: in place where Cython and a C compiler
# are there, else by pip. Their numbers and tuples of arrays can be in any Python module.
$(KERNELS): .ci/build_hook.py $(shell find src -name '*.py' -o -name '*.pxd' -o -name '*.h')
	@if command -v cc >/dev/null && $(BIN)/python -c 'import Cython, hatchling' 2>/dev/null; \
		then $(BIN)/python .ci/build_hook.py; else $(PIP) install --editable .; fi
	@touch $@
