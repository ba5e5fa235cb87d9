# make run    the app, after doing all set-up          make test   all checks, after doing all set-up
# make docs   the site, into build/site                make gpu    the check on a GPU
# make thorough  the same with every sweep whole, about two hours
# make audit  known vulnerabilities of the packages that are installed; needs the public lists, so the network
# make truth  counts of some thousand networks of other libraries against torch's
# make bench, load, calibrate, screenshots, contact-sheets, notebooks, torch-versions; make clean removes what they made
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8501
JOBS ?= 2
# The check on a GPU runs in whatever Python has torch with CUDA.
PYTHON ?= python3
ARGS ?=

.PHONY: run test thorough lint js browser postgres proxy docs notebooks bench load calibrate gpu screenshots contact-sheets torch-versions truth audit clean

run: $(VENV)/.run
	$(BIN)/streamlit run app.py --server.port $(PORT) $(ARGS)

test: lint js browser postgres proxy
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

# Every sweep whole, of which `make test` looks at a part (tests/thorough.py).
thorough: export EXPLORER_THOROUGH = 1
thorough: test

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

js:
	sh scripts/node.sh lint types test

browser:
	sh scripts/chromium.sh

postgres:
	sh scripts/postgres.sh

proxy:
	sh scripts/proxy.sh

docs: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

notebooks: $(VENV)/.dev
	$(BIN)/python -m scripts.notebooks

bench: $(VENV)/.dev browser
	$(BIN)/python -m scripts.bench
	$(BIN)/python -m scripts.bench_turns
	$(BIN)/python -m scripts.bench_space
	$(BIN)/python -m scripts.bench_browser
	$(BIN)/python -m scripts.bench_graph
	$(BIN)/python -m scripts.bench_inside

# Fifty sessions at once, for two minutes.
load: $(VENV)/.dev
	$(BIN)/python -m scripts.load $(ARGS)

gpu:
	$(PYTHON) -m scripts.gpu_check $(ARGS)

calibrate: $(VENV)/.dev
	$(BIN)/python -m scripts.calibrate $(ARGS)

screenshots: $(VENV)/.dev browser
	$(BIN)/python -m scripts.screenshots $(ARGS)

contact-sheets: $(VENV)/.dev browser
	$(BIN)/python -m scripts.contact_sheets $(ARGS)

torch-versions:
	sh scripts/torch_versions.sh $(ARGS)

truth: build/truth/.installed
	OMP_NUM_THREADS=1 build/truth/bin/python -m scripts.truth $(ARGS)

# Python's packages first; npm's audit is run all the same, and either fails the target.
audit: build/audit/.installed $(VENV)/.run
	packages=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); status=0; \
	build/audit/bin/pip-audit --path $$packages --progress-spinner off --format json | $(BIN)/python -m scripts.audit || status=1; \
	npm audit --package-lock-only || status=1; exit $$status

clean:
	rm -rf $(VENV) build node_modules

# The stamps say what was installed: pip runs again only when a requirements file changes.
$(BIN)/python:
	sh scripts/venv.sh $(VENV)

$(VENV)/.run: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $(VENV)/.run $@

build/truth/.installed: scripts/truth-requirements.txt requirements.txt
	sh scripts/venv.sh build/truth
	grep -E '^(pandas|numpy|sympy|polib|pillow|platformdirs|filelock|psutil)==' requirements.txt >build/truth/requirements.txt
	build/truth/bin/python -m pip install --quiet --disable-pip-version-check -r build/truth/requirements.txt -r scripts/truth-requirements.txt
	touch $@

build/audit/.installed: scripts/audit-requirements.txt
	sh scripts/venv.sh build/audit
	build/audit/bin/python -m pip install --quiet --disable-pip-version-check -r scripts/audit-requirements.txt
	touch $@
