# The two commands are `make run` and `make test`; both make their own environment in .venv.
#
#   make run FILES="pile/*.txt" DATA=data PORT=8000    read, validate, build a release, serve it
#   make test                                          everything that must hold
#   make check                                         the quick part of it: style, types, arrows between rooms
#   make clean                                         remove what the others made

FILES ?= examples
DATA ?= data
PORT ?= 8000
QUERY ?= spending-by-functional-class

.PHONY: run test check install clean

run:
	@scripts/install
	@DATA="$(DATA)" PORT="$(PORT)" QUERY="$(QUERY)" scripts/run $(FILES)

test:
	@scripts/install test
	@scripts/test

check:
	@scripts/install test
	@scripts/check

install:
	@scripts/install test

clean:
	rm -rf .venv data build dist test-output .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
