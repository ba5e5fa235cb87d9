#!/bin/sh
# Lint, type-check and test the JavaScript: node.sh [npm script ...]. Node is installed where that is possible without asking anyone.
# Without it the checks are skipped; where CI is set they fail.
set -eu
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends nodejs npm
fi
if ! command -v npm >/dev/null; then
    echo "No Node here, and no right to install it: install the packages 'nodejs' and 'npm' to check the JavaScript." >&2
    test -z "${CI:-}"
    exit
fi
# The copy of the lock file says what is installed: npm runs again only when the lock changes.
if ! cmp -s package-lock.json node_modules/.installed; then
    npm ci --no-audit --no-fund --loglevel=error
    cp package-lock.json node_modules/.installed
fi
for script in "$@"; do npm run --silent "$script"; done
