#!/bin/sh
# Brings Temporal's own tables to the version of its server; harmless when repeated. SQL_HOST, SQL_USER and the like are
# read by temporal-sql-tool itself, which carries the schema.
set -eu

for store in temporal visibility; do
    [ "$store" = temporal ] && SQL_DATABASE=temporal || SQL_DATABASE=temporal_visibility
    export SQL_DATABASE
    temporal-sql-tool setup-schema --version 0.0
    temporal-sql-tool update-schema --schema-name "postgresql/v12/$store"
done
