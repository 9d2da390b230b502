#!/usr/bin/env bash
# Compiles the front end with the machine's own Node.js, or with one from the Python package index where there is none.
# Usage: assets.sh BIN   (the bin folder of the virtual environment)
set -euo pipefail
bin=$(cd "$1" && pwd)
if ! { command -v npm && command -v node && node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18)'; } \
    >/dev/null 2>&1; then
  echo "No Node.js 18 or newer here: installing one into the virtual environment ..."
  "$bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.txt
  export PATH="$bin:$PATH"
fi
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
npm run --silent build
