const CONNECTIONS = '100';

function served(kind) {
  return { source: 'load.c', command: ['http', CONNECTIONS, process.execPath, 'http.mjs', kind] };
}

export default {
  name: 'http-duplex',
  work: `On each of ${CONNECTIONS} connections at once, a request goes to an http.Server and its answer back.`,
  unit: `requests on ${CONNECTIONS} connections`,
  peers: { ours: served('ours'), 'node-net': served('node-net') },
  targets: { 'node-net': 1 },
  also: [{ name: 'http-duplex-cpu', targets: { 'node-net': 0.95 } }],
};
