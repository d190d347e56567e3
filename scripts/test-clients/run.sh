#!/usr/bin/env bash
# Drives the simulated university with clients that are not ours: the official Kaltura client, canvasapi and
# Google's BigQuery client, and compares the SQL with a BigQuery emulator. Their packages go into a private
# virtual environment, .cache/test-clients (delete it to start anew). Everything listens on loopback only.
#
#   scripts/test-clients/run.sh    prints "N passed, N failed"
set -euo pipefail
cd "$(dirname "$0")/../.."

unavailable=69
here=scripts/test-clients
cache=.cache/test-clients
pins=$here/requirements.txt

say() { printf 'test-clients: %s\n' "$*" >&2; }

mkdir -p "$cache"
echo '*' >"$cache/.gitignore"
if ! cmp -s "$pins" "$cache/installed"; then
    say "installing the clients into $cache"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { say "Python 3.11 or newer is needed"; exit "$unavailable"; }
    rm -rf "$cache/venv" "$cache/installed"
    if ! { python3 -m venv "$cache/venv" && "$cache/venv/bin/pip" install -q --disable-pip-version-check -r "$pins"; } >"$cache/log" 2>&1; then
        tail -n 20 "$cache/log" >&2
        say "the clients cannot be installed (on Debian, python3-venv is needed; see above)"
        exit "$unavailable"
    fi
    cp "$pins" "$cache/installed"
fi

go build -o "$cache/fakes" "./$here/fakes"
exec "$cache/venv/bin/python" -B -W ignore "$here/check.py" "$cache/fakes"
