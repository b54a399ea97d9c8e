#!/bin/sh
# Writes .env for the demo in containers: random passwords and secrets, and DEMO, which directs all traffic outside the
# shop to the simulators. For a real shop see docs/deployment.md.
set -eu
cd "$(dirname "$0")/.."

if [ -e .env ]; then
    echo '.env already exists and was not changed.' >&2
    exit 1
fi

secret() {
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

umask 077
cat > .env.part << END
# Created by docker/new-env.sh for docker-compose.yml.
ENVIRONMENT=development
DEMO=localhost
TUHUI_POLL_SECONDS=1
POSTGRES_PASSWORD=$(secret)
DARKROOM_OWNER_DB_PASSWORD=$(secret)
DARKROOM_WORKER_DB_PASSWORD=$(secret)
DARKROOM_GATEWAY_DB_PASSWORD=$(secret)
TEMPORAL_DB_PASSWORD=$(secret)
AWS_SECRET_ACCESS_KEY=$(secret)
PAYLOAD_KEYS=1:$(secret)
LINK_SECRET=$(secret)
TOKEN_SECRET=$(secret)
BOT_SECRET=whsec_$(secret)
PAYMENT_SECRETS=whsec_$(secret)
END
mv .env.part .env
echo 'Created .env. Next: docker compose --profile demo up'
