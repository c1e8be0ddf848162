#!/usr/bin/env bash
# Prints the Debian packages that are missing on this machine, on one line.
# usage: packages.sh [build] [test] [clients] [windows]     to run the kernel; to build it too; for the programs that the tests
#   talk to, those that the clients do, and the Debian with Wine of test:windows
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

# package  the program, or the pattern of files, that shows it
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
strace strace
systemd systemd-notify
tcpdump tcpdump
'
clients='
bluez-test-tools btvirt
can-utils candump
dbus-daemon dbus-daemon
mosquitto mosquitto
nghttp2-client h2load
openssh-client ssh-keygen
openssh-server sshd
postgresql /usr/lib/postgresql/*/bin/postgres
redis-server redis-server
rsyslog rsyslogd
systemd systemd-notify
util-linux setpriv
wrk wrk
'
windows='
debian-archive-keyring /usr/share/keyrings/debian-archive-keyring.gpg
mmdebstrap mmdebstrap
uidmap newuidmap
util-linux unshare
'

list=$run
for part; do
  case $part in
    build) list+=$build ;;
    test) list+=$test ;;
    clients) list+=$clients ;;
    windows) list+=$windows ;;
  esac
done
while read -r package sign; do
  [ -z "$package" ] || compgen -G "$sign" >/dev/null || command -v "$sign" >/dev/null || printf '%s ' "$package"
done < <(sort -u <<<"$list")
