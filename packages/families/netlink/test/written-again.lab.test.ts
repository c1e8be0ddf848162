import { describe, expect, test } from 'vitest';
import { inNamespace, noNamespace } from './namespace';
import { links, routes } from './tables';

describe.skipIf(noNamespace)(`a table that was read is deleted, and written again ${noNamespace}`, () => {
  test('of routes and nexthop objects', () => {
    const result = inNamespace(`
      ${routes}
      const show = () => [4, 6].flatMap((version) => JSON.parse(run('ip', '-' + version, '-j', '-d', 'route', 'show', 'table', 'all')))
        .filter(({ protocol }) => protocol !== 'kernel').map((one) => JSON.stringify({ ...one, expires: one.expires && 'about' })).sort();
      const objects = () => JSON.parse(run('ip', '-j', '-d', 'nexthop'));
      const before = [show(), objects()];
      // Those that the kernel made stand for addresses, and are not a program's to make.
      const records = [...route.dump(n.getRoutes())].filter(({ protocol }) => protocol !== n.RTPROT_KERNEL);
      const nexthops = [...route.dump(n.getNexthops())];
      const removed = records.map((one) => { const count = show().length; route.execute(n.deleteRoute(one)); return count - show().length; });
      for (const one of [...nexthops].reverse()) route.execute(n.deleteNexthop(one));
      const between = [show(), objects()];
      for (const one of nexthops) route.execute(n.newNexthop(one));
      for (const one of records) route.execute(n.newRoute(one));
      return { before, between, after: [show(), objects()], removed, made: made.length };`);
    expect(result.before[0].length).toBeGreaterThanOrEqual(17);
    expect(result.made).toBeGreaterThanOrEqual(1);
    expect(new Set(result.removed)).toEqual(new Set([1]));
    expect(result.between).toEqual([[], []]);
    expect(result.after).toEqual(result.before);
  });

  test('of links', () => {
    const result = inNamespace(`
      ${links}
      // The state is that of a port, which listens and learns before it forwards.
      const counters = ['state', 'hello_timer', 'gc_timer', 'tcn_timer', 'topology_change_timer', 'message_age_timer', 'forward_delay_timer', 'hold_timer'];
      const names = new Set([...route.dump(n.getLinks())].map(({ name }) => name).filter((name) => /^[a-z]\\d$/.test(name)));
      const show = () => ip('link').filter(({ ifname }) => names.has(ifname)).map((link) => {
        for (const data of [link.linkinfo?.info_data, link.linkinfo?.info_slave_data]) for (const name of counters) if (data) delete data[name];
        // Whose carrier comes and goes while the bridge learns.
        return { ...link, operstate: undefined, flags: link.flags.filter((flag) => !['NO-CARRIER', 'LOWER_UP'].includes(flag)).sort() };
      }).sort((one, other) => (one.ifname < other.ifname ? -1 : 1));
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const before = show();
      const records = [...route.dump(n.getLinks())].filter(({ name }) => names.has(name));
      for (const { index } of records) { try { route.execute(n.deleteLink(index)); } catch (error) { if (error.code !== 'ENODEV') throw error; } }
      const left = show().length;
      const byIndex = new Map(records.map((one) => [one.index, one]));
      const done = new Set();
      const make = (one) => {
        if (!one || done.has(one.index)) return;
        done.add(one.index);
        if (one.kind !== 'veth') make(byIndex.get(one.link));
        make(byIndex.get(one.master));
        make(byIndex.get(one.vxlan?.link));
        const peer = one.kind === 'veth' ? byIndex.get(one.link) : undefined;
        if (peer) done.add(peer.index);
        route.execute(n.newLink({ ...one, peer }));
      };
      for (const one of records) make(one);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return { before, left, after: show(), made: made.length };`);
    expect(result.before.length).toBeGreaterThanOrEqual(7);
    expect(result.left).toBe(0);
    expect(result.after).toEqual(result.before);
  });

  test('of neighbours, those of bridges and those that the host answers for', () => {
    const result = inNamespace(`
      run('sh', '-c', 'ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; ip link add b0 type bridge; ip link set b0 up; ip link set v1 master b0');
      for (const line of [
        'ip neigh add 192.0.2.7 lladdr 02:00:00:00:00:07 nud permanent dev v0',
        'ip neigh add 192.0.2.8 lladdr 02:00:00:00:00:08 nud stale dev v0 protocol 77',
        'ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 nud noarp dev v0',
        'ip neigh add 2001:db8::7 lladdr 02:00:00:00:00:0a nud permanent router dev v0',
        'ip neigh add proxy 192.0.2.77 dev v0',
        'ip -6 neigh add proxy 2001:db8::77 dev v0',
        'bridge fdb add 02:00:00:00:00:21 dev v1 master static',
        'bridge fdb add 02:00:00:00:00:22 dev v1 self permanent',
        'bridge fdb add 02:00:00:00:00:23 dev b0 self',
        'bridge fdb add 02:00:00:00:00:24 dev v1 master static sticky',
      ]) run('sh', '-c', line);
      let hasVxlan = true;
      try { run('sh', '-c', 'ip link add x0 type vxlan id 7 dstport 4789 && bridge fdb append 02:00:00:00:00:31 dev x0 dst 192.0.2.9 port 4790 vni 8 via v0 2>&1'); } catch { hasVxlan = false; }
      // The kernel has some of its own, for multicast and the addresses of links, which come and go.
      const ours = ({ lladdr, mac }) => (lladdr ?? mac)?.startsWith('02:00:00:00:00:');
      const show = () => [
        ip('neigh', 'show', 'nud', 'all').filter(ours), ip('neigh', 'show', 'proxy'), JSON.parse(run('bridge', '-j', '-d', 'fdb')).filter(ours),
      ].map((list) => list.map((one) => JSON.stringify(one)).sort());
      const before = show();
      const records = [{}, { proxy: true }, { family: n.AF_BRIDGE }].flatMap((filter) => [...route.dump(n.getNeighbours(filter))]);
      const own = records.filter((one) => ours(one) || one.flags & n.NTF_PROXY);
      for (const one of own) route.execute(n.deleteNeighbour(one));
      const between = show();
      for (const one of own) route.execute(n.newNeighbour(one));
      return { before, between, after: show(), count: own.length, hasVxlan };`);
    expect(result.count).toBeGreaterThanOrEqual(10);
    expect(result.before.flat().length).toBe(result.count);
    expect(result.between).toEqual([[], [], []]);
    expect(result.after).toEqual(result.before);
  });

  test('of addresses', () => {
    const result = inNamespace(`
      run('ip', 'link', 'add', 'd0', 'type', plain);
      run('ip', 'link', 'set', 'd0', 'addrgenmode', 'none');
      run('ip', 'link', 'set', 'd0', 'up');
      for (const line of [
        'addr add 192.0.2.1/24 brd + label d0:x dev d0',
        'addr add 192.0.2.9 peer 198.51.100.1/32 dev d0 metric 77',
        'addr add 203.0.113.1/24 noprefixroute scope link dev d0',
        'addr add 2001:db8::1/64 nodad home dev d0',
        'addr add 2001:db8:1::1 peer 2001:db8:2::1/128 nodad dev d0',
        'addr add 2001:db8:3::1/64 nodad dev d0 valid_lft 90000 preferred_lft 80000',
      ]) run('sh', '-c', 'ip ' + line);
      const show = () => ip('addr', 'show', 'dev', 'd0')[0].addr_info
        .map((one) => ({ ...one, valid_life_time: one.valid_life_time > 2 ** 31, preferred_life_time: one.preferred_life_time > 2 ** 31 }));
      const before = show();
      const records = [...route.dump(n.getAddresses())].filter(({ ifindex }) => ifindex !== 1);
      for (const one of records) route.execute(n.deleteAddress(one));
      const between = show();
      // IPv6 lists the newest first.
      for (const one of [...records].reverse()) if (one.family !== 2) route.execute(n.newAddress(one));
      for (const one of records) if (one.family === 2) route.execute(n.newAddress(one));
      return { before, between, after: show() };`);
    expect(result.before.length).toBe(6);
    expect(result.between).toEqual([]);
    expect(result.after).toEqual(result.before);
  });
});
