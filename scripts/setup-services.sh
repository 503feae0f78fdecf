#!/usr/bin/env bash
# Sees to it that PostgreSQL, Redis and nginx are installed: the tests start their own ones, in a temporary folder, on loopback.
# Installs them by apt when it runs as root; otherwise says what to install.
set -euo pipefail

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || type -P postgres >/dev/null; }

missing=()
has_postgres || missing+=(postgresql)
type -P redis-server >/dev/null || missing+=(redis-server)
PATH="$PATH:/usr/sbin" type -P nginx >/dev/null || missing+=(nginx)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" != 0 ] || [ -z "$(type -P apt-get)" ]; then
    echo "setup: the tests need ${missing[*]}. Install them (sudo apt install ${missing[*]}) and run this again." >&2
    exit 1
fi
echo "Installing ${missing[*]} by apt …" >&2
# Installed is enough: no service need run on this machine for it.
{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null ||
    { echo "setup: apt could not install ${missing[*]}. Install them yourself and run this again." >&2; exit 1; }
