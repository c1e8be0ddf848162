#!/bin/sh
# capture.sh PROGRAM [ARGUMENT...]: runs a program where bench0 and bench1 are the two ends of a veth pair, in a network
# namespace of its own. Where that cannot be, it ends with 126 and says why.
set -eu

if [ "${1-}" != inside ]; then
  why=$(unshare --net true 2>&1) || { echo "no network namespace: ${why:-unshare failed}" >&2; exit 126; }
  exec unshare --net "$0" inside "$@"
fi
shift
why=$(ip link add bench0 type veth peer name bench1 2>&1) || { echo "no veth pair: $why" >&2; exit 126; }
for end in bench0 bench1; do
  # No other frames than those of the program.
  echo 1 > "/proc/sys/net/ipv6/conf/$end/disable_ipv6" 2>/dev/null || true
  ip link set "$end" up
done
exec "$@"
