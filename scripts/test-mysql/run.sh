#!/usr/bin/env bash
# Runs the tests of the load and of the migrations, which "make test" runs on MariaDB, on Oracle's MySQL.
#
#   scripts/test-mysql/run.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

LOCALDB_MYSQLD=$(scripts/test-mysql/setup)
export LOCALDB_MYSQLD
"$LOCALDB_MYSQLD" --no-defaults --version
go test -count=1 -timeout 14m ./load ./migrations
