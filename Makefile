# The assistant in one word each: make help
.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
SHELL := /bin/bash

PYTHON := .venv/bin/python
MODEL := models/idcard.tar.gz
# The model is stale when the content or the list of these files changes. Dates say nothing: a checkout renews them.
MODEL_SOURCES := config.yml domain.yml requirements.txt scripts/train.sh \
    $(sort $(wildcard data/*.yml data/*/*.yml assistant/nlu/*.py idcard/*.py) $(shell find knowledge -type f ! -name '.*'))
QUIET := RASA_TELEMETRY_ENABLED=false SQLALCHEMY_SILENCE_UBER_WARNING=1 TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1 LOG_LEVEL=WARNING
# Deprecations inside Rasa's pinned dependencies, which nobody here can mend.
DROP_DEPRECATIONS := 2> >(grep -vE 'Deprecat|^  |^Implementing' >&2)

.PHONY: run
run: setup $(MODEL) ## All set-up, train if need be, serve on 127.0.0.1:5005 (ARGS="--port 5006")
	@$(PYTHON) -m assistant.server --model $(MODEL) $(ARGS)

.PHONY: chat
chat: setup $(MODEL) ## The same bot in the terminal (ARGS="--as-of 2016-12-01")
	@$(PYTHON) -m assistant.chat --model $(MODEL) $(ARGS)

.PHONY: setup
setup: ## Only the set-up: .venv with Python 3.10 and the locked packages
	@scripts/setup.sh

.PHONY: train
train: setup models/sources.sha256 ## Train the model, whether stale or not
	@scripts/train.sh

.PHONY: validate
validate: setup ## Check knowledge, domain and training data; names file, line and remedy
	@$(PYTHON) -m idcard validate
	@$(PYTHON) -m assistant.nlu.data_quality
	@$(QUIET) $(PYTHON) -m rasa data validate $(DROP_DEPRECATIONS)

.PHONY: test
test: setup $(MODEL) ## Every test (ARGS="-k 工本费")
	@$(QUIET) $(PYTHON) -m pytest $(ARGS)

.PHONY: check
check: setup ## The fast tests, without a model
	@$(QUIET) $(PYTHON) -m pytest -m "not model" $(ARGS)

.PHONY: bench
bench: setup ## What the core costs: decide() and the start of the command line
	@$(QUIET) $(PYTHON) -m bench.core

.PHONY: bench-nlu
bench-nlu: setup ## Stock Rasa, ours and SVM+CRF on one data set (DATA=../shared/bench/smp2020)
	@$(QUIET) $(PYTHON) -m bench.nlu --data $(or $(DATA),../shared/bench/smp2020) $(ARGS)

.PHONY: bench-wechat
bench-wechat: setup $(MODEL) ## The WeChat channel in real time, before a simulated platform (ARGS="--per-second 5")
	@$(QUIET) $(PYTHON) -m bench.wechat --model $(MODEL) $(ARGS)

.PHONY: wechat-menu
wechat-menu: setup ## Publish the menu of the WeChat account that the environment names
	@$(QUIET) $(PYTHON) -m assistant.channels.wechat.publish_menu

.PHONY: eval
eval: setup $(MODEL) ## Measure the trained model on the held-out cases; writes docs/understanding.md (ARGS=--errors)
	@$(QUIET) $(PYTHON) -m bench.understanding $(ARGS)

.PHONY: lock
lock: setup ## Write requirements*.txt anew from pyproject.toml (ARGS=--upgrade for newer versions)
	@scripts/lock.sh $(ARGS)

.PHONY: clean
clean: ## Remove models and caches; .venv and var/ stay
	rm -rf models .rasa results .pytest_cache .hypothesis
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F"|" '{ printf "%-13s %s\n", $$1, $$2 }'

$(MODEL): models/sources.sha256
	@scripts/train.sh

# Written only when the fingerprint differs, so that its date is the date of the last change.
models/sources.sha256: FORCE
	@mkdir -p models
	@sha256sum $(MODEL_SOURCES) | cmp -s - $@ || sha256sum $(MODEL_SOURCES) > $@

.PHONY: FORCE
FORCE:
