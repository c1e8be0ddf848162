const SOCKETS = '32';

function served(...server) {
  return { source: 'load.c', command: ['udp', SOCKETS, ...server] };
}

const echo = {
  name: 'udp-echo-async-64',
  work: `From each of ${SOCKETS} sockets at once, a datagram of 64 bytes goes to an echo server and back.`,
  unit: `round trips of ${SOCKETS} sockets`,
  peers: {
    ours: served(process.execPath, 'udp-echo-async.mjs'),
    c: served(),
    'node-dgram': served(process.execPath, 'udp-echo-node-dgram.mjs'),
    cpython: served('python3', '-B', 'udp-echo.py'),
  },
  targets: { c: 1.25 },
  also: [{ name: 'udp-echo-async-64-cpu', targets: {} }],
};

/** The same, with receives that ask for more. */
function asking(asked) {
  return {
    name: `udp-echo-async-64-asked-${asked}`,
    work: `As udp-echo-async-64, while the receives of our server ask for ${asked} bytes.`,
    unit: `round trips of ${SOCKETS} sockets`,
    peers: {
      ours: served(process.execPath, 'udp-echo-async.mjs', `${asked}`),
      'asked-64': served(process.execPath, 'udp-echo-async.mjs'),
    },
    targets: { 'asked-64': 1.05 },
  };
}

export default [echo, ...[1024, 4096, 65536, 1048576].map(asking)];
