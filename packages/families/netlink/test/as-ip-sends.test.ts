import { describe, expect, test } from 'vitest';
import { inNamespace, noMonitor } from './namespace';

/** Commands of ip(8), and the request that does the same; \`d0\` and \`d1\` are links, of the indexes \`d0\` and \`d1\`. */
const pairs: [kind: string, command: string, request: string][] = [
  [
    'vlan',
    'link add link d0 name x0 mtu 1400 type vlan protocol 802.1ad id 5 ingress-qos-map 1:2 3:4 egress-qos-map 5:6 gvrp on loose_binding off',
    `n.newLink({ name: 'x0', mtu: 1400, link: d0, vlan: { protocol: n.ETH_P_8021AD, id: 5, ingressQos: [{ from: 1, to: 2 }, { from: 3, to: 4 }], egressQos: [{ from: 5, to: 6 }], flags: { gvrp: true, looseBinding: false } } })`,
  ],
  [
    'bridge',
    'link add name x1 address 02:00:00:00:00:01 type bridge forward_delay 700 hello_time 300 max_age 1500 ageing_time 20000 stp_state 1 priority 4096 vlan_filtering 1 vlan_protocol 802.1ad group_fwd_mask 8 mcast_router 2 mcast_snooping 0 mcast_querier 1 mcast_hash_max 256 mcast_query_interval 9000 mcast_igmp_version 3',
    `n.newLink({ name: 'x1', address: '02:00:00:00:00:01', bridge: { forwardDelay: 700, helloTime: 300, maxAge: 1500, ageingTime: 20000, stpState: 1, priority: 4096, vlanFiltering: true, vlanProtocol: n.ETH_P_8021AD, groupFwdMask: 8, mcastRouter: 2, mcastSnooping: false, mcastQuerier: true, mcastHashMax: 256, mcastQueryIntvl: 9000n, mcastIgmpVersion: 3 } })`,
  ],
  [
    'bond',
    'link add name x2 type bond mode active-backup miimon 100 updelay 200 downdelay 300 peer_notify_delay 400 use_carrier 1 primary d0 primary_reselect better fail_over_mac active xmit_hash_policy layer3+4 resend_igmp 5 num_grat_arp 6 all_slaves_active 1 min_links 2 lp_interval 9',
    `n.newLink({ name: 'x2', bond: { mode: n.BOND_MODE_ACTIVEBACKUP, miimon: 100, updelay: 200, downdelay: 300, peerNotifDelay: 400, useCarrier: true, primary: d0, primaryReselect: 1, failOverMac: 1, xmitHashPolicy: 1, resendIgmp: 5, numPeerNotif: 6, allSlavesActive: true, minLinks: 2, lpInterval: 9 } })`,
  ],
  [
    'bond',
    'link add name x3 type bond mode balance-rr arp_interval 500 arp_ip_target 192.0.2.7,192.0.2.8',
    `n.newLink({ name: 'x3', bond: { mode: n.BOND_MODE_ROUNDROBIN, arpInterval: 500, arpIpTarget: ['192.0.2.7', '192.0.2.8'] } })`,
  ],
  [
    'vxlan',
    'link add name x4 type vxlan id 7 remote 192.0.2.9 local 192.0.2.1 dev d0 ttl 5 tos 4 nolearning ageing 100 maxaddress 50 srcport 1000 2000 dstport 4789 proxy rsc l2miss l3miss',
    `n.newLink({ name: 'x4', vxlan: { id: 7, group: '192.0.2.9', local: '192.0.2.1', link: d0, ttl: 5, tos: 4, learning: false, ageing: 100, limit: 50, portRange: { low: 1000, high: 2000 }, port: 4789, proxy: true, rsc: true, l2miss: true, l3miss: true } })`,
  ],
  [
    'macvlan',
    'link add link d0 name x5 type macvlan mode bridge bcqueuelen 500',
    `n.newLink({ name: 'x5', link: d0, macvlan: { mode: n.MACVLAN_MODE_BRIDGE, bcQueueLen: 500 } })`,
  ],
  [
    'macvlan',
    'link add link d1 name x6 type macvlan mode source macaddr set 02:00:00:00:00:98 02:00:00:00:00:99',
    `n.newLink({ name: 'x6', link: d1, macvlan: { mode: n.MACVLAN_MODE_SOURCE, macaddrData: ['02:00:00:00:00:98', '02:00:00:00:00:99'] } })`,
  ],
  [
    'ipvlan',
    'link add link d0 name x7 type ipvlan mode l3 private',
    `n.newLink({ name: 'x7', link: d0, ipvlan: { mode: n.IPVLAN_MODE_L3, flags: 1 } })`,
  ],
  [
    'veth',
    'link add name x8 mtu 1300 type veth peer name y8 mtu 1200',
    `n.newLink({ name: 'x8', mtu: 1300, kind: 'veth', peer: { name: 'y8', mtu: 1200 } })`,
  ],
  ['vrf', 'link add name x9 type vrf table 77', `n.newLink({ name: 'x9', vrf: { table: 77 } })`],
  ['tun', 'link add name xa type tun', `n.newLink({ name: 'xa', kind: 'tun' })`],
  ['wireguard', 'link add name xb type wireguard', `n.newLink({ name: 'xb', kind: 'wireguard' })`],
  [
    'can',
    'link set d0 up type can bitrate 500000 sample-point 0.875',
    `n.setLink(d0, { up: true, can: { bittiming: { bitrate: 500_000, samplePoint: 0.875 } } })`,
  ],
  [
    'can',
    'link set d0 type can restart-ms 100 termination 120 bitrate 500000 dbitrate 2000000 dsample-point 0.8 fd on listen-only off',
    `n.setLink(d0, { can: { restartMs: 100, termination: 120, bittiming: { bitrate: 500_000 }, dataBittiming: { bitrate: 2_000_000, samplePoint: 0.8 }, controlModes: { fd: true, listenOnly: false } } })`,
  ],
  [
    'can',
    'link set d0 type can tq 125 prop-seg 6 phase-seg1 7 phase-seg2 2 sjw 1',
    `n.setLink(d0, { can: { bittiming: { tq: 125, propSeg: 6, phaseSeg1: 7, phaseSeg2: 2, sjw: 1 } } })`,
  ],
  ['can', 'link set d0 type can restart', `n.setLink(d0, { can: { restart: true } })`],
  [
    'a port of a bridge',
    'link set d0 type bridge_slave cost 77 hairpin on guard on learning off flood off isolated on',
    `n.setLink(d0, { bridgeSlave: { cost: 77, hairpin: true, guard: true, learning: false, unicastFlood: false, isolated: true } })`,
  ],
  ['any', 'link set d0 txqueuelen 5 group 7 alias abc', `n.setLink(d0, { txqlen: 5, group: 7, alias: 'abc' })`],
];

describe.skipIf(noMonitor)(`what we send is what ip(8) sends, seen through nlmon ${noMonitor}`, () => {
  const results: { theirs: string[]; ours: string[] }[] = noMonitor
    ? []
    : inNamespace(`
      const s = require('@bsd-sockets/socket');
      for (const name of ['d0', 'd1']) run('sh', '-c', 'ip link add ' + name + ' type ' + plain + '; ip link set ' + name + ' up');
      run('sh', '-c', 'ip link add nlmon0 type nlmon; ip link set nlmon0 up');
      const [d0, d1, monitor] = ['d0', 'd1', 'nlmon0'].map((name) => route.execute(n.getLink(name))[0].index);
      const tap = new s.Socket(17, s.SOCK_RAW, s.htons(3));
      const address = Buffer.alloc(20);
      address.writeUInt16LE(17, 0);
      address.writeUInt16BE(3, 2);
      address.writeUInt32LE(monitor, 4);
      tap.bind(address);
      tap.setblocking(false);
      // Only what asks for a link: the number of the request is left out.
      const seen = () => {
        const requests = [];
        for (;;) {
          let data;
          // nlmon shows what goes to the kernel twice.
          try { data = tap.recv(65536); } catch { return [...new Set(requests)]; }
          if (data.readUInt16LE(4) !== 16 || !(data.readUInt16LE(6) & n.NLM_F_REQUEST)) continue;
          // ip(8) asks whether the kernel has the message at all, by one without a word.
          if (data.readUInt32LE(0) === 32) continue;
          data.writeUInt32LE(0, 8);
          requests.push(data.subarray(0, data.readUInt32LE(0)).toString('hex'));
        }
      };
      const quietly = (call) => { try { call(); } catch {} };
      const forget = (name) => quietly(() => route.execute(n.deleteLink(name)));
      return [${pairs
        .map(
          ([, command, request]) => `(() => {
        const name = /name (x.)/.exec(${JSON.stringify(command)})?.[1];
        seen();
        quietly(() => run('sh', '-c', ${JSON.stringify(`ip ${command} 2>/dev/null`)}));
        const theirs = seen();
        if (name) forget(name);
        seen();
        quietly(() => route.execute(${request}));
        const ours = seen();
        if (name) forget(name);
        return { theirs, ours };
      })()`,
        )
        .join(',\n')}];`);

  test.each(pairs.map(([kind, command], index) => [kind, command, index] as const))(
    '%s: ip %s',
    (_kind, _command, index) => {
      const { theirs, ours } = results[index]!;
      expect(theirs.length).toBe(1);
      expect(ours).toEqual(theirs);
    },
  );
});
