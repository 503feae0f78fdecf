#!/usr/bin/env bash
# Writes requirements.txt (what the service needs), requirements-dev.txt (that and the tests) and requirements-deploy.txt (what
# checks deploy/, in a venv of its own) from pyproject.toml, with hashes, for Linux on x86-64, and without a word on where packages
# come from: that is each machine's own setting.
# (A lock for all platforms holds numpy at 1.22.3 everywhere, by a slip in the markers of Rasa 3.6.21.)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

uv=$(scripts/setup.sh --uv)
compile() {
    "$uv" pip compile --quiet --python .venv/bin/python --python-platform x86_64-unknown-linux-gnu --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@"
}
compile pyproject.toml --output-file requirements.txt "$@"
compile pyproject.toml --extra dev --constraints requirements.txt --output-file requirements-dev.txt "$@"
compile --group deploy --output-file requirements-deploy.txt "$@"
if grep -nE '://|--(extra-)?index-url|--find-links' requirements*.txt; then
    echo "lock: the lines above name a place; take it out of uv's settings and run this again." >&2
    exit 1
fi
