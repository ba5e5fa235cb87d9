#!/bin/sh
# Run the tests of catalog, trace, costs, formulas and latency with other versions of torch, each in an environment of its own under
# build/torch. Without arguments: the oldest version that pyproject.toml allows, the pinned one, and the newest there is. Builds with
# CUDA libraries take some GB each. With arguments: those versions, such as 2.12.0 or newest.
set -eu
cd "$(dirname "$0")/.."

pinned=$(sed -n 's/^torch==\([0-9.]*\).*/\1/p' requirements.txt)
oldest=$(sed -n 's/^ *"torch>=\([0-9.]*\).*/\1.0/p' pyproject.toml)
[ $# -gt 0 ] || set -- "$oldest" "$pinned" newest

failed=""
for version in "$@"; do
    home=build/torch/$version
    [ -x "$home/bin/python" ] || { mkdir -p build/torch && sh scripts/venv.sh "$home"; }
    # Everything but torch as pinned for the tests.
    cat requirements.txt requirements-dev.txt | grep -v -e '^torch==' -e '^-r ' >"$home/requirements.txt"
    if [ "$version" = newest ]; then torch=torch; else torch="torch==$version"; fi
    "$home/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade --upgrade-strategy only-if-needed "$torch" -r "$home/requirements.txt"
    echo "torch $("$home/bin/python" -c 'import torch; print(torch.__version__)')"
    "$home/bin/python" -m pytest -n "${JOBS:-2}" --dist loadgroup tests/catalog tests/trace tests/cost tests/formulas tests/latency || failed="$failed $version"
done
[ -z "$failed" ] || { echo "Failed with torch$failed" >&2; exit 1; }
