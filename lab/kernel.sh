#!/usr/bin/env bash
# Prints the path of the lab's kernel, and builds it first where it is not in the cache (6 to 9 minutes on two cores, 3 GB
# while it builds, 12 MB afterwards). Progress goes to standard error.
# usage: kernel.sh            env: BSD_SOCKETS_LAB_KERNEL=FILE takes that one
set -euo pipefail
cd "$(dirname "$0")"

fail() {
  printf 'lab: %s\n' "$@" >&2
  exit 125
}
# Says what to install, if anything is missing.
require() {
  local missing
  missing=$(./packages.sh "$@")
  [ -z "$missing" ] || fail 'some Debian packages are missing. Install them, as root:' \
    "  apt-get install --no-install-recommends ${missing% }"
}

[ "$(uname -sm)" = 'Linux x86_64' ] || fail "the kernel lab runs only on Linux on x64; this is $(uname -sm)."
require
if [ -n "${BSD_SOCKETS_LAB_KERNEL:-}" ]; then
  [ -x "$BSD_SOCKETS_LAB_KERNEL" ] || fail "BSD_SOCKETS_LAB_KERNEL is no program: $BSD_SOCKETS_LAB_KERNEL"
  realpath "$BSD_SOCKETS_LAB_KERNEL"
  exit
fi

cache=${XDG_CACHE_HOME:-$HOME/.cache}/bsd-sockets/lab
source=linux-source-6.12
configuration=$(sha256sum kernel.config | cut -c1-12)
version=$(dpkg-query --showformat='${Version}' --show $source 2>/dev/null || true)
# A kernel that was built once serves without the source too: then the newest counts.
folder=$cache/$(basename "$(ls -td "$cache"/${version:-*}-"$configuration" 2>/dev/null | head -1)")
[ "$folder" != "$cache/" ] || folder=$cache/$version-$configuration
if [ ! -x "$folder/linux" ]; then
  require build
  mkdir -p "$cache"
  # The lock goes with the last process of the build, however that ends; those that waited look again.
  exec 9>"$cache/lock"
  flock 9
  if [ ! -x "$folder/linux" ]; then
    work=$cache/building
    rm -rf "$work" # what an interrupted build left
    trap 'rm -rf "$work"' EXIT
    mkdir "$work" "$work/source" "$work/build" "$work/done"
    echo "lab: building the kernel into $folder, once; it takes some minutes" >&2
    tar -xf /usr/src/$source.tar.xz -C "$work/source" --strip-components=1
    cp kernel.config "$work/source/arch/um/configs/lab_defconfig"
    {
      make -s -C "$work/source" ARCH=um O="$work/build" lab_defconfig &&
        nice make -s -C "$work/source" ARCH=um O="$work/build" -j"$(nproc)" linux
    } >"$cache/build.log" 2>&1 || fail "the build failed; $cache/build.log ends with:" "$(tail -20 "$cache/build.log")"
    strip -o "$work/done/linux" "$work/build/linux"
    rm -rf "$folder"
    mv "$work/done" "$folder"
  fi
fi
echo "$folder/linux"
