// Statements that make tables of all kinds of entries with ip(8), in `run` of the namespace.

/** Routes of all kinds, on `v0` and `v1`; those of a line behind `needs` only where the kernel has it. */
export const routes = `
  run('sh', '-c', 'ip link add v0 type veth peer name v1; ip link set lo up; ip link set v0 up; ip link set v1 up');
  run('ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'v0');
  run('ip', 'addr', 'add', '198.18.0.1/24', 'dev', 'v1');
  run('ip', 'addr', 'add', '2001:db8::1/64', 'nodad', 'dev', 'v0');
  const lines = [
    'nexthop add id 10 via 192.0.2.2 dev v0',
    'nexthop add id 11 via 192.0.2.3 dev v0',
    'nexthop add id 12 group 10,3/11',
    'nexthop add id 13 blackhole',
    'nexthop add id 14 via 172.30.0.1 dev v0 onlink proto 99',
    'nexthop add id 15 via 2001:db8::7 dev v0',
    'nexthop add id 16 dev v0',
    'nexthop add id 17 group 10/11 type resilient buckets 8 idle_timer 60',
    'route add 10.2.0.0/16 via 172.31.0.1 dev v0 onlink',
    'route add 10.3.0.0/16 via 192.0.2.2',
    'route add 10.3.0.0/16 via 192.0.2.3 tos 8',
    'route add 10.4.0.0/16 via inet6 fe80::1 dev v0',
    'route add blackhole 10.5.0.0/16',
    'route add unreachable 10.5.1.0/24',
    'route add prohibit 10.5.2.0/24 metric 7',
    'route add throw 10.5.3.0/24 table 1000',
    'route add 10.6.0.0/16 via 192.0.2.2 src 192.0.2.1 proto 77 metric 42 table 300',
    'route add 10.7.0.0/16 via 192.0.2.2 mtu lock 1400 advmss 1200 initcwnd 20 initrwnd 30 congctl reno hoplimit 9 rto_min 300ms quickack 1 window 9999 cwnd 7 ssthresh 8 reordering 4 rtt 200ms rttvar 60ms features ecn fastopen_no_cookie 1',
    'route add 10.9.0.0/16 nhid 10',
    'route add 10.10.0.0/16 nhid 12',
    '-6 route add 2001:db8:1::/48 via 2001:db8::2',
    '-6 route add 2001:db8:3::/48 nexthop via 2001:db8::2 nexthop via 2001:db8::3 weight 5',
    '-6 route add blackhole 2001:db8:4::/48',
    '-6 route add 2001:db8:5::/48 via fe80::1 dev v0 mtu lock 1400 initcwnd 11 congctl reno expires 1000',
    '-6 route add 2001:db8:7::/48 nhid 15',
  ];
  for (const line of lines) run('sh', '-c', 'ip ' + line);
  // What a kernel may be built without.
  const maybe = [
    'route add 10.1.0.0/16 nexthop via 192.0.2.2 weight 3 nexthop via 198.18.0.9 dev v1 onlink',
    'route add 10.8.0.0/16 encap ip id 77 src 192.0.2.1 dst 192.0.2.9 ttl 5 tos 4 dev v0',
    'route add 10.8.1.0/24 encap mpls 100/200 via 192.0.2.2 dev v0',
    '-6 route add 2001:db8:9::/48 via 2001:db8::2 pref high',
    '-6 route add 2001:db8:2::/48 from 2001:db8:9::/64 via 2001:db8::2 dev v0',
    '-6 route add 2001:db8:6::/48 encap seg6 mode encap segs fc00::1,fc00::2 dev v0',
  ];
  const made = maybe.filter((line) => { try { run('sh', '-c', 'ip ' + line + ' 2>&1'); return true; } catch { return false; } });`;

/** Links of all kinds that every kernel of the tests has. */
export const links = `
  for (const line of [
    'link add v0 type veth peer name v1',
    'link set v0 up',
    'link set v1 up',
    'link property add dev v0 altname a-name-that-is-very-long-indeed altname other',
    'link add b0 address 02:00:00:00:00:01 type bridge forward_delay 700 hello_time 300 max_age 1500 ageing_time 20000 stp_state 1 priority 4096 group_fwd_mask 8 mcast_snooping 0 mcast_querier 1 mcast_hash_max 256 no_linklocal_learn 1',
    'link set b0 up',
    'link add d0 mtu 1400 txqueuelen 7 address 02:00:00:00:00:07 type ' + plain,
    'link set d0 master b0',
    'link set d0 type bridge_slave cost 77 priority 9 hairpin on guard on learning off flood off mcast_flood off isolated on',
    'link set d0 alias one-end group 5 arp off up',
    'link add m0 link v0 type macvlan mode bridge bcqueuelen 500',
    'link add m1 link v0 type macvlan mode source macaddr add 02:00:00:00:00:99',
    'link set m0 addrgenmode none promisc on allmulticast on',
    'link add q0 numtxqueues 4 numrxqueues 3 type ' + plain,
  ]) run('sh', '-c', 'ip ' + line);
  const maybe = [
    'link add x0 type vxlan id 7 dev v0 remote 192.0.2.9 local 192.0.2.1 dstport 4789 ttl 5 tos 4 ageing 100 maxaddress 50 srcport 1000 2000 nolearning proxy rsc l2miss l3miss udpcsum gbp',
    'link add x1 type vxlan id 8 dstport 8472 group ff05::1 dev v0 ttl inherit',
    'link add x2 type vxlan external dstport 9000',
    'link add l0 link v0 type vlan id 5 protocol 802.1ad gvrp on loose_binding on ingress-qos-map 1:2 3:4 egress-qos-map 5:6',
    'link add i0 link v1 type ipvlan mode l2 private',
    'link add r0 type vrf table 77',
    'link add w0 type wireguard',
    'link add o0 type bond mode active-backup miimon 100 updelay 200 downdelay 300 fail_over_mac active num_grat_arp 3',
    'link add o1 type bond mode 802.3ad lacp_rate fast ad_select count ad_actor_sys_prio 9 ad_user_port_key 8 xmit_hash_policy layer3+4 min_links 1',
    'link add o2 type bond mode balance-rr arp_interval 500 arp_ip_target 192.0.2.7,192.0.2.8 packets_per_slave 4 resend_igmp 5 lp_interval 9',
    'link add o3 type bond mode balance-tlb tlb_dynamic_lb 0',
    'link add e0 type ' + plain,
    'link set e0 master o0',
  ];
  const made = maybe.filter((line) => { try { run('sh', '-c', 'ip ' + line + ' 2>&1'); return true; } catch { return false; } });`;
