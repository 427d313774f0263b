# Recipes for developers; `just` lists them.

python := ".venv/bin/python"

# install gradviz and what its tests need, editable
setup:
    python3 -m venv .venv
    {{python}} -m pip install -e ".[test]"

# what CI runs
check: lint types test slow

lint:
    {{python}} -m ruff format --check .
    {{python}} -m ruff check .

types:
    {{python}} -m mypy

test *arguments:
    {{python}} -P -m pytest {{arguments}}

# the tests that take more than some seconds each
slow:
    {{python}} -P -m pytest -m slow

# the pictures of README and docs, what their commands print, and docs/book.md; some minutes
docs:
    {{python}} docs/make.py

# docs/speed.md: each bar of speed beside what one would write by hand; a quarter of an hour, on a machine at rest
bench *arguments:
    {{python}} tests/benchmarks/bench.py {{arguments}}

# docs/accuracy.md: gradients of published functions, ours and those of SciPy and numdifftools
accuracy:
    {{python}} -m pip install -e ".[accuracy]"
    {{python}} docs/accuracy.py

# what differs from an installed release in what the commands of README, docs and presets give; some minutes
compare reference *arguments:
    {{python}} docs/compare.py {{reference}} {{python}} {{arguments}}
