#!/bin/sh
# Install a PostgreSQL server for the ledger's tests, where that is possible without asking anyone. They start a server of their
# own on a free port and skip without one; where CI is set they fail.
set -eu

if command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends postgresql && exit 0
fi
echo "No PostgreSQL server here, and no right to install it: install the package 'postgresql' to run its tests." >&2
