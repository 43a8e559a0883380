# Two commands do everything, each with all its own set-up in .venv: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCALSTRIPE := .venv-localstripe

.PHONY: demo test localstripe check format docs clean

demo: $(READY)  ## shoppers fill live carts over MQTT, are charged at the door, and are compared with the truth
	$(BIN)/store-engine demo

test: $(READY)  ## every test, on all cores
	-@$(MAKE) --no-print-directory localstripe
	$(BIN)/python -m pytest -n auto --dist loadfile

check: $(READY)  ## format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(READY)  ## docs/asyncapi.yaml from the message types, docs/openapi.json from the routes
	$(BIN)/python -m store_engine.asyncapi > docs/asyncapi.yaml
	$(BIN)/python -m store_engine.web.document > docs/openapi.json

localstripe: $(LOCALSTRIPE)/.ready  ## what the tests of the Stripe adapter talk to; GPL, so kept apart

$(LOCALSTRIPE)/.ready:
	$(PYTHON) -m venv $(LOCALSTRIPE)
	$(LOCALSTRIPE)/bin/python -m pip install --quiet --disable-pip-version-check localstripe==1.15.10
	touch $@

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) $(LOCALSTRIPE) out .pytest_cache .mypy_cache .ruff_cache .hypothesis
