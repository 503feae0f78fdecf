#!/usr/bin/env bash
# Makes .venv: Python 3.10 with exactly the packages of requirements-dev.txt. Does nothing when that has been done already.
# Anything it has to fetch itself (uv, where there is none) goes to .venv-tools; nothing outside this folder is changed,
# save that it installs python3-venv by apt when it runs as root and cannot do without.
#
#   scripts/setup.sh            set up
#   scripts/setup.sh --uv       print the path of uv, fetching uv if need be
#   scripts/setup.sh --python   print the Python 3.10 it would use, if there is one
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

REQUIREMENTS=requirements-dev.txt
STAMP=.venv/.set-up-for

say() { printf '%s\n' "$*" >&2; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# A command on PATH need not work: pyenv's shims exist for versions that are not chosen.
runs() { "$@" >/dev/null 2>&1; }

is_python310() { runs "$1" -c 'import ctypes, sqlite3, ssl, sys, zlib; sys.exit(sys.version_info[:2] != (3, 10))'; }

find_python310() {
    local candidate
    while read -r candidate; do
        if [ -x "$candidate" ] && is_python310 "$candidate"; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done < <(type -aP python3.10; printf '%s\n' "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10*/bin/python | sort -rV)
    return 1
}

find_uv() {
    local candidate
    while read -r candidate; do
        if [ -x "$candidate" ] && runs "$candidate" --version; then
            printf '%s\n' "$candidate"
            return
        fi
    done < <(type -aP uv; printf '%s\n' "$PWD/.venv-tools/bin/uv" "$HOME/.local/bin/uv" "$HOME/.cargo/bin/uv")
    return 1
}

# Debian and Ubuntu let pip install into a virtual environment only (PEP 668), and package venv separately.
make_tools_venv() {
    rm -rf .venv-tools
    runs "$1" -m venv .venv-tools && [ -x .venv-tools/bin/pip ]
}

fetch_uv() {
    local python
    python=$(find_python310 || type -P python3) || fail "python3 is missing. Install it (sudo apt install python3 python3-venv) and run this again."
    say "Fetching uv into .venv-tools …"
    if ! make_tools_venv "$python"; then
        if [ "$(id -u)" = 0 ] && [ -n "$(type -P apt-get)" ]; then
            say "Installing python3-venv by apt …"
            { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; } >/dev/null ||
                fail "apt could not install python3-venv. Install python3-venv or uv yourself and run this again."
        fi
        make_tools_venv "$(type -P python3 || printf '%s' "$python")" ||
            fail "$python cannot make virtual environments. Run: sudo apt install python3-venv, or install uv, and run this again."
    fi
    .venv-tools/bin/python -m pip install --quiet --disable-pip-version-check uv ||
        fail "uv could not be fetched. Look at the network (proxy, certificate), or install uv yourself, and run this again."
}

uv_path() {
    find_uv || { fetch_uv && find_uv; } || fail "uv was fetched but does not run. Install uv yourself and run this again."
}

fingerprint() { sha256sum <"$REQUIREMENTS"; }

# The commands in .venv/bin name the folder they were made in: a copied or moved .venv has to be made again.
has_venv() { is_python310 .venv/bin/python && grep -qF "$PWD/.venv" .venv/bin/activate; }

is_set_up() { [ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$(fingerprint)" ] && has_venv; }

make_venv() {
    local uv=$1 python
    rm -rf .venv
    if python=$(find_python310); then
        say "Making .venv with $python …"
        "$uv" venv --quiet --no-project --python "$python" .venv || fail "uv could not make .venv; its message stands above."
    else
        say "No Python 3.10 found; uv fetches one (30 MB) …"
        "$uv" venv --no-project --python 3.10 .venv ||
            fail "Python 3.10 could not be fetched. Install it (pyenv install 3.10, or python3.10 by your package manager), or point UV_PYTHON_INSTALL_MIRROR to a mirror, and run this again."
    fi
    # uv remembers what it once learnt about a path. Were it to take .venv for the Python behind it, it would replace the
    # packages of that Python instead.
    [ "$("$uv" pip list --quiet --python .venv/bin/python --format json)" = "[]" ] ||
        fail "uv takes .venv for another Python. Run: $uv cache clean, then run this again."
}

# Byte code of the installed packages: without it every start compiles Rasa anew where PYTHONDONTWRITEBYTECODE is set.
compile_packages() {
    say "Compiling the packages (half a minute) …"
    .venv/bin/python -m compileall -q -j 0 .venv/lib/python3.10/site-packages >/dev/null 2>&1 || true
}

# Byte code of our own core, so that the command line starts at once; unchanged files are skipped.
compile_ours() {
    .venv/bin/python -m compileall -q idcard actions assistant >/dev/null 2>&1 || true
}

set_up() {
    local uv
    uv=$(uv_path)
    rm -f "$STAMP"
    [ "$(uname -sm)" = "Linux x86_64" ] || say "The locked packages are those for Linux on x86-64; on $(uname -sm) some may be missing."
    has_venv || make_venv "$uv"
    say "Installing the packages of $REQUIREMENTS (1.5 GB; some minutes the first time) …"
    UV_HTTP_TIMEOUT=${UV_HTTP_TIMEOUT:-300} "$uv" pip sync --python .venv/bin/python --require-hashes "$REQUIREMENTS" ||
        fail "the packages could not be installed; uv's message stands above. After a network error simply run this again: what has been fetched is kept."
    compile_packages
    fingerprint >"$STAMP"
    say "Set up."
}

case "${1:-}" in
    --uv) uv_path ;;
    --python) find_python310 ;;
    *)
        is_set_up || set_up
        compile_ours
        ;;
esac
