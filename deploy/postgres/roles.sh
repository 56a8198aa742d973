#!/bin/sh
# Runs once, on an empty database. Nodes use a role that may add to the log and never change it; `gamekeeper migrate`,
# as the owner, grants it what it needs.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$NODE_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE gamekeeper LOGIN PASSWORD :'password';
SQL
