#!/bin/sh
# Make the virtual environment $1 with the first Python that is new enough.
set -eu

for python in "${PYTHON:-python3.11}" python3.12 python3.13 python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        # Debian ships ensurepip apart from Python.
        if ! "$python" -c 'import ensurepip' 2>/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-venv
        fi
        exec "$python" -m venv "$1"
    fi
done
echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python and run make again." >&2
exit 1
