import { execFileSync } from 'node:child_process';
import * as n from '@bsd-sockets/netlink';
import { describe, expect, test } from 'vitest';
import { inNamespace, noNamespace } from './namespace';

describe('a key that nobody reads is refused by name', () => {
  const refused = (call: () => unknown, ...words: string[]) => {
    const message = expect.stringMatching(new RegExp(words.join('.*')));
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE', message }));
  };
  test.each<[string, () => unknown, string, string]>([
    ['a route', () => n.newRoute({ destination: '::', metric: 1 } as never), 'metric', 'metrics'],
    ['a route to delete', () => n.deleteRoute({ destination: '::', gatway: '::1' } as never), 'gatway', 'gateway'],
    [
      'a way',
      () => n.newRoute({ destination: '::', nexthops: [{ ifindex: 1, wieght: 1 } as never] }),
      'wieght',
      'weight',
    ],
    ['metrics', () => n.newRoute({ destination: '::', metrics: { mtus: 1 } as never }), 'mtus', 'mtu'],
    ['a query', () => n.getRoute('::1', { marks: 1 } as never), 'marks', 'mark'],
    ['options', () => n.newRoute({ destination: '::' }, { replaces: true } as never), 'replaces', 'replace'],
    ['a filter of routes', () => n.getRoutes({ tables: 1 } as never), 'tables', 'table'],
    ['a filter of addresses', () => n.getAddresses({ ifIndex: 1 } as never), 'ifIndex', 'ifindex'],
    ['a filter of neighbours', () => n.getNeighbours({ famly: 1 } as never), 'famly', 'family'],
    ['a filter of sockets', () => n.getInetSockets({ family: 2, state: [1] } as never), 'state', 'states'],
    ['an address', () => n.newAddress({ ifindex: 1, address: '::1', prefixLength: 1 } as never), 'prefixLength', ''],
    ['a neighbour', () => n.newNeighbour({ ifindex: 1, address: '::1', lladr: '' } as never), 'lladr', 'lladdr'],
    ['a link', () => n.newLink({ name: 'a', kind: 'dummy', mtus: 1 } as never), 'mtus', 'mtu'],
    ['changes', () => n.setLink(1, { adress: '' } as never), 'adress', 'address'],
    ['a vlan', () => n.newLink({ name: 'a', vlan: { ids: 5 } as never }), 'ids', 'id'],
    ['a bit timing', () => n.setLink(1, { can: { bittiming: { bitRates: 5 } as never } }), 'bitRates', 'bitrate'],
    ['a nexthop object', () => n.newNexthop({ gatewy: '::1' } as never), 'gatewy', 'gateway'],
    ['a message', () => n.encodeMessage({ type: 1, flag: 1 } as never), 'flag', 'flags'],
    [
      'a generic request',
      () => n.genericRequest({ id: 16, version: 1 }, { command: 1, flag: 1 } as never),
      'flag',
      'flags',
    ],
  ])('%s', (_, call, key, nearest) => refused(call, key, nearest));

  test.each<[string, () => unknown]>([
    ['altnames', () => n.newLink({ name: 'a', kind: 'dummy', altnames: null } as never)],
    ['data', () => n.newLink({ name: 'a', kind: 'dummy', data: {} } as never)],
    ['vlan', () => n.newLink({ name: 'a', vlan: null } as never)],
    ['vlan: ingressQos\\[0\\]', () => n.newLink({ name: 'a', vlan: { id: 5, ingressQos: [null] } } as never)],
    ['bridge: options', () => n.newLink({ name: 'a', bridge: { options: null } } as never)],
    ['encap', () => n.newRoute({ destination: '::', encap: null } as never)],
    ['nexthops', () => n.newRoute({ destination: '::', nexthops: null } as never)],
    ['nexthops', () => n.deleteRoute({ destination: '::', nexthops: {} } as never)],
    ['group', () => n.newNexthop({ group: 5 } as never)],
    ['filter', () => n.getRoutes(null as never)],
    ['filter', () => n.getAddresses(null as never)],
    ['filter: states', () => n.getUnixSockets({ states: 5 } as never)],
    ['family', () => n.genericRequest(undefined as never, { command: 1 })],
    ['data', () => n.genericRequest({ id: 16, version: 1 }, { command: 1, data: null } as never)],
    ['family', () => n.genericEvents(undefined as never)],
    ['groups', () => n.genericEvents({ name: 'a', groups: [] } as never, 5 as never)],
    ['message', () => n.encodeMessage(null as never)],
    ['attribute 1', () => new n.AttributeWriter().uint32Array(1, 5 as never)],
    ['attribute 1', () => new n.AttributeWriter().nested(1, {} as never)],
  ])('%s that is none is refused by name: %s', (name, call) => {
    const message = expect.stringMatching(new RegExp(`^${name}: expected `));
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', message }));
  });

  test('a batch of what is no request is refused', () => {
    const refused = { code: expect.stringMatching(/^ERR_INVALID_ARG/) };
    expect(() => n.batch([null] as never)).toThrow(expect.objectContaining(refused));
    using connection = new n.Netlink(n.NETLINK_ROUTE);
    const { NETLINK_ROUTE: protocol } = n;
    for (const batch of [
      { protocol, requests: 5 },
      { protocol, requests: [null] },
      { protocol, requests: [], begin: null },
    ]) {
      expect(() => connection.execute(batch as never)).toThrow(expect.objectContaining(refused));
    }
  });

  test('a request', () => {
    const connection = new n.Netlink(n.NETLINK_ROUTE);
    refused(() => connection.execute({ ...n.getLink(1), flgs: 1 } as never), 'flgs', 'flags');
    refused(() => connection.dump(n.getLinks(), { restart: 1 } as never), 'restart', 'restarts');
    connection.close();
  });
});

describe.skipIf(noNamespace)(`requests ${noNamespace}`, () => {
  test('ask for the way of a packet of a class of service, or of a user', () => {
    const result = inNamespace(`
      run('sh', '-c', 'ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; ip addr add 192.0.2.1/24 dev v0; ip addr add 198.18.0.1/24 dev v1; ip addr add 198.51.100.1/24 dev v1; ip route add default via 192.0.2.2');
      run('sh', '-c', 'ip rule add tos 0x10 table 100; ip route add default via 198.18.0.9 table 100; ip rule add uidrange 0-0 tos 0x08 table 101; ip route add default via 198.51.100.9 table 101');
      const gateway = (query) => route.execute(n.getRoute('203.0.113.5', query))[0].gateway;
      const theirs = (...args) => ip('route', 'get', '203.0.113.5', ...args)[0].gateway;
      return [[{}], [{ tos: 0x10 }, 'tos', '0x10'], [{ tos: 0x08, uid: 0 }, 'tos', '0x08', 'uid', '0'], [{ tos: 0x08, uid: 1 }, 'tos', '0x08', 'uid', '1']]
        .map(([query, ...args]) => [gateway(query), theirs(...args)]);`);
    expect(result).toEqual(
      ['192.0.2.2', '198.18.0.9', '198.51.100.9', '192.0.2.2'].map((gateway) => [gateway, gateway]),
    );
  });

  test('ask for the way of a packet, with its source, interfaces and mark', () => {
    const result = inNamespace(`
      run('sh', '-c', 'ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; ip addr add 192.0.2.1/24 dev v0; ip addr add 198.18.0.1/24 dev v1; ip route add default via 192.0.2.2; ip rule add fwmark 7 table 100; ip route add default via 198.18.0.9 dev v1 table 100');
      const ask = (query) => route.execute(n.getRoute('203.0.113.5', query))[0];
      const [v0, v1] = ['v0', 'v1'].map((name) => route.execute(n.getLink(name))[0].index);
      run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
      return [ask({}).ifindex === v0, ask({ mark: 7 }).ifindex === v1, ask({}).table, ask({ mark: 7 }).table, ask({ mark: 7, fibMatch: true }).table, ask({ ifindex: v1 }).ifindex === v1,
        ask({ source: '192.0.2.1' }).source, ask({ source: '198.18.0.77', inputIfindex: v1 }).inputIfindex === v1, ask({ fibMatch: true }).prefixlen];`);
    expect(result).toEqual([true, true, 254, 100, 100, true, '192.0.2.1', true, 0]);
  });

  test('give a route of each type the scope that ip(8) gives it', () => {
    const result = inNamespace(`
      route.execute(n.setLink('lo', { up: true }));
      const scopes = [];
      for (const type of ['unicast', 'local', 'broadcast', 'anycast', 'multicast']) {
        const wanted = { destination: '10.1.2.0', prefixlen: 24, type: n['RTN_' + type.toUpperCase()], ifindex: 1, table: 100 };
        const scope = () => [...route.dump(n.getRoutes({ table: 100, family: 2 }))].map(({ scope }) => scope);
        route.execute(n.newRoute(wanted));
        const ours = scope();
        route.execute(n.deleteRoute(wanted));
        run('ip', 'route', 'add', type, '10.1.2.0/24', 'dev', 'lo', 'table', '100');
        scopes.push([ours, scope()]);
        route.execute(n.deleteRoute(wanted));
      }
      return scopes;`);
    expect(result).toEqual([253, 254, 253, 253, 253].map((scope) => [[scope], [scope]]));
  });

  test('refuse a new name that is too long, rather than do nothing', () => {
    const result = inNamespace(`
      route.execute(n.newLink({ name: 'd0', kind: plain }));
      const [{ index }] = route.execute(n.getLink('d0'));
      route.execute(n.setLink(index, { name: 'd1' }));
      const error = thrown(() => route.execute(n.setLink(index, { name: 'a-name-of-more-than-15-bytes' })));
      return [error.code, route.execute(n.getLink(index))[0].name];`);
    expect(result).toEqual(['ERANGE', 'd1']);
  });

  test('name links by alternative names of any length', () => {
    const result = inNamespace(`
      route.execute(n.newLink({ name: 'd0', kind: plain, altnames: ['a-name-of-more-than-15-bytes', 'short'] }));
      const names = ['a-name-of-more-than-15-bytes', 'short'].map((name) => route.execute(n.getLink(name))[0].name);
      route.execute(n.setLink('a-name-of-more-than-15-bytes', { mtu: 1234 }));
      const [{ mtu }] = route.execute(n.getLink('d0'));
      route.execute(n.deleteAltnames('d0', ['short']));
      const { altnames } = route.execute(n.getLink('d0'))[0];
      route.execute(n.deleteLink('a-name-of-more-than-15-bytes'));
      return { names, mtu, altnames, gone: thrown(() => route.execute(n.getLink('d0'))).code };`);
    expect(result).toEqual({
      names: ['d0', 'd0'],
      mtu: 1234,
      altnames: ['a-name-of-more-than-15-bytes'],
      gone: 'ENODEV',
    });
  });

  test('recover from an overrun whatever the size of the receive buffer, on both faces', () => {
    const result = inNamespace(`
      const p = require('@bsd-sockets/netlink/promises');
      const other = new n.Netlink(n.NETLINK_ROUTE);
      for (let i = 0; i < 60; i++) other.execute(n.newLink({ kind: plain, name: 'e' + i }));
      const tries = [];
      for (const size of [1, 4096, 8192, 16384, 65536]) {
        for (const face of [n, p]) {
          const listening = new face.Netlink(n.NETLINK_ROUTE);
          listening.socket.settimeout(20);
          listening.socket.setsockopt(1, 8, size);
          listening.watch(n.linkEvents);
          for (let i = 0; i < 200; i++) other.execute(n.setLink('e0', { mtu: 1400 + (i % 2) }));
          let count = 0;
          for (; count < 200; count++) { try { if ([...await listening.dump(n.getLinks())].length >= 60) break; } catch (error) { if (error.code !== 'ENOBUFS') throw error; } }
          tries.push(count);
          listening.close();
        }
      }
      return tries;`);
    expect(result.every((count: number) => count < 50)).toBe(true);
  });

  test('are answered after an overrun: what waited has made room, on both faces', () => {
    const result = inNamespace(`
      const p = require('@bsd-sockets/netlink/promises');
      const other = new n.Netlink(n.NETLINK_ROUTE);
      other.execute(n.newLink({ kind: plain, name: 'd0' }));
      const tries = [];
      for (const face of [n, p]) {
        const listening = new face.Netlink(n.NETLINK_ROUTE);
        listening.socket.settimeout(5);
        listening.socket.setsockopt(1, 8, 16384);
        const watch = listening.watch(n.linkEvents);
        for (let i = 0; i < 200; i++) other.execute(n.setLink('d0', { mtu: 1400 + i }));
        const outcome = (call) => call().then((value) => value, (error) => error.code);
        const name = async () => (await listening.execute(n.getLink('d0')))[0].name;
        tries.push([await outcome(name), await outcome(name), (await watch.next()).value.link.mtu]);
        listening.close();
      }
      return tries;`);
    expect(result).toEqual([
      ['ENOBUFS', 'd0', 1400],
      ['ENOBUFS', 'd0', 1400],
    ]);
  });

  test('for a list are repeated while the tables change meanwhile, on both faces', () => {
    const dumps = inNamespace(`
      const p = require('@bsd-sockets/netlink/promises');
      route.execute(n.newLink({ name: 'd0', kind: plain, up: true }));
      const [{ index: ifindex }] = route.execute(n.getLink('d0'));
      const addresses = Array.from({ length: 1000 }, (_, i) => '10.0.' + (i >> 8) + '.' + (i & 255));
      for (const address of addresses) route.execute(n.newAddress({ ifindex, address, prefixlen: 32 }));
      const address = { ifindex, address: '192.0.2.1', prefixlen: 32 };
      const dumps = [];
      for (const face of [n, p]) {
        const connection = new face.Netlink(face.NETLINK_ROUTE);
        const receive = connection.socket.recvmsgInto.bind(connection.socket);
        // The kernel lists a datagram's worth at a time: after the first of a list, another connection changes the table.
        let left, first;
        connection.socket.recvmsgInto = (...args) => {
          const received = receive(...args);
          const change = () => { if (first && left-- > 0) for (const each of [n.newAddress, n.deleteAddress]) route.execute(each(address)); first = false; };
          if (received.then) return received.then((value) => (change(), value));
          change();
          return received;
        };
        const send = connection.socket.send.bind(connection.socket);
        connection.socket.send = (...args) => ((first = true), send(...args));
        for (const [changes, restarts] of [[0, 0], [1, 0], [3, 2], [3, 3], [3, 9]]) {
          left = changes;
          const list = await connection.dump(n.getAddresses(), { restarts });
          dumps.push([list.interrupted, [...list].filter(({ address }) => address.startsWith('10.')).length]);
        }
        connection.close();
      }
      return dumps;`);
    const face = [
      [false, 1000],
      [true, 1000],
      [true, 1000],
      [false, 1000],
      [false, 1000],
    ];
    expect(dumps).toEqual([...face, ...face]);
  });

  test('go together in one datagram, each with its own error', () => {
    const result = inNamespace(`
      const error = thrown(() => route.execute(n.batch([
        n.newLink({ name: 'd0', kind: plain }), n.newLink({ name: 'd1', kind: 'no such kind' }), n.newLink({ name: 'd2', kind: plain }),
      ])));
      const links = route.execute(n.batch([n.getLink('d0'), n.getLink('d2')])).map(({ name }) => name);
      return { codes: error.errors.map((one) => one?.code ?? null), message: error.message, links };`);
    expect(result).toEqual({
      codes: [null, 'EOPNOTSUPP', null],
      message: expect.stringMatching(/Unknown device type.*request 1 of the batch/),
      links: ['d0', 'd2'],
    });
  });

  test('go together by the thousand, on both faces', () => {
    const result = inNamespace(`
      const p = require('@bsd-sockets/netlink/promises');
      route.execute(n.setLink('lo', { up: true }));
      const routes = Array.from({ length: 1000 }, (_, i) => n.newRoute({ destination: '10.0.' + (i >> 8) + '.' + (i & 255), ifindex: 1 }));
      const outcomes = [];
      for (const face of [n, p]) {
        const connection = new face.Netlink(n.NETLINK_ROUTE);
        connection.socket.settimeout(10);
        outcomes.push(await (async () => connection.execute(n.batch(routes)))().then((replies) => replies.length, ({ code, errors }) => [code, errors.filter((one) => one).length]));
        routes.splice(1, 998);
        connection.close();
      }
      const main = [...route.dump(n.getRoutes({ table: 254 }))];
      return [outcomes, main.filter(({ destination }) => destination.startsWith('10.')).length];`);
    expect(result).toEqual([[0, ['EEXIST', 2]], 1000]);
  });

  test('of netfilter are done all together or not at all', () => {
    const result = inNamespace(`
      const NFT_MSG_NEWTABLE = 0, NFT_MSG_GETTABLE = 1, NFTA_TABLE_NAME = 1, NFTA_TABLE_FLAGS = 2, NFPROTO_INET = 1;
      const netfilter = new n.Netlink(n.NETLINK_NETFILTER);
      const order = { networkOrder: true };
      const message = (command, attributes) => ({
        protocol: n.NETLINK_NETFILTER, type: (n.NFNL_SUBSYS_NFTABLES << 8) | command, flags: command === NFT_MSG_NEWTABLE ? n.NLM_F_CREATE : 0,
        data: Buffer.concat([Buffer.of(NFPROTO_INET, n.NFNETLINK_V0, 0, 0), attributes.encode()]),
        decode: ({ data }) => { const found = new n.Attributes(data.subarray(4)); return [found.get(NFTA_TABLE_NAME).string(), found.get(NFTA_TABLE_FLAGS).uint32(order)]; },
      });
      const table = (name, flags = 0) => message(NFT_MSG_NEWTABLE, new n.AttributeWriter().string(NFTA_TABLE_NAME, name).uint32(NFTA_TABLE_FLAGS, flags, order));
      const list = () => [...netfilter.dump(message(NFT_MSG_GETTABLE, new n.AttributeWriter()))];
      try { list(); } catch { return 'needs CONFIG_NF_TABLES'; }
      const refused = thrown(() => netfilter.execute(n.nfnetlinkBatch(n.NFNL_SUBSYS_NFTABLES, [table('one'), table('two', 0x80)])));
      const between = list();
      netfilter.execute(n.nfnetlinkBatch(n.NFNL_SUBSYS_NFTABLES, [table('one', 1), table('two')]));
      const unknown = thrown(() => netfilter.execute(n.nfnetlinkBatch(200, [table('three')])));
      return { refused: refused.errors.map((one) => one?.code ?? null), between, after: list(), unknown: unknown.code };`);
    expect(result).toEqual({
      refused: [null, 'EOPNOTSUPP'],
      between: [],
      after: [
        ['one', 1],
        ['two', 0],
      ],
      unknown: 'EINVAL',
    });
  });

  test('watch the events of devices, which are text', () => {
    const result = inNamespace(`
      const kernel = new n.Netlink(n.NETLINK_KOBJECT_UEVENT);
      kernel.socket.settimeout(20);
      const watch = kernel.watch(n.uevents);
      route.execute(n.newLink({ name: 'd0', kind: plain }));
      for (const event of watch) if (event.action === 'add' && event.properties.INTERFACE === 'd0') return event;`);
    expect(result).toMatchObject({
      kind: 'uevent',
      action: 'add',
      devpath: '/devices/virtual/net/d0',
      subsystem: 'net',
      seqnum: expect.any(Number),
      properties: { INTERFACE: 'd0', IFINDEX: expect.any(String) },
    });
  });

  test('tell the namespace of an event with NETLINK_LISTEN_ALL_NSID', () => {
    const result = inNamespace(`
      const child = require('node:child_process').spawn('unshare', ['-n', 'sh', '-c', 'read go; ip link set lo up; read end'], { stdio: ['pipe', 'inherit', 'inherit'] });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      run('sh', '-c', 'ip netns attach other ' + child.pid + ' 2>/dev/null || true');
      run('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1', 'netns', String(child.pid));
      const [{ linkNetnsid }] = route.execute(n.getLink('v0'));
      const listening = new n.Netlink(n.NETLINK_ROUTE);
      listening.socket.settimeout(20);
      listening.socket.setOption(n.netlinkOptions.NETLINK_LISTEN_ALL_NSID, true);
      const watch = listening.watch(n.linkEvents);
      route.execute(n.setLink('lo', { up: true }));
      const own = watch.next().value;
      child.stdin.write('go\\n');
      let far = own;
      while (far.nsid === undefined) far = watch.next().value;
      child.kill();
      return { own: [own.link.name, own.nsid ?? 'none'], far: far.link.name, same: far.nsid === linkNetnsid };`);
    expect(result).toEqual({ own: ['lo', 'none'], far: 'lo', same: true });
  });
});

/** Why NETLINK_AUDIT answers nobody here: it wants root outside of user namespaces. */
function lackingAudit(): string {
  if (process.getuid?.() !== 0) return '(needs root)';
  try {
    new n.Netlink(n.NETLINK_AUDIT).close();
    return '';
  } catch {
    return '(needs CONFIG_AUDIT)';
  }
}

const noAudit = lackingAudit();
describe.skipIf(noAudit)(`NETLINK_AUDIT ${noAudit}`, () => {
  test('answers after its acknowledgement, and the answer is received', () => {
    const code = `
      const n = require('@bsd-sockets/netlink');
      const audit = new n.Netlink(n.NETLINK_AUDIT);
      audit.socket.settimeout(20);
      const ask = (type) => audit.execute({ protocol: n.NETLINK_AUDIT, type, data: Buffer.alloc(0), decode: ({ type, data }) => [type, data.length] });
      console.log(JSON.stringify([ask(n.AUDIT_GET), ask(n.AUDIT_GET_FEATURE), ask(n.AUDIT_LIST_RULES)]));`;
    const output = execFileSync(process.execPath, ['--eval', code], { cwd: import.meta.dirname, encoding: 'utf8' });
    const [status, feature, rules] = JSON.parse(output);
    expect(status).toEqual([[n.AUDIT_GET, expect.any(Number)]]);
    expect(status[0][1]).toBeGreaterThanOrEqual(32);
    expect(feature).toEqual([[n.AUDIT_GET_FEATURE, 16]]);
    expect(rules).toEqual([]);
  });
});
