#!/usr/bin/env bash
# Drives the simulated university with clients that are not ours: the official Kaltura client, canvasapi and
# Google's BigQuery client, and compares the SQL with a BigQuery emulator. Then reads lakes on disk and in buckets with DuckDB's
# own programs. Their packages go into private virtual environments below .cache/test-clients (delete it to start anew). Everything
# listens on loopback only.
#
#   scripts/test-clients/run.sh    prints "N passed, N failed", and what go test says of lake/catalog
set -euo pipefail
cd "$(dirname "$0")/../.."

unavailable=69
here=scripts/test-clients
cache=.cache/test-clients

say() { printf 'test-clients: %s\n' "$*" >&2; }

# install PINS ENVIRONMENT: the packages of that list, if they are not there.
install() {
    local pins=$here/$1 place=$cache/$2
    ! cmp -s "$pins" "$place/installed" || return 0
    say "installing $1 into $place"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { say "Python 3.11 or newer is needed"; exit "$unavailable"; }
    rm -rf "$place"
    if ! { python3 -m venv "$place" && "$place/bin/pip" install -q --disable-pip-version-check -r "$pins"; } >"$cache/log" 2>&1; then
        tail -n 20 "$cache/log" >&2
        say "the clients cannot be installed (on Debian, python3-venv is needed; see above)"
        exit "$unavailable"
    fi
    cp "$pins" "$place/installed"
}

mkdir -p "$cache"
echo '*' >"$cache/.gitignore"
install requirements.txt venv
install duckdb.txt duckdb

go build -o "$cache/fakes" "./$here/fakes"
failed=0
"$cache/venv/bin/python" -B -W ignore "$here/check.py" "$cache/fakes" || failed=$?

root=$PWD
extension() { find "$root/$cache/duckdb/lib" -name "$1.duckdb_extension" -print -quit; }
DUCKDB=$root/$cache/duckdb/bin/duckdb DUCKDB_HTTPFS=$(extension httpfs) DUCKDB_AZURE=$(extension azure) \
    PYTHON=$root/$cache/venv/bin/python PYTHON_SCRIPT=$root/$here/lake.py \
    go test -count 1 -tags clients -run Clients ./lake/catalog || failed=$?
exit "$failed"
