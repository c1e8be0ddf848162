#!/bin/sh
# Runs a command in the Debian of root.sh, in the same folder: `sh windows/enter.sh COMMAND [ARGUMENT...]`. It sees the home folder
# and this checkout, and has Wine's settings and processes to itself. All mounts and processes vanish with the command.
set -eu

cache=${XDG_CACHE_HOME:-$HOME/.cache}/bsd-sockets/windows
export BSD_SOCKETS_ROOT="$cache/trixie"
export WINEPREFIX="${WINEPREFIX:-$cache/prefix}"
export WINEDEBUG="${WINEDEBUG:--all}"
top=$(cd "$(dirname "$0")/.." && pwd)
export BSD_SOCKETS_PLACES="$HOME:$top:$(dirname "$top"):/tmp:/dev:/proc:/sys"

as=
[ "$(id -u)" = 0 ] || as=--map-root-user
# shellcheck disable=SC2016
exec unshare $as --mount --propagation private --pid --fork --kill-child sh -c '
set -eu
IFS=:
for place in $BSD_SOCKETS_PLACES; do
  mkdir -p "$BSD_SOCKETS_ROOT$place"
  mount --rbind "$place" "$BSD_SOCKETS_ROOT$place"
done
unset IFS
# A container may forbid it. Then Wine does with what /proc says of all processes.
mount -t proc proc "$BSD_SOCKETS_ROOT/proc" 2>/dev/null || true
# Where processes of the Wine of Debian find each other. Those of other runs with the same settings would find those of this one, whose
# numbers are other processes there, and end with it.
mkdir -p "$BSD_SOCKETS_ROOT/run/user/0" && mount -t tmpfs -o mode=700 tmpfs "$BSD_SOCKETS_ROOT/run/user/0"
# Without these localhost has no address.
for file in hosts services protocols resolv.conf; do
  [ ! -e /etc/$file ] || cat /etc/$file >"$BSD_SOCKETS_ROOT/etc/$file"
done
# Not the programs that this is called by.
export PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
exec /usr/sbin/chroot "$BSD_SOCKETS_ROOT" /bin/sh -c '"'"'cd "$1" && shift && exec "$@"'"'"' sh "$PWD" "$@"
' sh "$@"
