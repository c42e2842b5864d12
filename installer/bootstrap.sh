#!/usr/bin/env bash
# Installs Desktop OCR into .venv beside this checkout, and runs or tests it.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
venv=$root/.venv
constraints=$root/installer/constraints.txt

# What Qt and OpenCV load from the system: the library, and the package of Debian and Ubuntu that has it.
libraries=(
  libEGL.so.1=libegl1
  libGL.so.1=libgl1
  libglib-2.0.so.0=libglib2.0-0
  libdbus-1.so.3=libdbus-1-3
  libfontconfig.so.1=libfontconfig1
  libgssapi_krb5.so.2=libgssapi-krb5-2
  libxkbcommon.so.0=libxkbcommon0
  libxkbcommon-x11.so.0=libxkbcommon-x11-0
  libX11-xcb.so.1=libx11-xcb1
  libxcb-cursor.so.0=libxcb-cursor0
  libxcb-icccm.so.4=libxcb-icccm4
  libxcb-image.so.0=libxcb-image0
  libxcb-keysyms.so.1=libxcb-keysyms1
  libxcb-randr.so.0=libxcb-randr0
  libxcb-render-util.so.0=libxcb-render-util0
  libxcb-shape.so.0=libxcb-shape0
  libxcb-sync.so.1=libxcb-sync1
  libxcb-util.so.1=libxcb-util1
  libxcb-xfixes.so.0=libxcb-xfixes0
  libxcb-xkb.so.1=libxcb-xkb1
  libwayland-client.so.0=libwayland-client0
  libwayland-cursor.so.0=libwayland-cursor0
  libwayland-egl.so.1=libwayland-egl1
)
# What the tests call: the program, and its package.
test_tools=(
  pdftotext=poppler-utils
  qpdf=qpdf
  Xvfb=xvfb
)

usage() {
  cat <<'TEXT'
Usage:
  installer/bootstrap.sh run [--gpu] [FILES...]    install what is missing, then open the window with FILES
  installer/bootstrap.sh test [PYTEST ARGUMENTS]   install what is missing, then run all checks and tests

  --gpu    use an NVIDIA GPU: puts onnxruntime-gpu in the place of onnxruntime (not tried yet by the developers)

The Python to use is found by itself (3.11, 3.12, or newer); PYTHON=/path/to/python names another one.
TEXT
}

# Each argument is a line.
say() { printf '%s\n' "$@" >&2; }

fail() {
  say "$@"
  exit 1
}

# --- Python and system packages ---

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

has_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

# Prints the Python to build on; one that can make virtual environments comes before one that cannot.
find_python() {
  local name found=
  for name in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3.13 python3; do
    fits "$name" || continue
    if has_venv "$name"; then
      found=$name
      break
    fi
    [ -n "$found" ] || found=$name
  done
  printf '%s' "$found"
}

# Prints the packages of the libraries that do not load.
missing_libraries() {
  "$1" - "${libraries[@]}" <<'PYTHON'
import ctypes
import sys

for pair in sys.argv[1:]:
    library, package = pair.split("=")
    try:
        ctypes.CDLL(library)
    except OSError:
        print(package)
PYTHON
}

missing_tools() {
  local pair
  for pair in "${test_tools[@]}"; do
    command -v "${pair%%=*}" >/dev/null || printf '%s\n' "${pair#*=}"
  done
}

install_packages() {
  if command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
    say "Installing with apt: $*"
    apt-get update -qq -o DPkg::Lock::Timeout=120
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "$@" >/dev/null
  elif command -v apt-get >/dev/null; then
    fail "Some system packages are missing. Please install them with this command, then try again:" \
      "  sudo apt-get install -y --no-install-recommends $*"
  else
    fail "Some system packages are missing. Please install what these are called on your system, then try again:" \
      "  $*"
  fi
}

# Sees that Python and the system packages are there; sets `python`.
prepare_system() {
  local with_tools=$1 missing=()
  python=$(find_python)
  if [ -z "$python" ]; then
    missing=(python3-venv "${libraries[@]#*=}")
  else
    has_venv "$python" || missing=("$(basename "$(readlink -f "$(command -v "$python")")")-venv")
    mapfile -t -O "${#missing[@]}" missing < <(missing_libraries "$python")
  fi
  if [ "$with_tools" = yes ]; then
    mapfile -t -O "${#missing[@]}" missing < <(missing_tools)
  fi
  if [ "${#missing[@]}" -gt 0 ]; then
    [ -n "$python" ] || say "No Python 3.11 or newer was found."
    install_packages "${missing[@]}"
    python=$(find_python)
  fi
  if [ -z "$python" ] || ! has_venv "$python"; then
    fail "Desktop OCR needs Python 3.11 or 3.12 with its venv module, and this system's packages have none." \
      "Please install one, and name it like this: PYTHON=/path/to/python3.11 $0 ..."
  fi
}

# --- The virtual environment ---

# What an installation is made from; where it is the same as last time, pip has nothing to do.
fingerprint() {
  { printf '%s\n' "$1" "$("$venv/bin/python" -VV)"; cat "$root/pyproject.toml" "$constraints"; } | sha256sum
}

stamp_fits() { [ "$(cat "$venv/.installed-$1" 2>/dev/null)" = "$(fingerprint "$1")" ]; }

stamp() { fingerprint "$1" >"$venv/.installed-$1"; }

pip() {
  local quiet=-q
  [ -t 1 ] && quiet=
  "$venv/bin/python" -m pip $quiet --disable-pip-version-check --no-input "$@"
}

make_venv() {
  # A virtual environment holds absolute paths: one that came along with a moved folder is of no use.
  if grep -qF "$venv" "$venv/pyvenv.cfg" 2>/dev/null && "$venv/bin/python" -c 'import pip' 2>/dev/null; then
    return
  fi
  say "Making .venv with $("$python" -V)."
  "$python" -m venv --clear "$venv"
}

# install PARTS: "base" for the program, "test" for the program and the test tools.
install() {
  local parts=$1 target=$root
  [ "$parts" = base ] || target="${root}[$parts]"
  make_venv
  if ! stamp_fits "$parts"; then
    say "Installing into .venv. The first time this takes a few minutes."
    pip install -c "$constraints" -e "$target"
    # Without it the first start would be slow, and every start where Python may not write its bytecode.
    "$venv/bin/python" -m compileall -q "$root/desktop_ocr"
    stamp base
    stamp "$parts"
    # pip brought onnxruntime back; the GPU's build, where it was wanted, has to follow it again.
    if [ -e "$venv/.installed-gpu" ]; then
      : >"$venv/.installed-gpu"
    fi
  fi
  if [ -e "$venv/.installed-gpu" ]; then
    install_gpu
  fi
}

# Both packages write the same folder, and pymupdf asks for the CPU's: the GPU's has to be the last one in.
install_gpu() {
  stamp_fits gpu && return
  local version
  version=$(sed -n 's/^onnxruntime==//p' "$constraints")
  say "Putting onnxruntime-gpu $version in the place of onnxruntime."
  pip uninstall -y onnxruntime onnxruntime-gpu
  pip install -c "$constraints" "onnxruntime-gpu[cuda,cudnn]==$version"
  stamp gpu
}

# --- Commands ---

run() {
  local gpu=no
  if [ "${1:-}" = --gpu ]; then
    gpu=yes
    shift
  fi
  prepare_system no
  install base
  [ "$gpu" = no ] || install_gpu
  if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-}" ] && [ "$(uname)" = Linux ]; then
    say "There is no display to open the window on. On the command line it goes like this:"
    say "  $venv/bin/desktop-ocr convert FILE... --out FOLDER"
    exit 2
  fi
  exec "$venv/bin/desktop-ocr" "$@"
}

failed=()

check() {
  local name=$1
  shift
  say "--- $name"
  "$@" || failed+=("$name")
}

run_tests() {
  prepare_system yes
  install test
  cd "$root"
  export QT_QPA_PLATFORM=offscreen
  local bin=$venv/bin
  check "ruff check" "$bin/ruff" check .
  check "ruff format" "$bin/ruff" format --check .
  check "mypy" "$bin/mypy"
  check "import-linter" "$bin/lint-imports"
  # Two at a time, each file's tests in one process, in their usual order. `-n 0` among the arguments: one at a time.
  check "pytest" "$bin/python" -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder "$@"
  if [ "${#failed[@]}" -gt 0 ]; then
    fail "FAILED: $(printf '%s, ' "${failed[@]}" | sed 's/, $//')"
  fi
  say "All checks passed."
}

case ${1:-} in
  run)
    shift
    run "$@"
    ;;
  test)
    shift
    run_tests "$@"
    ;;
  -h | --help | help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
