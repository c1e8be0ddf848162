#!/usr/bin/env bash
# Runs a shell command, as root, in a kernel that has every address family: user-mode Linux, an ordinary program. The
# guest sees this machine's files and none of its network; what it writes vanishes with it.
# usage: run.sh 'command'     exit code: the command's own; 125: the guest did not get to its end; 124: out of time
# env: LAB_TIMEOUT=SECONDS  LAB_MEMORY=2G
set -uo pipefail
[ $# -gt 0 ] || { echo "usage: pnpm lab 'command'" >&2; exit 125; }
here=$(cd "$(dirname "$0")" && pwd)
kernel=$("$here/kernel.sh") || exit
work=$(mktemp -d "${TMPDIR:-/tmp}/bsd-sockets-lab.XXXXXX")
guest= clock=
end() {
  # SIGTERM does not end a guest. Waiting for what is killed keeps the shell from reporting it.
  {
    [ -z "$guest" ] || kill -KILL -- "-$guest"
    [ -z "$clock" ] || kill "$clock"
    wait
  } 2>/dev/null
  rm -rf "$work"
}
trap end EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

{ export -p; printf 'PATH+=:/usr/sbin:/sbin\ncd %q\n%s\n' "$PWD" "$*"; } >"$work/command"
# The serial lines 0 and 1 are the two outputs. A session of its own is a process group of its own.
exec 3>&1 4>&2
setsid "$kernel" mem="${LAB_MEMORY:-2G}" root=/dev/root rootfstype=hostfs rootflags=/ ro init="$here/init.sh" lab="$work" \
  con=null con0=null,fd:2 ssl=null ssl0=null,fd:3 ssl1=null,fd:4 quiet loglevel=1 stderr=0 \
  </dev/null >"$work/console" 2>&1 &
guest=$!
sleep "${LAB_TIMEOUT:-infinity}" >/dev/null 2>&1 3>&- 4>&- &
clock=$!
wait -n "$guest" "$clock"
[ ! -s "$work/code" ] || exit "$(cat "$work/code")"
if kill -0 "$guest" 2>/dev/null; then
  echo "lab: ended after $LAB_TIMEOUT s" >&2
  exit 124
fi
echo 'lab: the guest did not get to its end; its console:' >&2
tail -20 "$work/console" >&2
exit 125
