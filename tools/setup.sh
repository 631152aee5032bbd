#!/usr/bin/env bash
# Prepares this folder: installs AzCopy and Azurite below tools/, the libraries that AzCopy needs, and builds the solution.
# Safe to repeat and to run twice at once; with nothing to do it takes about a second. Writes to standard error only.
# With --versions, also what only tests need: other versions of AzCopy below tools/versions, and the Bicep compiler.
# Afterwards tools/.setup/azcopy is an AzCopy that starts on this machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec 1>&2

root=$PWD
state=tools/.setup
mkdir -p "$state" || { echo "This folder cannot be written: $PWD" >&2; exit 1; }

fail() { echo "Set-up failed: $*" >&2; exit 1; }

need() { # program, what to do about it
  command -v "$1" >/dev/null 2>&1 || fail "$1 was not found. $2"
}

need flock "Install util-linux."
if [[ ${TIERING_SETUP_LOCKED:-} != "$PWD" ]]; then
  # --close keeps the lock out of build servers, which would hold it long after this script.
  TIERING_SETUP_LOCKED=$PWD exec flock --close "$state/lock" "$BASH" "tools/$(basename "${BASH_SOURCE[0]}")" "$@"
fi
unset TIERING_SETUP_LOCKED

need dotnet "Install the .NET 10 SDK: https://dotnet.microsoft.com/download"
need node "Install Node.js 20 or later: https://nodejs.org"
need npm "Install npm, which comes with Node.js: https://nodejs.org"

# Programs that want a home folder get one, also in a container whose user has none.
if [[ -z ${HOME:-} || ! -w ${HOME:-/nonexistent} ]]; then
  HOME=$(getent passwd "$(id -u)" | cut -d: -f6) || true
  [[ -n $HOME && -w $HOME ]] || { HOME=$root/$state/home; mkdir -p "$HOME"; }
  export HOME
fi
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false

quietly() { # log name, command...: shows the output only when the command fails
  local log=$state/$1.log
  shift
  "$@" >"$log" 2>&1 || { tail -n 60 "$log" >&2; return 1; }
}

install_tools() {
  local stamp=tools/node_modules/.tiering-installed wanted major
  wanted=$(sha256sum tools/package-lock.json | cut -d' ' -f1)
  if [[ $(cat "$stamp" 2>/dev/null) == "$wanted" ]]; then return; fi
  major=$(node -p 'process.versions.node.split(".")[0]')
  (( major >= 20 )) || fail "Node.js $(node -v) is too old; 20 or later is needed."
  # npm would empty the folder that the link leads to.
  [[ ! -L tools/node_modules ]] || fail "tools/node_modules is a link to a folder that does not hold what tools/package-lock.json names."
  echo "Installing AzCopy and Azurite (npm ci) ..."
  quietly npm npm ci --prefix tools --ignore-scripts --no-audit --no-fund --loglevel=error || fail "npm ci did not succeed; its log is $state/npm.log."
  echo "$wanted" >"$stamp"
}

missing_libraries() { # optional folder of further libraries: prints what AzCopy does not find
  LD_LIBRARY_PATH=${1:-${LD_LIBRARY_PATH:-}} ldd "$azcopy" 2>/dev/null | awk '/not found/ { print $1 }' | sort -u
}

apt() { # apt-get with lists and a cache of its own, which need no root
  apt-get -qq -o "Dir::State::lists=$root/$state/apt/lists" -o "Dir::Cache=$root/$state/apt/cache" -o Debug::NoLocking=1 \
    -o APT::Sandbox::User="$(id -un)" "$@"
}

unpack_libraries() {
  local folder=$root/$state/debian.new name package
  command -v apt-get >/dev/null 2>&1 && command -v dpkg >/dev/null 2>&1 ||
    fail "AzCopy needs these libraries: $(missing_libraries | tr '\n' ' '). Install libsecret (on Debian: libsecret-1-0)."
  echo "Unpacking the libraries that AzCopy needs beside it ..."
  mkdir -p "$state/apt/lists/partial" "$state/apt/cache/archives/partial"
  quietly apt apt update || fail "apt-get update did not succeed; its log is $state/apt.log."
  rm -rf "$folder" && mkdir -p "$folder/packages"
  # What this release says that libsecret needs and the machine lacks; then what a machine may lack that claims to have it.
  # A name that another release has is no error here: what counts is what AzCopy finds in the end.
  for name in $(apt install --print-uris --yes --no-install-recommends libsecret-1-0 2>/dev/null | awk '{ split($2, part, "_"); print part[1] }') \
    libsecret-1-0 libglib2.0-0 libglib2.0-0t64 libffi8 libgcrypt20 libgpg-error0 libpcre2-8-0 libmount1 libblkid1 libselinux1 zlib1g; do
    (cd "$folder/packages" && apt download "$name") >>"$state/apt.log" 2>&1 || true
  done
  for package in "$folder"/packages/*.deb; do
    if [[ -e $package ]]; then dpkg -x "$package" "$folder"; fi
  done
  rm -rf "$folder/packages" "$state/apt" tools/debian
  mv "$folder" tools/debian
}

install_versions() { # for tests: other versions of AzCopy, in a folder of their own, which ./run does not need
  local stamp=tools/versions/node_modules/.tiering-installed wanted
  wanted=$(sha256sum tools/versions/package-lock.json | cut -d' ' -f1)
  if [[ $(cat "$stamp" 2>/dev/null) == "$wanted" ]]; then return; fi
  echo "Installing the AzCopy versions that tests run (npm ci) ..."
  quietly npm-versions npm ci --prefix tools/versions --ignore-scripts --no-audit --no-fund --loglevel=error ||
    fail "npm ci did not succeed; its log is $state/npm-versions.log."
  chmod +x tools/versions/node_modules/azcopy-*/dist/bin/azcopy_linux_amd64
  echo "$wanted" >"$stamp"
}

install_bicep() { # without it, one test is skipped
  local version compiler
  version=$(sed -n 's/.*CommandLine.*Version="\[\(.*\)\]".*/\1/p' tools/bicep/bicep.csproj)
  compiler=$root/$state/packages/azure.bicep.commandline.linux-x64/$version/tools/bicep
  if [[ ! -e $compiler ]]; then
    echo "Fetching the Bicep compiler ..."
    dotnet restore tools/bicep --nologo >"$state/bicep.log" 2>&1 || { echo "It could not be had ($state/bicep.log): the templates are not compiled."; return; }
  fi
  [[ -x $compiler ]] || chmod +x "$compiler"
  ln -sfn "$compiler" "$state/bicep"
}

link_azcopy() {
  [[ $(readlink "$state/azcopy" 2>/dev/null) == "$root/$azcopy" ]] && return
  ln -sfn "$root/$azcopy" "$state/azcopy.new"
  mv -fT "$state/azcopy.new" "$state/azcopy"
}

install_libraries() {
  local libraries
  # Debian keeps some libraries in /lib and some in /usr/lib.
  libraries=$root/tools/debian/usr/lib/$(uname -m)-linux-gnu:$root/tools/debian/lib/$(uname -m)-linux-gnu
  if [[ -z $(missing_libraries) ]]; then link_azcopy; return; fi
  if [[ ! -d tools/debian && $(id -u) == 0 ]] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing libsecret-1-0, which AzCopy needs (apt-get) ..."
    export DEBIAN_FRONTEND=noninteractive
    # A new machine has no package lists yet, or old ones: the first refusal is no news.
    apt-get install -y --no-install-recommends libsecret-1-0 >"$state/apt.log" 2>&1 ||
      { quietly apt apt-get update && quietly apt apt-get install -y --no-install-recommends libsecret-1-0; } || true
    if [[ -z $(missing_libraries) ]]; then link_azcopy; return; fi
  fi
  [[ -d tools/debian && -z $(missing_libraries "$libraries") ]] || unpack_libraries
  [[ -z $(missing_libraries "$libraries") ]] || fail "AzCopy still misses: $(missing_libraries "$libraries" | tr '\n' ' ')."
  # Only AzCopy sees these libraries; exec keeps its process id.
  printf '#!/bin/sh\nLD_LIBRARY_PATH="%s" exec "%s" "$@"\n' "$libraries" "$root/$azcopy" >"$state/azcopy.new"
  chmod +x "$state/azcopy.new"
  mv -f "$state/azcopy.new" "$state/azcopy" # in one step: a running service may start it at any moment
}

link_versions() { # beside tools/.setup/azcopy, and started the same way
  local program name
  for program in tools/versions/node_modules/azcopy-*/dist/bin/azcopy_linux_amd64; do
    name=$(cut -d/ -f4 <<<"$program")
    if [[ -L $state/azcopy ]]; then
      ln -sfnT "$root/$program" "$state/$name"
    else
      sed "s|\"$root/$azcopy\"|\"$root/$program\"|" "$state/azcopy" >"$state/$name.new"
      chmod +x "$state/$name.new"
      mv -fT "$state/$name.new" "$state/$name"
    fi
  done
}

build() {
  local stamp=$state/built wanted started=$SECONDS
  # Names, sizes and times of all sources, with the SDK: a source that was removed or put back counts as a change too.
  wanted=$({ dotnet --version; find . \( -name bin -o -name obj -o -name node_modules -o -name '.?*' ! -name .editorconfig -o -path ./tools -o -path ./docs -o -path ./TestResults \) -prune \
    -o -type f ! -name '*.md' -printf '%p %s %T@\n' | sort; } | sha256sum | cut -d' ' -f1)
  if [[ $(cat "$stamp" 2>/dev/null) == "$wanted" && -e TieringFunctions/bin/Release/net10.0/TieringFunctions.dll ]]; then return; fi
  dotnet --version 2>/dev/null | grep -q '^1[0-9]\.' || fail "the .NET 10 SDK was not found (dotnet says: $(dotnet --version 2>&1 | head -n 1))."
  echo "Building ..."
  rm -f "$stamp"
  quietly build dotnet build Tiering.sln -c Release --nologo -v quiet || fail "the build did not succeed; its log is $state/build.log."
  echo "$wanted" >"$stamp"
  echo "Built in $((SECONDS - started)) s."
}

install_tools
if [[ ${1:-} == --versions ]]; then install_versions; install_bicep; fi
azcopy=tools/node_modules/@azure-tools/azcopy-linux/dist/bin/azcopy_linux_amd64
[[ -e $azcopy ]] || fail "$azcopy is missing; remove tools/node_modules and try again."
[[ $(uname -m) == x86_64 ]] || fail "AzCopy comes from npm for x86_64 only; this machine is $(uname -m)."
[[ -x $azcopy ]] || chmod +x "$azcopy"
install_libraries
if [[ ${1:-} == --versions ]]; then link_versions; fi
build
