import { execFileSync } from 'node:child_process';
import { capability, Python, program } from '@bsd-sockets/family-testkit';
import { SOCK_RDM, SOCK_SEQPACKET, Socket } from '@bsd-sockets/socket';
import {
  AF_TIPC,
  decodeEvent,
  encodeSubscription,
  getLinkName,
  getNodeId,
  TIPC_ADDR_NAME,
  TIPC_LINK_STATE,
  TIPC_PUBLISHED,
  TIPC_SUB_PORTS,
  TIPC_TOP_SRV,
} from '@bsd-sockets/tipc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const LONG = 20;
const TYPE = 30_000;

function lab() {
  const needs = [capability('AF_TIPC', 'SOCK_RDM'), program('tipc', 'iproute2'), program('python3', 'python3')];
  const missing = needs.find(({ available }) => !available);
  if (missing) return missing;
  const inLab = Boolean(process.env.BSD_SOCKETS_LAB);
  return { available: inLab, reason: inLab ? '' : '(its cluster of two nodes is only for the kernel lab)' };
}

const needed = lab();

describe.skipIf(!needed.available)(`a cluster of two nodes ${needed.reason}`, () => {
  beforeAll(() => {
    const commands = `
      ip netns add tipc-peer
      ip link add tipc-a type veth peer name tipc-b netns tipc-peer
      ip link set tipc-a up
      ip -n tipc-peer link set tipc-b up
      tipc node set identity one
      tipc bearer enable media eth device tipc-a
      ip netns exec tipc-peer tipc node set identity two
      ip netns exec tipc-peer tipc bearer enable media eth device tipc-b
    `;
    execFileSync('sh', ['-ec', commands]);
  });
  afterAll(() => {
    execFileSync('sh', ['-ec', 'tipc bearer disable media eth device tipc-a; ip netns del tipc-peer']);
  });

  test('the topology server tells of the link, and its name and the identity of its node can be asked for', () => {
    using server = new Socket(AF_TIPC, SOCK_SEQPACKET);
    server.settimeout(LONG);
    server.connect([TIPC_ADDR_NAME, TIPC_TOP_SRV, TIPC_TOP_SRV, 0]);
    server.send(encodeSubscription({ type: TIPC_LINK_STATE, lower: 0, upper: 2 ** 32 - 1, filter: TIPC_SUB_PORTS }));
    const { event, foundLower: node, socket } = decodeEvent(server.recv(100));
    expect(event).toBe(TIPC_PUBLISHED);
    const name = getLinkName(server, node, socket[2] & 0xffff);
    expect(name).toBe('one:tipc-a-two:tipc-b');
    expect(execFileSync('tipc', ['link', 'list'], { encoding: 'utf8' })).toContain(`${name}: up`);
    expect(getNodeId(server, node)).toEqual(Buffer.concat([Buffer.from('two')], 16));
  });

  test('a message goes to CPython on the other node by the name of its service', async () => {
    const code = `
s = socket.socket(socket.AF_TIPC, socket.SOCK_RDM)
s.bind((socket.TIPC_ADDR_NAMESEQ, ${TYPE}, 0, 9, socket.TIPC_CLUSTER_SCOPE))
data, address = s.recvfrom(100)
s.sendto(data.upper(), address)
print(*s.getsockname())
`;
    using server = new Socket(AF_TIPC, SOCK_SEQPACKET);
    server.settimeout(LONG);
    server.connect([TIPC_ADDR_NAME, TIPC_TOP_SRV, TIPC_TOP_SRV, 0]);
    server.send(encodeSubscription({ type: TYPE, lower: 0, upper: 9 }));
    using peer = new Python(code, 'ip', 'netns', 'exec', 'tipc-peer');
    const { socket: published } = decodeEvent(server.recv(100));
    using socket = new Socket(AF_TIPC, SOCK_RDM);
    socket.settimeout(LONG);
    socket.sendto(Buffer.from('from another node'), [TIPC_ADDR_NAME, TYPE, 5, 0]);
    const [data, address] = socket.recvfrom(100);
    expect(data.toString()).toBe('FROM ANOTHER NODE');
    // The name that CPython's socket has; the topology server tells no name for the first of a service.
    expect(address!.join(' ')).toBe(await peer.line());
    expect(address![1]).not.toBe(socket.getsockname()[1]);
    expect(published[1]).toBe(address![1]);
    await peer.finish();
  });
});
