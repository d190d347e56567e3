#!/usr/bin/env bash
# Runs the tests of the load and of the migrations, which "make test" runs on MariaDB, on Oracle's MySQL,
# and kills more loads.
#
#   scripts/test-mysql/run.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

LOCALDB_MYSQLD=$(scripts/test-mysql/setup)
export LOCALDB_MYSQLD
"$LOCALDB_MYSQLD" --no-defaults --version
LOAD_TEST_KILLS=${LOAD_TEST_KILLS:-50} go test -count=1 -timeout 30m ./load ./migrations
