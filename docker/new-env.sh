#!/bin/sh
# Writes .env for the demo in containers: passwords and secrets made up here, and DEMO, which leads everything outside
# the shop to the simulators. For a shop of your own see docs/deployment.md.
set -eu
cd "$(dirname "$0")/.."

if [ -e .env ]; then
    echo 'There is a .env already; it stays as it is.' >&2
    exit 1
fi

secret() {
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

umask 077
cat > .env.part << END
# Made by docker/new-env.sh for docker-compose.yml.
ENVIRONMENT=development
DEMO=localhost
TUHUI_POLL_SECONDS=1
POSTGRES_PASSWORD=$(secret)
DARKROOM_DB_PASSWORD=$(secret)
TEMPORAL_DB_PASSWORD=$(secret)
AWS_SECRET_ACCESS_KEY=$(secret)
LINK_SECRET=$(secret)
BOT_SECRET=whsec_$(secret)
PAYMENT_SECRETS=whsec_$(secret)
END
mv .env.part .env
echo 'Made .env. Now: docker compose --profile demo up'
