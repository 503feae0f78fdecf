#!/usr/bin/env bash
# Makes the secrets of deploy/compose.yml in deploy/secrets, once: nobody has to think of a password, and none has a default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

[ ! -e secrets ] || { echo "deploy/secrets is there already; changed passwords would lock everybody out." >&2; exit 1; }
secret() { head -c 36 /dev/urandom | base64 | tr '+/' '-_'; }

umask 077
mkdir -p secrets/tls
postgres=$(secret) redis=$(secret)
printf '%s' "$postgres" >secrets/postgres
printf 'requirepass %s\ndir /data\nsave ""\nappendonly yes\nmaxmemory 128mb\nmaxmemory-policy noeviction\n' "$redis" >secrets/redis.conf
cat >secrets/settings.env <<END
IDCARD_SECRET_KEY=$(secret)
IDCARD_DATABASE_URL=postgresql://idcard:$postgres@postgres/idcard
IDCARD_CONSOLE_DATABASE_URL=postgresql://idcard:$postgres@postgres/console
IDCARD_REDIS_URL=redis://:$redis@redis:6379/0
END
# The folder is closed to others; in the containers other users than this one must be able to read the files.
chmod 644 secrets/postgres secrets/redis.conf secrets/settings.env
echo "Made deploy/secrets. Put fullchain.pem and privkey.pem into deploy/secrets/tls." >&2
