#!/usr/bin/env bash
# Prints the Debian packages that this machine lacks, on one line.
# usage: packages.sh [build] [test]     to run the kernel; to build it too; for the programs that the tests talk to
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

# package  the file or the program that shows it
build='
bc bc
bison bison
flex flex
gcc gcc
libc6-dev /usr/include/stdio.h
linux-source-6.12 /usr/src/linux-source-6.12.tar.xz
make make
xz-utils xz
'
run='
coreutils stty
iproute2 ip
mount mount
util-linux setsid
'
test='
bluez l2test
bluez-test-tools btvirt
can-utils candump
dbus-bin dbus-send
dbus-daemon dbus-daemon
musl-tools musl-gcc
python3 python3
socat socat
systemd systemd-notify
tcpdump tcpdump
'

list=$run
for part; do
  case $part in
    build) list+=$build ;;
    test) list+=$test ;;
  esac
done
while read -r package sign; do
  [ -z "$package" ] || [ -e "$sign" ] || command -v "$sign" >/dev/null || printf '%s ' "$package"
done <<<"$list"
