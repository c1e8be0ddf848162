import { noInterfaces, noMounts, runApart } from './namespace';

/** What the title of a test says where it may not have a name server of its own. */
export const noNameServer = noMounts || noInterfaces;

// It runs on the event loop of the program: a lookup that held up the loop would get no answer.
const SERVER = `
  const server = require('node:dgram').createSocket('udp4');
  const asked = [];
  server.on('message', (query, peer) => {
    let end = 12;
    const labels = [];
    for (; query[end]; end += query[end] + 1) labels.push(query.toString('latin1', end + 1, end + 1 + query[end]));
    const name = labels.join('.');
    const type = query.readUInt16BE(end + 1);
    asked.push(name);
    server.emit('asked', name);
    if (name.startsWith('silent')) return;
    // An A record for the hosts, nothing of other types.
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1]);
    const answers = type === 1 && name.startsWith('host') ? 1 : 0;
    const reply = Buffer.concat([query.subarray(0, end + 5), answers ? record : Buffer.alloc(0)]);
    reply.writeUInt16BE(answers || type === 28 ? 0x8180 : 0x8183, 2);
    reply.writeUInt16BE(answers, 6);
    reply.fill(0, 8, 12);
    server.send(reply, peer.port, peer.address);
  });
  await new Promise((resolve) => server.bind(53, '127.0.0.1', resolve));
`;

/**
 * Runs a program beside a name server, in a namespace of its own: it has the hosts `host…` with the address 192.0.2.1,
 * gives no answer for `silent…`, and
 * knows nothing else. The file of hosts has `six.test`.
 *
 * @param body - The body of an asynchronous function over `p`, the resolver on promises, `r`, `server` (which emits
 *   `asked` with a name) and `asked`, the names so far.
 * @returns What the function returns, through JSON.
 */
export function runBesideNameServer(body: string): any {
  const program = `(async () => {
    const p = require('@bsd-sockets/resolver/promises');
    const { once, getEventListeners } = require('node:events');
    const { Worker } = require('node:worker_threads');
    ${SERVER}
    try { ${body} } finally { server.close() }
  })()`;
  const files = {
    '/etc/hosts': '127.0.0.1 localhost\n2001:db8::7 six.test',
    '/etc/resolv.conf': 'nameserver 127.0.0.1\noptions attempts:1 timeout:2',
    '/etc/nsswitch.conf': 'hosts: files dns',
  };
  return runApart(['-r', '-m', '-n'], program, files, 'ip link set lo up');
}
