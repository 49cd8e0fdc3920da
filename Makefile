# Reservplan: everything that is done by hand on a machine. `make` alone lists it.
# Plain pip is used, so that a proxy or mirror in the user's pip.conf holds here too.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# Settings of another Airflow or Python on this machine must not reach ours.
unexport $(filter AIRFLOW_% PYTHONPATH PYTHONHOME VIRTUAL_ENV,$(.VARIABLES))

BIN := .venv/bin
STORE ?= smb
BENCHMARK_PACKAGES := samba smbclient postgresql
# Without these the rows of WeasyPrint, LibreOffice and rclone say that they are not there.
COMPARED_PACKAGES := libpangoft2-1.0-0 libreoffice-calc rclone
# Without these a folder that behaves as FAT does stands in for a real stick, and no quota is tried.
STICK_PACKAGES := exfat-fuse exfatprogs btrfs-progs
# On more cores than four the real servers of the tests would be in each other's way.
SIDE_BY_SIDE := --numprocesses=logical --maxprocesses=4 --dist=loadfile --no-loadscope-reorder
TEST_PACKAGES := samba smbclient poppler-utils chromium libreoffice-calc postgresql redis-server docker-compose yamllint shellcheck

# The newest fitting Python that can make an environment. Each is tried, not only looked up:
# a version manager leaves commands that only say that they are not there.
FIND_PYTHON = for name in python3.14 python3.13 python3.12 python3.11 python3; do \
	"$$name" -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null \
	&& { echo "$$name"; break; } || true; done

.PHONY: help env env-dev run up down secrets test test-long benchmark lint fix golden pictures docs lock

##@ Use

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: .venv/.project ## .venv with the command .venv/bin/reservplan

run: env ## a whole day once, through real Airflow, to a Samba on this machine (STORE=folder: to a plain folder)
	@[[ $(STORE) != smb ]] || servers/packages.sh --for-run samba
	$(BIN)/python -m demo.run --store $(STORE)

up: env ## the same, and stays, with the web pages
	@[[ $(STORE) != smb ]] || servers/packages.sh --for-run samba
	$(BIN)/python -m demo.up --store $(STORE)

down: env ## ends what `make up` left running
	@$(BIN)/python -m demo.down

secrets: ## for docker-compose.yaml: passwords and keys in secrets/, the site's values in .env; what is there stays
	@deploy/make-secrets.sh

##@ Develop

env-dev: .venv/.dev ## env, with what tests and checks need

test: lint ## the checks, then all tests in their short form
	@servers/packages.sh $(TEST_PACKAGES)
	servers/packages.sh $(STICK_PACKAGES) || echo "Going on without them." >&2
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not long"

test-long: lint ## the checks, then all tests in their full length
	@servers/packages.sh $(TEST_PACKAGES)
	servers/packages.sh $(STICK_PACKAGES) || echo "Going on without them." >&2
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

benchmark: .venv/.benchmarks ## each step's time and memory beside the obvious ways; writes docs/benchmarks.md (QUICK=1: 44 cells, only prints)
	@servers/packages.sh $(BENCHMARK_PACKAGES)
	servers/packages.sh $(COMPARED_PACKAGES) || echo "Going on without them." >&2
	$(BIN)/python -m benchmarks.run $(if $(QUICK),--quick)

lint: env-dev ## style, types and the directions of import; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: env-dev ## repairs what ruff can repair by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pictures: env-dev ## docs/pictures/ of every artifact anew, from the demo's data
	@servers/packages.sh poppler-utils chromium libreoffice-calc fonts-liberation
	$(BIN)/python -m docs.make_pictures

golden: env-dev ## after a meant change of the paper: its golden texts anew, to be read as a difference
	$(BIN)/python -m pytest -q tests/paper/test_hostile_text.py --write-golden

docs: env ## makes docs/dags.md and docs/runbooks/alerts.md anew from the code
	@$(BIN)/python -m docs.generate_dags
	$(BIN)/python -m docs.generate_alerts

lock: env ## makes requirements*.txt anew from requirements*.in (UPGRADE=--upgrade: with the newest versions)
	@$(BIN)/python -m venv .run/lock
	.run/lock/bin/pip install --quiet uv==0.13.9
	for name in requirements requirements-deployment requirements-dev requirements-benchmarks; do
		.run/lock/bin/uv pip compile $(UPGRADE) --quiet --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
			"$$name.in" --output-file "$$name.txt"
	done

# The environment, in three steps that are each redone only when what they read has changed.

.venv/.runtime: requirements.txt
	@# An environment whose Python has been removed or upgraded away is made anew.
	if ! $(BIN)/python -c '' 2>/dev/null; then
		python=$$($(FIND_PYTHON))
		if [[ -z $$python ]]; then
			servers/packages.sh python3-venv
			python=$$($(FIND_PYTHON))
		fi
		if [[ -z $$python ]]; then
			echo "Reservplan needs Python 3.11, 3.12, 3.13 or 3.14 with its venv (python3 here: $$(python3 -V 2>&1))." >&2
			exit 1
		fi
		"$$python" -m venv --clear .venv
	fi
	echo "Installing what Reservplan needs into .venv: a minute or two …"
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.txt
	touch $@

# Editable, and built with the setuptools of the lock: no download, and importable by `python -I` from anywhere.
.venv/.project: .venv/.runtime pyproject.toml
	@$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	touch $@

# Without build isolation because odfpy comes as source only, and isolation would fetch a setuptools outside the lock.
.venv/.dev: .venv/.project requirements-deployment.txt requirements-dev.txt
	@# What a deployment has, too: tests rehearse it.
	$(BIN)/python -m pip install --quiet --require-hashes --no-build-isolation \
		--requirement requirements-deployment.txt --requirement requirements-dev.txt
	touch $@

.venv/.benchmarks: .venv/.project requirements-deployment.txt requirements-benchmarks.txt
	@$(BIN)/python -m pip install --quiet --require-hashes --no-build-isolation \
		--requirement requirements-deployment.txt --requirement requirements-benchmarks.txt
	touch $@
