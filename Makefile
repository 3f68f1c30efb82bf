# make run   sets up and starts the workbench on this machine
# make test  installs what is missing and runs everything, browser tests included

VENV := .venv
PYTHON := $(VENV)/bin/python
PORT ?= 8501

.PHONY: run demo test check bench load bundle lock screenshots clean

run: $(VENV)/.product
	$(PYTHON) -m daxing_safety serve --port $(PORT)

demo: $(VENV)/.product
	DAXING_DATA_DIR=data/local/demo $(PYTHON) -m daxing_safety init --demo
	DAXING_DATA_DIR=data/local/demo $(PYTHON) -m daxing_safety serve --port $(PORT)

test: $(VENV)/.tests check
	$(PYTHON) -m pytest -n 2 --dist worksteal
	$(PYTHON) -m pytest -n 2 --dist worksteal --postgresql

check: $(VENV)/.tests
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

bench: $(VENV)/.tests
	$(PYTHON) -m benchmarks

# Two hundred people at work on a server, then a deadline besides: some eight minutes.
load: $(VENV)/.tests
	$(PYTHON) -m benchmarks.load

# The pictures of README and the user manual, taken from a demo of their own.
screenshots: $(VENV)/.tests
	$(PYTHON) -m docs.take_screenshots

# dist/…: all that an installation without a network needs. TARGET=linux-aarch64, windows-amd64
TARGET ?= linux-x86_64
bundle: $(VENV)/.product
	$(PYTHON) -m docs.operations.bundle $(TARGET)

lock:
	$(VENV)/bin/pip install --quiet pip-tools
	$(VENV)/bin/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url \
	    --no-emit-find-links --no-emit-trusted-host --no-emit-options requirements.in
	$(VENV)/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
	    tests/requirements.in

$(VENV)/.product: requirements.txt
	test -x $(PYTHON) || python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --require-hashes -r requirements.txt
	touch $@

# The tests drive Debian's Chromium, LibreOffice, PostgreSQL and nginx.
$(VENV)/.tests: $(VENV)/.product tests/requirements.txt tests/system-packages.txt
	$(VENV)/bin/pip install --quiet --require-hashes -r tests/requirements.txt
	sh tests/install_system_packages.sh
	touch $@
