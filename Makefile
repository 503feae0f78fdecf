# The assistant in one word each: make help
.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
SHELL := /bin/bash

PYTHON := .venv/bin/python
MODEL := models/idcard.tar.gz
# The model is stale when the content or the list of these files changes. Dates say nothing: a checkout renews them.
MODEL_SOURCES := config.yml domain.yml requirements.txt scripts/train.sh assistant/rule_policy.py \
    $(sort $(wildcard data/*.yml data/*/*.yml assistant/nlu/*.py idcard/*.py) $(shell find knowledge -type f ! -name '.*'))
QUIET := RASA_TELEMETRY_ENABLED=false SQLALCHEMY_SILENCE_UBER_WARNING=1 TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1 LOG_LEVEL=WARNING
# Deprecations inside Rasa's pinned dependencies, which nobody here can mend.
DROP_DEPRECATIONS := 2> >(grep -vE 'Deprecat|^  |^Implementing' >&2)

.PHONY: run
run: setup $(MODEL) ## All set-up, train if need be, serve on 127.0.0.1:5005 (ARGS="--port 5006"), staff console on 127.0.0.1:8000
	@$(PYTHON) -m console & console=$$!; trap 'kill $$console 2>/dev/null' EXIT; $(PYTHON) -m assistant.server --model $(MODEL) $(ARGS)

.PHONY: cluster
cluster: setup $(MODEL) ## Two servers behind nginx with PostgreSQL and Redis of their own, on 127.0.0.1:5100 (ARGS="--servers 2 --port 5100")
	@scripts/setup-services.sh
	@exec $(PYTHON) -m scripts.cluster --model $(MODEL) $(ARGS)

.PHONY: console
console: setup ## Only the staff console, on 127.0.0.1:8000 (ARGS="--bind 127.0.0.1:8001")
	@$(PYTHON) -m console $(ARGS)

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
	@scripts/setup-services.sh
	@scripts/setup-schemas.sh
	@scripts/setup-browser.sh
	@$(QUIET) $(PYTHON) -m pytest $(ARGS)

.PHONY: check
check: setup ## The fast tests, without a model, services and a browser
	@$(QUIET) $(PYTHON) -m pytest -m "not model and not services and not browser" $(ARGS)

.PHONY: faults
faults: setup $(MODEL) ## Every fault, and 200 times kill -9 in the middle of turns (ARGS="--kills 1000")
	@scripts/setup-services.sh
	@$(QUIET) $(PYTHON) -m pytest tests/faults -s --kills 200 $(ARGS)

.PHONY: bench-turns
bench-turns: setup $(MODEL) ## What turn 5 and turn 100 of a conversation cost
	@$(QUIET) $(PYTHON) -m bench.turns $(ARGS)

.PHONY: bench
bench: setup $(MODEL) ## Stock Rasa and ours side by side (half an hour), and what the core costs; writes docs/benchmark.md (ARGS=--quick: ours alone, to var/)
	@$(QUIET) $(PYTHON) -m bench.core
	@$(QUIET) $(PYTHON) -m bench.side_by_side $(ARGS)

.PHONY: bench-nlu
bench-nlu: setup ## Stock Rasa (hours), ours and SVM+CRF on a data set; writes docs/benchmark-nlu.md (DATA=../shared/bench/smp2020 ARGS="--systems ours,svm_crf")
	@$(QUIET) $(PYTHON) -m bench.nlu --data $(or $(DATA),../shared/bench/smp2020) --json docs/benchmark-nlu.json --report docs/benchmark-nlu.md $(ARGS)

.PHONY: simulate
simulate: setup $(MODEL) ## Simulated citizens talk to the trained model (ARGS="--dialogues 2000 --seed 1")
	@$(QUIET) $(PYTHON) -m tests.simulated $(ARGS)

.PHONY: bench-web
bench-web: setup $(MODEL) ## 20 people chatting on the website at once: how long until the first answer
	@$(QUIET) $(PYTHON) -m bench.web $(ARGS)

.PHONY: bench-cluster
bench-cluster: setup $(MODEL) ## Turns a second with one server and with two behind nginx, and what a turn needs (ARGS="--seconds 60")
	@scripts/setup-services.sh
	@$(QUIET) $(PYTHON) -m bench.cluster --model $(MODEL) $(ARGS)

.PHONY: bench-sessions
bench-sessions: setup $(MODEL) ## What 10,000 sessions leave in the server's memory (ARGS="--sessions 1000")
	@$(QUIET) $(PYTHON) -m bench.sessions $(ARGS)

.PHONY: bench-wechat
bench-wechat: setup $(MODEL) ## The WeChat channel in real time, before a simulated platform (ARGS="--per-second 5")
	@$(QUIET) $(PYTHON) -m bench.wechat --model $(MODEL) $(ARGS)

.PHONY: wechat-menu
wechat-menu: setup ## Publish the menu of the WeChat account that the environment names
	@$(QUIET) $(PYTHON) -m assistant.channels.wechat.publish_menu

.PHONY: eval
eval: setup $(MODEL) ## Measure the trained model on the held-out cases; writes docs/understanding.md (ARGS=--errors)
	@$(QUIET) $(PYTHON) -m bench.understanding $(ARGS)

.PHONY: fuzz
fuzz: setup $(MODEL) ## Odd texts through every parser that faces the public (ARGS="--inputs 100000")
	@$(QUIET) $(PYTHON) -m tests.fuzz $(ARGS)

.PHONY: licences
licences: setup ## The licence of every locked package; fails on one that nobody has looked at
	@$(PYTHON) -m scripts.supply_chain licences

.PHONY: sbom
sbom: setup ## Write var/sbom.json, the bill of materials of the service (CycloneDX)
	@$(PYTHON) -m scripts.supply_chain sbom

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
