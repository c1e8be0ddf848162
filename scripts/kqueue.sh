#!/usr/bin/env bash
# Runs the contract of an event set (packages/core-native/test/event-set/contract.cc) with that of addon/bsd over a real kqueue:
# that of a NetBSD kernel inside of a process, on Linux. It builds the kernel first, in some 11 minutes on two cores; no part of
# CI. Progress goes to standard error.
# usage: kqueue.sh SOURCES    SOURCES: a folder with the repositories rumpkernel/src-netbsd, of the branch buildrump-src, and
#                             rumpkernel/buildrump.sh of GitHub, under these names; what is built goes there too
set -euo pipefail
sources=$(realpath "$1")
core=$(realpath "$(dirname "$0")/../packages/core-native")
build=$sources/build
netbsd=$core/test/event-set/netbsd

if [ ! -e "$build/done" ]; then
  mkdir -p "$build/bin"
  # The sources are of 2016: of one name in several files, and of what a newer compiler warns of.
  printf '#!/bin/sh\nexec %s -fcommon -w "$@"\n' "$(command -v gcc)" | tee "$build/bin/cc" >"$build/bin/gcc"
  chmod +x "$build/bin/cc" "$build/bin/gcc"
  echo "kqueue: building the kernel; $build/build.log tells how far it is" >&2
  (
    cd "$sources/buildrump.sh"
    PATH=$build/bin:$PATH nice ./buildrump.sh -s ../src-netbsd -d "$build" -T "$build/tools" -o "$build/objects" -q -r \
      -V NOGCCERROR=1 -F CFLAGS=-Wno-error -F CFLAGS=-fcommon -j"$(nproc)" tools build install
  ) >"$build/build.log" 2>&1 || { tail -20 "$build/build.log" >&2 && exit 1; }
  touch "$build/done"
fi

gcc -c "$netbsd/kernel.c" -o "$build/kernel.o"
for source in "$core/test/event-set/contract.cc" "$core/addon/bsd/event_set.cc" "$core/addon/bsd/kqueue.cc"; do
  g++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -I "$netbsd" -I "$core/addon" -include "$netbsd/netbsd.h" \
    -c "$source" -o "$build/$(basename "$source" .cc).o"
done
# The order counts: the parts of the kernel, what starts it, the program.
g++ -no-pie -o "$build/contract" -L"$build/lib" -Wl,--hash-style=sysv -Wl,-E -Wl,-z,start-stop-visibility=default \
  -Wl,--whole-archive -l:librump{net_local,net_netinet6,net_netinet,net_net,net,vfs,}.a -Wl,--no-whole-archive \
  "$build"/{kernel,contract,event_set,kqueue}.o -l:librumpuser.a -lpthread -ldl
told=$("$build/contract")
echo "$told"
checks=$(grep -c '^\(ok\|DIFFERS\) ' <<<"$told")
passed=$(grep -c '^ok ' <<<"$told")
echo "$checks checks, $passed passed"
# NetBSD's kqueue does not tell of urgent data: it has no EVFILT_EXCEPT.
[ "$passed" = $((checks - 1)) ] && grep -q '^DIFFERS urgent data last' <<<"$told"
