#!/usr/bin/env bash
# Resolves requirements/run.lock and requirements/dev.lock from pyproject.toml.
#
# The locks hold versions and hashes and no download address: every machine fetches from the
# index its own pip and uv settings name. requirements/overrides.txt says which packages that
# others ask for are never wanted here, and why. Uses the `uv` on the path.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v uv >/dev/null || {
  echo "lock: uv is needed on the path (pip install uv)" >&2
  exit 1
}

compile() {
  local output="$1"
  shift
  uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-header \
    --override requirements/overrides.txt --output-file "$output" "$@"
  echo "$output: $(grep -c '==' "$output") packages"
}

compile requirements/run.lock
compile requirements/dev.lock --group dev
