#!/usr/bin/env bash
# Debian and Ubuntu ship Python without the part that makes virtual environments; this installs it where we may.
set -euo pipefail
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
if command -v apt-get >/dev/null && { [ -z "$as_root" ] || command -v sudo >/dev/null; }; then
  echo "Installing python3-venv, which this machine's Python lacks ..."
  $as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends python3-venv
else
  echo "This machine's Python cannot make virtual environments: install python3-venv (or its like) and try again."
  exit 1
fi
