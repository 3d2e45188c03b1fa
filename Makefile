# Everything lives in .venv; a second run of the same target installs nothing.
PYTHON ?= python3
CORPUS ?= corpus
PORT ?= 7860
VENV := .venv
BIN := $(VENV)/bin
# One library a corpus: .whosays/<last folder name>-<checksum of its full path>
LIBRARY ?= .whosays/$(notdir $(abspath $(CORPUS)))-$(firstword $(shell printf %s "$(abspath $(CORPUS))" | cksum))

.PHONY: setup chat ask eval test check lock pictures clean
.DEFAULT_GOAL := help

help:
	@echo "make chat  [CORPUS=folder]         index the articles and open the chat on http://127.0.0.1:$(PORT)"
	@echo "make ask   Q=\"who ...?\" [CORPUS=…]  one answer in the terminal"
	@echo "make eval                          score the answers to the bundled reference questions"
	@echo "make setup | test | check          install | run the tests | lint, types and import rule"

setup: $(VENV)/installed

$(VENV)/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v=sys.version_info[:2]; (3,11)<=v<(3,14) or sys.exit("Whosays needs Python 3.11 to 3.13; $(PYTHON) is %d.%d. Try: make PYTHON=python3.12 setup" % v)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

chat: setup
	-@$(BIN)/whosays --library "$(LIBRARY)" ingest --quiet "$(CORPUS)"
	@$(BIN)/whosays --library "$(LIBRARY)" serve --port $(PORT)

ask: setup
	@test -n "$(Q)" || { echo 'Say what to ask: make ask Q="who blocked the buses?"' >&2; exit 2; }
	-@$(BIN)/whosays --library "$(LIBRARY)" ingest --quiet "$(CORPUS)"
	@$(BIN)/whosays --library "$(LIBRARY)" ask "$(Q)"

eval: setup
	@$(BIN)/whosays eval --out .whosays/eval

test: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_house.py

# Developers only: resolve the ranges of pyproject.toml again (needs uv).
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --quiet -o requirements.lock

# Developers only: the pictures of the page, of which the README shows two (needs chromium).
PICTURES := .whosays/pictures
pictures: setup
	WHOSAYS_NEEDS_BROWSER=1 WHOSAYS_SCREENSHOTS=$(PICTURES) $(BIN)/python -m pytest -q tests/test_pictures.py
	cp $(PICTURES)/chat.png $(PICTURES)/library.png docs/

clean:
	rm -rf $(VENV) .whosays
