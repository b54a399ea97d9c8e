#!/bin/sh
# Migrates Temporal's tables to the version of its server; may be repeated safely. temporal-sql-tool contains the schema
# and reads SQL_HOST, SQL_USER and so on from the environment.
set -eu

for store in temporal visibility; do
    [ "$store" = temporal ] && SQL_DATABASE=temporal || SQL_DATABASE=temporal_visibility
    export SQL_DATABASE
    temporal-sql-tool setup-schema --version 0.0
    temporal-sql-tool update-schema --schema-name "postgresql/v12/$store"
done
