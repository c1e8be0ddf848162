#!/bin/sh
# Makes the Debian 13 that the tests of Windows run in, with Wine and the compiler, in the user's cache folder: some 2 GB, once.
# Needs mmdebstrap and unshare(1), and of a user who is not root newuidmap and a line in /etc/subuid and /etc/subgid. Prints the folder of the compiler's programs.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bsd-sockets/windows
root=$cache/trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

wrap() {
  mkdir -p "$cache/bin"
  for program in ar dlltool g++ nm objcopy objdump ranlib strip windres; do
    name=x86_64-w64-mingw32ucrt-$program
    printf '#!/bin/sh\nexec sh "%s/enter.sh" %s "$@"\n' "$here" "$name" >"$cache/bin/$name"
    chmod +x "$cache/bin/$name"
  done
  echo "$cache/bin"
  # The steps of a workflow that follow find them.
  [ -z "${GITHUB_PATH:-}" ] || echo "$cache/bin" >>"$GITHUB_PATH"
}

if [ -e "$root/.complete" ]; then
  wrap
  exit
fi
mode=root
[ "$(id -u)" = 0 ] || mode=unshare
for need in mmdebstrap:mmdebstrap unshare:util-linux $([ $mode = root ] || echo newuidmap:uidmap); do
  command -v "${need%:*}" >/dev/null && continue
  echo "${need%:*} is missing: apt-get install ${need#*:}" >&2
  exit 1
done
if [ ! -e $keyring ]; then
  echo "$keyring is missing: apt-get install debian-archive-keyring" >&2
  exit 1
fi
mkdir -p "$cache"
# What an attempt left that ended early goes, unless something is mounted there.
for left in "$root" "$root".new.*; do
  [ -e "$left" ] || continue
  if grep -qF " $left/" /proc/self/mountinfo; then
    echo "$left has something mounted inside: unmount it first" >&2
    exit 1
  fi
  rm -rf --one-file-system "$left"
done
mirror=$(sed -n 's/^URIs: *\(.*\/debian\)\/* *$/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1)
if [ -z "$mirror" ]; then
  echo "no mirror of Debian in /etc/apt/sources.list.d/*.sources" >&2
  exit 1
fi
echo "making $root (five minutes)" >&2
new=$root.new.$$
set -- mmdebstrap --quiet --mode=$mode --variant=apt --keyring=$keyring \
  --include=wine,wine64,g++-mingw-w64-ucrt64,ca-certificates trixie
source="deb [signed-by=$keyring] $mirror trixie main"
if [ $mode = root ]; then
  # A namespace of its own: whatever is mounted for the installation vanishes with it.
  unshare --mount --propagation private "$@" "$new" "$source" >&2
else
  # The files belong to other users there, and to this one here: the only one that enter.sh has. It makes no devices.
  "$@" "$new.tar" "$source" >&2
  mkdir "$new"
  tar -x --no-same-owner --exclude='./dev/*' -f "$new.tar" -C "$new"
  rm "$new.tar"
fi
touch "$new/.complete"
mv "$new" "$root"
wrap
