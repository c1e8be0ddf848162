const SOCKETS = '32';

function served(...server) {
  return { source: 'load.c', command: ['udp', SOCKETS, ...server] };
}

export default {
  name: 'udp-echo-async-64',
  work: `From each of ${SOCKETS} sockets at once, a datagram of 64 bytes goes to an echo server and back.`,
  unit: `round trips of ${SOCKETS} sockets`,
  peers: {
    ours: served(process.execPath, 'udp-echo-async.mjs'),
    c: served(),
    'node-dgram': served(process.execPath, 'udp-echo-node-dgram.mjs'),
    cpython: served('python3', '-B', 'udp-echo.py'),
  },
  targets: {},
  also: [{ name: 'udp-echo-async-64-cpu', targets: {} }],
};
