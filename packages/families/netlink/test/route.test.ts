import { describe, expect, test } from 'vitest';
import { inNamespace, noMultipath, noNamespace, plainKind } from './namespace';

const missing = noNamespace;

describe.skipIf(missing)(`what ip(8) of iproute2 prints is what we read ${missing}`, () => {
  test('of links', () => {
    const [ours, theirs] = inNamespace(`
      run('ip', 'link', 'add', 'v0', 'mtu', '1400', 'type', 'veth', 'peer', 'name', 'v1');
      run('ip', 'link', 'add', 'd0', 'txqueuelen', '7', 'type', plain);
      run('ip', 'link', 'set', 'd0', 'alias', 'an alias', 'up');
      run('ip', 'link', 'add', 'b0', 'type', 'bridge');
      run('ip', 'link', 'set', 'v0', 'master', 'b0');
      run('ip', 'link', 'property', 'add', 'dev', 'd0', 'altname', 'another-name-that-is-long');
      const states = ['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP'];
      const links = [...route.dump(n.getLinks())];
      const nameOf = (index) => links.find((link) => link.index === index)?.name;
      const ours = links.map((link) => ({
        ifindex: link.index, ifname: link.name, mtu: link.mtu, qdisc: link.qdisc, address: link.address,
        broadcast: link.broadcast, txqlen: link.txqlen, ifalias: link.alias, altnames: link.altnames,
        operstate: states.indexOf(states.find((state) => n['IF_OPER_' + state] === link.operstate)),
        kind: link.kind, master: nameOf(link.master), link: nameOf(link.link), promiscuity: link.promiscuity,
        min_mtu: link.minMtu, max_mtu: link.maxMtu,
        flags: ['UP', 'LOOPBACK', 'BROADCAST', 'MULTICAST', 'NOARP', 'LOWER_UP'].filter((name) => link.flags & n['IFF_' + name]),
      }));
      const made = ['lo', 'v0', 'v1', 'd0', 'b0'];
      const theirs = ip('link').filter(({ ifname }) => made.includes(ifname)).map((link) => ({
        ifindex: link.ifindex, ifname: link.ifname, mtu: link.mtu, qdisc: link.qdisc, address: link.address,
        broadcast: link.broadcast, txqlen: link.txqlen, ifalias: link.ifalias, altnames: link.altnames ?? [],
        operstate: states.indexOf(link.operstate),
        kind: link.linkinfo?.info_kind, master: link.master, link: link.link, promiscuity: link.promiscuity,
        min_mtu: link.min_mtu, max_mtu: link.max_mtu,
        flags: ['UP', 'LOOPBACK', 'BROADCAST', 'MULTICAST', 'NOARP', 'LOWER_UP'].filter((name) => link.flags.includes(name)),
      }));
      return [ours.filter(({ ifname }) => made.includes(ifname)), theirs];`);
    expect(ours.length).toBe(5);
    for (const link of theirs) link.txqlen ??= expect.anything();
    expect(ours).toEqual(theirs);
  });

  test('of addresses', () => {
    const [ours, theirs] = inNamespace(`
      run('ip', 'link', 'add', 'd0', 'type', plain);
      run('ip', 'link', 'set', 'd0', 'up');
      run('ip', 'link', 'set', 'lo', 'up');
      run('ip', 'addr', 'add', '192.0.2.1/24', 'brd', '+', 'label', 'd0:x', 'dev', 'd0');
      run('ip', 'addr', 'add', '192.0.2.9', 'peer', '198.51.100.1/32', 'dev', 'd0');
      run('ip', 'addr', 'add', '2001:db8::1/64', 'nodad', 'valid_lft', '9000', 'preferred_lft', '8000', 'dev', 'd0');
      run('ip', 'addr', 'add', '2001:db8:1::1', 'peer', '2001:db8:2::1/128', 'nodad', 'dev', 'd0');
      const scopes = { global: n.RT_SCOPE_UNIVERSE, link: n.RT_SCOPE_LINK, host: n.RT_SCOPE_HOST };
      const seconds = (lifetime) => (lifetime === Infinity ? 2 ** 32 - 1 : lifetime > 7990 ? 'about ' + (lifetime > 8500 ? 9000 : 8000) : lifetime);
      const ours = [...route.dump(n.getAddresses())].map((a) => [
        a.ifindex, a.address, a.prefixlen, a.peer, a.broadcast, a.label, a.scope, seconds(a.validLifetime), seconds(a.preferredLifetime),
      ]);
      const theirs = ip('addr').flatMap(({ ifindex, addr_info }) => addr_info.map((a) => [
        ifindex, a.local, a.prefixlen, a.address, a.broadcast, a.label, scopes[a.scope],
        seconds(a.valid_life_time === 2 ** 32 - 1 ? Infinity : a.valid_life_time),
        seconds(a.preferred_life_time === 2 ** 32 - 1 ? Infinity : a.preferred_life_time),
      ]));
      const one = [...route.dump(n.getAddresses({ ifindex: 1, family: 2 }))].map((a) => a.address);
      return [[ours.sort(), one], [theirs.sort(), ['127.0.0.1']]];`);
    expect(ours[0].length).toBeGreaterThanOrEqual(7);
    expect(ours).toEqual(theirs);
  });

  test('of routes', () => {
    const [ours, theirs] = inNamespace(`
      for (const name of ['d0', 'd1']) {
        run('ip', 'link', 'add', name, 'type', plain);
        run('ip', 'link', 'set', name, 'up');
      }
      run('ip', 'link', 'set', 'lo', 'up');
      run('ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'd0');
      run('ip', 'addr', 'add', '2001:db8::1/64', 'nodad', 'dev', 'd0');
      run('ip', 'route', 'add', 'default', 'via', '192.0.2.254', 'metric', '50', 'mtu', '1300');
      run('ip', 'route', 'add', '198.51.100.0/24', 'dev', 'd1', 'src', '192.0.2.1', 'proto', 'static', 'table', '1000');
      run('ip', 'route', 'add', 'blackhole', '203.0.113.0/28');
      run('ip', '-6', 'route', 'add', 'default', 'via', '2001:db8::fe', 'advmss', '1200');
      run('ip', 'route', 'add', '203.0.113.128/28', 'via', 'inet6', 'fe80::1', 'dev', 'd0');
      const names = Object.fromEntries([...route.dump(n.getLinks())].map((link) => [link.name, link.index]));
      const any = (address) => (address.includes(':') ? '::' : '0.0.0.0');
      const ours = [...route.dump(n.getRoutes())].filter((r) => r.family === 2 || r.family === 10).map((r) => ({
        destination: r.destination + '/' + r.prefixlen, table: r.table, protocol: r.protocol, scope: r.scope, type: r.type,
        gateway: r.gateway, ifindex: r.ifindex, prefsrc: r.prefsrc, priority: r.priority, mtu: r.metrics?.mtu,
        advmss: r.metrics?.advmss,
      }));
      const theirs = [4, 6].flatMap((version) => JSON.parse(run('ip', '-' + version, '-j', '-d', '-N', 'route', 'show', 'table', 'all')).map((r) => ({
        destination: r.dst === 'default' ? (version === 4 ? '0.0.0.0/0' : '::/0') : r.dst.includes('/') ? r.dst : r.dst + (version === 4 ? '/32' : '/128'),
        table: Number(r.table ?? n.RT_TABLE_MAIN), protocol: Number(r.protocol), scope: Number(r.scope), type: Number(r.type),
        gateway: r.gateway ?? r.via?.host, ifindex: names[r.dev], prefsrc: r.prefsrc, priority: r.metric,
        mtu: r.metrics?.find((m) => m.mtu)?.mtu, advmss: r.metrics?.find((m) => m.advmss)?.advmss,
      })));
      const key = (r) => JSON.stringify(r);
      const one = [...route.dump(n.getRoutes({ table: 1000 }))].map((r) => r.destination);
      const sent = route.execute(n.getRoute('192.0.2.77'))[0];
      return [[ours.map(key).sort(), one, sent.ifindex, sent.prefsrc],
        [theirs.map(key).sort(), ['198.51.100.0'], names.d0, '192.0.2.1']];`);
    expect(ours[0].length).toBeGreaterThanOrEqual(10);
    expect(ours).toEqual(theirs);
  });

  test('of neighbours', () => {
    const [ours, theirs] = inNamespace(`
      run('ip', 'link', 'add', 'd0', 'type', 'veth', 'peer', 'name', 'd1');
      run('ip', 'link', 'set', 'd0', 'up');
      run('ip', 'neigh', 'add', '192.0.2.7', 'lladdr', '02:00:00:00:00:07', 'nud', 'permanent', 'dev', 'd0');
      run('ip', 'neigh', 'add', '2001:db8::7', 'lladdr', '02:00:00:00:00:08', 'nud', 'stale', 'router', 'dev', 'd0');
      const names = Object.fromEntries([...route.dump(n.getLinks())].map((link) => [link.name, link.index]));
      const states = Object.keys(n).filter((name) => name.startsWith('NUD_'));
      const ours = [...route.dump(n.getNeighbours())].map((x) => [
        x.address, x.ifindex, x.lladdr, states.find((name) => n[name] === x.state), (x.flags & n.NTF_ROUTER) !== 0,
      ]);
      const theirs = ip('neigh', 'show', 'nud', 'all').map((x) => [
        x.dst, names[x.dev], x.lladdr, 'NUD_' + x.state[0], 'router' in x,
      ]);
      return [ours.sort(), theirs.sort()];`);
    expect(ours).toContainEqual(['192.0.2.7', expect.anything(), '02:00:00:00:00:07', 'NUD_PERMANENT', false]);
    expect(ours).toEqual(theirs);
  });
});

describe.skipIf(missing)(`what we do is what ip(8) of iproute2 prints ${missing}`, () => {
  test('links are made, changed, moved, renamed and deleted', () => {
    const result = inNamespace(`
      route.execute(n.newLink({ name: 'd0', kind: plain, mtu: 1234, address: '02:00:00:00:00:01', up: true, txqlen: 9 }));
      route.execute(n.newLink({ name: 'v0', kind: 'veth', peer: { name: 'v1', mtu: 1300 }, group: 4 }));
      route.execute(n.newLink({ name: 'b0', kind: 'bridge' }));
      const [bridge] = route.execute(n.getLink('b0'));
      const made = ip('link').map(({ ifname, mtu, address, txqlen, linkinfo, flags }) => [ifname, mtu, linkinfo?.info_kind, flags.includes('UP'), ifname === 'd0' ? [address, txqlen] : []]);
      route.execute(n.setLink('v0', { master: bridge.index, alias: 'one end', mtu: 1350 }));
      route.execute(n.setLink(bridge.index, { name: 'b1' }));
      route.execute(n.setLink('d0', { up: false }));
      const changed = ip('link').filter(({ ifname }) => ifname !== 'lo').map(({ ifname, mtu, master, ifalias, flags }) => [ifname, mtu, master, ifalias, flags.includes('UP')]);
      route.execute(n.deleteLink('v1'));
      route.execute(n.deleteLink(bridge.index));
      return { made, changed, left: ip('link').map(({ ifname }) => ifname).filter((name) => name !== 'lo') };`);
    const named = (rows: unknown[][]) => Object.fromEntries(rows.map(([name, ...rest]) => [name, rest]));
    expect(named(result.made)).toMatchObject({
      d0: [1234, plainKind, true, ['02:00:00:00:00:01', 9]],
      v0: [1500, 'veth', false, []],
      v1: [1300, 'veth', false, []],
      b0: [1500, 'bridge', false, []],
    });
    expect(named(result.changed)).toMatchObject({
      d0: [1234, null, null, false],
      v0: [1350, 'b1', 'one end', false],
      b1: [expect.any(Number), null, null, false],
    });
    expect(result.left.filter((name: string) => /^[dvb]\d$/.test(name))).toEqual(['d0']);
  });

  test('addresses are added and deleted', () => {
    const result = inNamespace(`
      route.execute(n.newLink({ name: 'd0', kind: plain, up: true }));
      const [{ index: ifindex }] = route.execute(n.getLink('d0'));
      const list = () => ip('addr', 'show', 'dev', 'd0')[0].addr_info.filter(({ scope }) => scope !== 'link').map((a) => [a.local, a.address, a.prefixlen, a.broadcast, a.label, a.valid_life_time > 2 ** 31]);
      const four = { ifindex, address: '192.0.2.1', prefixlen: 24, broadcast: '192.0.2.255', label: 'd0:1' };
      const six = { ifindex, address: '2001:db8::1', prefixlen: 64, flags: n.IFA_F_NODAD, validLifetime: 1000, preferredLifetime: 500 };
      const peer = { ifindex, address: '192.0.2.5', peer: '198.51.100.1' };
      for (const address of [four, six, peer]) route.execute(n.newAddress(address));
      const added = list();
      const twice = thrown(() => route.execute(n.newAddress(four)));
      route.execute(n.deleteAddress(four));
      for (const address of route.dump(n.getAddresses({ ifindex }))) if (address.scope === 0) route.execute(n.deleteAddress(address));
      return { added, twice, left: list() };`);
    expect(result.added).toEqual(
      [
        ['192.0.2.5', '198.51.100.1', 32, null, 'd0', true],
        ['192.0.2.1', null, 24, '192.0.2.255', 'd0:1', true],
        ['2001:db8::1', null, 64, null, null, false],
      ].sort(),
    );
    expect(result.twice).toMatchObject({ name: 'FileExistsError', code: 'EEXIST' });
    expect(result.left).toEqual([]);
  });

  test('routes are added, replaced and deleted', () => {
    const result = inNamespace(`
      route.execute(n.newLink({ name: 'd0', kind: plain, up: true }));
      const [{ index: ifindex }] = route.execute(n.getLink('d0'));
      route.execute(n.newAddress({ ifindex, address: '192.0.2.1', prefixlen: 24 }));
      route.execute(n.newAddress({ ifindex, address: '2001:db8::1', prefixlen: 64, flags: n.IFA_F_NODAD }));
      const list = () => [4, 6].flatMap((v) => JSON.parse(run('ip', '-' + v, '-j', 'route', 'show', 'table', 'all', 'proto', 'static')))
        .map((r) => [r.type ?? 'unicast', r.dst, r.gateway, r.dev, r.metric, r.table, r.metrics]);
      const routes = [
        { destination: '0.0.0.0', gateway: '192.0.2.254' },
        { destination: '198.51.100.0', prefixlen: 24, ifindex, table: 1000, priority: 5, prefsrc: '192.0.2.1', metrics: { mtu: 1280 } },
        { destination: '2001:db8:1::', prefixlen: 48, gateway: '2001:db8::2' },
        { destination: '2001:db8:9::1', type: n.RTN_BLACKHOLE },
      ];
      for (const one of routes) route.execute(n.newRoute(one));
      const added = list();
      const twice = thrown(() => route.execute(n.newRoute(routes[0])));
      route.execute(n.newRoute({ destination: '0.0.0.0', gateway: '192.0.2.253' }, { replace: true }));
      const replaced = list().find(([, destination]) => destination === 'default');
      for (const one of routes.slice(1)) route.execute(n.deleteRoute(one));
      return { added, twice, replaced, left: list() };`);
    expect(result.added).toEqual([
      ['unicast', '198.51.100.0/24', null, 'd0', 5, '1000', [{ mtu: 1280 }]],
      ['unicast', 'default', '192.0.2.254', 'd0', null, null, null],
      ['unicast', '2001:db8:1::/48', '2001:db8::2', 'd0', 1024, null, null],
      ['blackhole', '2001:db8:9::1', null, expect.anything(), 1024, null, null],
    ]);
    expect(result.twice).toMatchObject({ code: 'EEXIST' });
    expect(result.replaced.slice(0, 3)).toEqual(['unicast', 'default', '192.0.2.253']);
    expect(result.left).toHaveLength(1);
  });

  test.skipIf(noMultipath)(`routes may have several ways ${noMultipath}`, () => {
    const result = inNamespace(`
      route.execute(n.newLink({ name: 'd0', kind: plain, up: true }));
      const [{ index: ifindex }] = route.execute(n.getLink('d0'));
      route.execute(n.newAddress({ ifindex, address: '192.0.2.1', prefixlen: 24 }));
      const nexthops = [{ ifindex, gateway: '192.0.2.2', weight: 2 }, { ifindex }];
      route.execute(n.newRoute({ destination: '203.0.113.0', prefixlen: 24, nexthops }));
      const theirs = ip('route', 'show', '203.0.113.0/24')[0].nexthops.map((hop) => [hop.dev, hop.gateway, hop.weight]);
      const ours = [...route.dump(n.getRoutes({ ifindex }))].find(({ destination }) => destination === '203.0.113.0');
      return { theirs, ours: ours.nexthops.map((hop) => [hop.ifindex === ifindex, hop.gateway, hop.weight]) };`);
    expect(result.theirs).toEqual([
      ['d0', '192.0.2.2', 2],
      ['d0', null, 1],
    ]);
    expect(result.ours).toEqual([
      [true, '192.0.2.2', 2],
      [true, null, 1],
    ]);
  });

  test('neighbours are added, changed and deleted', () => {
    const result = inNamespace(`
      route.execute(n.newLink({ name: 'd0', kind: plain, up: true }));
      const [{ index: ifindex }] = route.execute(n.getLink('d0'));
      const list = () => ip('neigh', 'show', 'dev', 'd0', 'nud', 'permanent').map(({ dst, lladdr }) => [dst, lladdr]);
      route.execute(n.newNeighbour({ ifindex, address: '192.0.2.9', lladdr: '02:00:00:00:00:09' }));
      route.execute(n.newNeighbour({ ifindex, address: '192.0.2.9', lladdr: '02:00:00:00:00:0a' }));
      const added = list();
      route.execute(n.deleteNeighbour({ ifindex, address: '192.0.2.9' }));
      return { added, left: list() };`);
    expect(result).toEqual({ added: [['192.0.2.9', '02:00:00:00:00:0a']], left: [] });
  });
});

describe.skipIf(missing)(`a watch ${missing}`, () => {
  test('tells of links, addresses, routes and neighbours, of others and of its own connection', () => {
    const events = inNamespace(`
      run('ip', 'link', 'add', 'd0', 'type', plain);
      const [{ index: ifindex }] = route.execute(n.getLink('d0'));
      const watch = route.watch(n.linkEvents, n.addressEvents, n.routeEvents, n.neighbourEvents);
      run('ip', 'link', 'set', 'd0', 'up');
      route.execute(n.newAddress({ ifindex, address: '192.0.2.1', prefixlen: 24 }));
      run('ip', 'neigh', 'add', '192.0.2.7', 'lladdr', '02:00:00:00:00:07', 'dev', 'd0');
      run('ip', 'link', 'del', 'd0');
      const seen = [];
      for (const event of watch) {
        seen.push([event.kind, event.event, event.link?.name ?? event.address?.address ?? event.route?.destination ?? event.neighbour?.address]);
        if (event.kind === 'link' && event.event === 'delete') break;
      }
      return seen;`);
    expect(events[0]).toEqual(['link', 'new', 'd0']);
    for (const expected of [
      ['address', 'new', '192.0.2.1'],
      ['route', 'new', '192.0.2.0'],
      ['neighbour', 'new', '192.0.2.7'],
      ['address', 'delete', '192.0.2.1'],
      ['link', 'delete', 'd0'],
    ]) {
      expect(events).toContainEqual(expected);
    }
  });

  test('keeps what comes while something else is asked, and each watch has its own', () => {
    const result = inNamespace(`
      const links = route.watch(n.linkEvents);
      const addresses = route.watch(n.addressEvents);
      const groups = () => route.socket.getOption(n.netlinkOptions.NETLINK_LIST_MEMBERSHIPS);
      const joined = groups();
      run('ip', 'link', 'add', 'd0', 'type', plain);
      run('ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'd0');
      const names = [...route.dump(n.getLinks())].map(({ name }) => name);
      const first = [addresses.next().value.address.address, links.next().value.link.name];
      links.return();
      const left = groups();
      addresses[Symbol.dispose]();
      return { first, joined, left, none: groups(), sees: names.includes('d0') };`);
    expect(result).toEqual({ first: ['192.0.2.1', 'd0'], joined: [1, 5, 9], left: [5, 9], none: [], sees: true });
  });

  test('is over once it was given up', () => {
    const result = inNamespace(`
      const watch = route.watch(n.linkEvents);
      run('ip', 'link', 'add', 'd0', 'type', plain);
      for (const event of watch) break;
      route.socket.settimeout(1);
      const other = route.watch(n.linkEvents);
      other[Symbol.dispose]();
      return [watch.next(), other.next(), [...watch].length];`);
    expect(result).toEqual([{ done: true }, { done: true }, 0]);
  });

  test('ends with a timeout or a clear error of lost messages, and goes on after both', () => {
    const result = inNamespace(`
      const watch = route.watch(n.linkEvents);
      route.socket.settimeout(0.05);
      const late = thrown(() => watch.next());
      route.socket.settimeout(20);
      route.socket.setsockopt(1, 8, 0);
      const other = new n.Netlink(n.NETLINK_ROUTE);
      other.execute(n.newLink({ name: 'd0', kind: plain }));
      for (let round = 0; round < 60; round++) other.execute(n.setLink('d0', { mtu: 1000 + round }));
      let lost;
      while (!lost) lost = thrown(() => watch.next());
      const [link] = other.execute(n.getLink('d0'));
      // The kernel sends again once all that was received is taken.
      route.socket.settimeout(0.05);
      while (!thrown(() => watch.next())) {}
      route.socket.settimeout(20);
      other.execute(n.setLink('d0', { mtu: 999 }));
      return { late, lost, mtu: link.mtu, next: watch.next().value.link.mtu };`);
    expect(result.late).toMatchObject({ name: 'TimeoutError' });
    expect(result.lost).toMatchObject({ code: 'ENOBUFS', message: expect.stringContaining('messages were lost') });
    expect([result.mtu, result.next]).toEqual([1059, 999]);
  });
});
