import { program } from '@bsd-sockets/family-testkit';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';
import { inNamespace, missing } from './namespace';

const tcpdump = program('tcpdump', 'tcpdump');

describe.skipIf(missing !== '')(`frames over a pair of interfaces ${missing}`, () => {
  test('come by an interface that is named by an alternative name, however long', () => {
    const name = inNamespace(({ s, p, require }) => {
      const altname = 'a-name-of-more-than-15-bytes';
      require('node:child_process').execFileSync('ip', ['link', 'property', 'add', 'dev', 'v1', 'altname', altname]);
      const socket = new s.Socket(p.AF_PACKET, s.SOCK_RAW, 0);
      socket.bind([altname, p.ETH_P_ALL]);
      return socket.getsockname()[0];
    });
    expect(name).toBe('v1');
  });

  test('arrive with the address of their sender', () => {
    const [data, address, name] = inNamespace(({ listen, frame }) => {
      const receiver = listen('v1', 0x88b5);
      const sender = listen('v0');
      sender.send(frame('hello'));
      const [data, address] = receiver.recvfrom(100);
      return [data.toString('hex'), address!, receiver.getsockname()] as const;
    });
    expect(data).toBe(`02000000000b02000000000a88b5${Buffer.from('hello').toString('hex')}`);
    expect([address.slice(0, 4), Buffer.from(address[4]).toString('hex')]).toEqual([
      ['v1', 0x88b5, 0, 1],
      '02000000000a',
    ]);
    expect(name.slice(0, 4)).toEqual(['v1', 0x88b5, 0, 1]);
  });

  test('of SOCK_DGRAM get their header from the address', () => {
    const [data, sender, raw] = inNamespace(({ s, p, listen }) => {
      const receiver = listen('v1', 0x88b5, s.SOCK_DGRAM);
      const whole = listen('v1', 0x88b5);
      const sender = listen('v0', 0x88b5, s.SOCK_DGRAM);
      sender.sendto(Buffer.from('cooked'), [
        'v0',
        0x88b5,
        p.PACKET_HOST,
        p.ARPHRD_ETHER,
        Buffer.from('02000000000b', 'hex'),
      ]);
      const [data, address] = receiver.recvfrom(100);
      return [data.toString(), address![4].toString('hex'), whole.recv(100).toString('hex')];
    });
    expect([data, sender]).toEqual(['cooked', '02000000000a']);
    expect(raw).toBe(`02000000000b02000000000a88b5${Buffer.from('cooked').toString('hex')}`);
  });

  test.skipIf(without('python3'))('mean the same to CPython, both ways (python3)', () => {
    const [ours, theirs] = inNamespace(async ({ p, listen, frame, until, require }) => {
      const socket = listen('v0', 0x88b5);
      const { spawn } = require('node:child_process') as typeof import('node:child_process');
      const peer = spawn('python3', [
        '-c',
        `
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.bind(('v1', 0x88b5))
print('ready', file=sys.stderr, flush=True)
data, address = s.recvfrom(100)
print(repr((data, address, s.getsockname())))
s.sendto(data[6:12] + data[:6] + data[12:] + b' back', ('v1', 0x88b5, 0, 1, data[6:12]))
`,
      ]);
      let printed = '';
      peer.stdout.on('data', (data) => {
        printed += data;
      });
      await until(peer, 'ready');
      socket.sendto(frame('to python'), [
        'v0',
        0x88b5,
        p.PACKET_HOST,
        p.ARPHRD_ETHER,
        Buffer.from('02000000000b', 'hex'),
      ]);
      const [data, address] = socket.recvfrom(100);
      await new Promise((resolve) => peer.on('close', resolve));
      return [
        printed.trim(),
        [data.subarray(14).toString(), address![0], address![1], address![4].toString('hex')],
      ] as const;
    });
    const header = String.raw`\x02\x00\x00\x00\x00\x0b\x02\x00\x00\x00\x00\n\x88\xb5`;
    const sender = String.raw`('v1', 34997, 0, 1, b'\x02\x00\x00\x00\x00\n')`;
    expect(ours).toBe(`(b'${header}to python', ${sender}, ('v1', 34997, 0, 1, b'\\x02\\x00\\x00\\x00\\x00\\x0b'))`);
    expect(theirs).toEqual(['to python back', 'v0', 0x88b5, '02000000000b']);
  });

  test.skipIf(!tcpdump.available)(`with tags are what tcpdump reads ${tcpdump.reason}`, () => {
    const printed = inNamespace(async ({ p, listen, frame, until, require }) => {
      const socket = listen('v0');
      const { spawn } = require('node:child_process') as typeof import('node:child_process');
      const args = ['-i', 'v1', '-c', '2', '-n', '-e', '-t', '-l', '--immediate-mode', '-Q', 'in'];
      const peer = spawn('tcpdump', args);
      let printed = '';
      peer.stdout.on('data', (data) => {
        printed += data;
      });
      await until(peer, 'listening on v1');
      socket.send(frame('plain'.repeat(10)));
      const tags = [
        { id: 100, tpid: p.ETH_P_8021AD },
        { id: 5, priority: 3, dropEligible: true },
      ];
      socket.send(frame('tagged'.repeat(10), { tags }));
      await new Promise((resolve) => peer.on('close', resolve));
      return printed;
    });
    const [plain, tagged] = printed.split('\n').filter((line) => line.startsWith('02:'));
    expect(plain).toMatch(/^02:00:00:00:00:0a > 02:00:00:00:00:0b, ethertype Unknown \(0x88b5\), length 64/);
    expect(tagged).toMatch(
      /ethertype 802\.1Q-QinQ \(0x88a8\), length 82: vlan 100, p 0, ethertype 802\.1Q \(0x8100\), vlan 5, p 3, DEI, ethertype Unknown \(0x88b5\)/,
    );
  });

  test('that tcpdump -Q in leaves out are left out by PACKET_IGNORE_OUTGOING', () => {
    const types = inNamespace(({ p, listen, frame }) => {
      const everything = listen('v0');
      const incoming = listen('v0');
      incoming.setOption(p.packetOptions.PACKET_IGNORE_OUTGOING, true);
      const peer = listen('v1');
      // A socket does not get what it sent itself.
      const sender = listen('v0');
      sender.send(frame('out'));
      peer.send(frame('in'));
      const type = (socket: typeof incoming) => socket.recvfrom(100)[1]![2];
      return [
        type(everything),
        type(everything),
        type(incoming),
        incoming.getOption(p.packetOptions.PACKET_IGNORE_OUTGOING),
      ];
    });
    // PACKET_OUTGOING; the other frame is for another host.
    expect(types).toEqual([4, 3, 3, true]);
  });

  test('bring the tag that the kernel took off as a control message', () => {
    const [auxdata, tag, named, payload] = inNamespace(({ s, p, listen, frame }) => {
      const receiver = listen('v1');
      receiver.setOption(p.packetOptions.PACKET_AUXDATA, true);
      const sender = listen('v0');
      sender.send(frame('tagged', { tags: [{ id: 77, priority: 6 }] }));
      const [data, ancdata] = receiver.recvmsg(100, s.CMSG_SPACE(20));
      const auxdata = p.PacketAuxdata.decode(ancdata)!;
      return [
        auxdata,
        p.decodeVlanTag(auxdata.vlanTci, auxdata.vlanTpid),
        s.readControl(ancdata)[0]?.name,
        data.subarray(12).toString('hex'),
      ] as const;
    });
    expect(auxdata).toMatchObject({ len: 20, snaplen: 20, vlanTpid: 0x8100 });
    expect(auxdata.status & 0x50).toBe(0x50);
    expect(tag).toEqual({ id: 77, priority: 6, dropEligible: false, tpid: 0x8100 });
    expect(named).toBe('PACKET_AUXDATA');
    expect(payload).toBe(`88b5${Buffer.from('tagged').toString('hex')}`);
  });

  test('pass through a virtio header', () => {
    const [header, payload] = inNamespace(({ p, listen, frame }) => {
      const receiver = listen('v1');
      const sender = listen('v0');
      for (const socket of [receiver, sender]) socket.setOption(p.packetOptions.PACKET_VNET_HDR, true);
      const none = { flags: 0, gsoType: 0, headerLength: 0, gsoSize: 0, checksumStart: 0, checksumOffset: 0 };
      sender.send(Buffer.concat([p.encodeVnetHeader(none), frame('virtio')]));
      const { header, frame: received } = p.decodeVnetHeader(receiver.recv(100))!;
      return [header, received.subarray(14).toString()] as const;
    });
    expect(header).toMatchObject({ gsoType: 0, gsoSize: 0 });
    expect(payload).toBe('virtio');
  });
});

describe.skipIf(missing !== '')(`options ${missing}`, () => {
  test('make an interface promiscuous for as long as they hold', () => {
    const counts = inNamespace(({ s, p, listen, require }) => {
      const { execFileSync } = require('node:child_process') as typeof import('node:child_process');
      const [{ promiscuity: start }] = JSON.parse(
        execFileSync('ip', ['-j', '-d', 'link', 'show', 'v1'], { encoding: 'utf8' }),
      );
      const look = () => {
        const [link] = JSON.parse(execFileSync('ip', ['-j', '-d', 'link', 'show', 'v1'], { encoding: 'utf8' }));
        const maddr = execFileSync('ip', ['maddress', 'show', 'dev', 'v1'], { encoding: 'utf8' });
        return [link.promiscuity - start, link.allmulti, maddr.includes('01:00:5e:01:02:03')];
      };
      const socket = listen('v1');
      const ifindex = s.ifNametoindex('v1');
      const { PACKET_ADD_MEMBERSHIP, PACKET_DROP_MEMBERSHIP } = p.packetOptions;
      const group = Buffer.from('01005e010203', 'hex');
      socket.setOption(PACKET_ADD_MEMBERSHIP, { ifindex, type: p.PACKET_MR_PROMISC });
      socket.setOption(PACKET_ADD_MEMBERSHIP, { ifindex, type: p.PACKET_MR_ALLMULTI });
      socket.setOption(PACKET_ADD_MEMBERSHIP, { ifindex, type: p.PACKET_MR_MULTICAST, address: group });
      const during = look();
      socket.setOption(PACKET_DROP_MEMBERSHIP, { ifindex, type: p.PACKET_MR_PROMISC });
      socket.setOption(PACKET_DROP_MEMBERSHIP, { ifindex, type: p.PACKET_MR_MULTICAST, address: group });
      return [during, look()];
    });
    expect(counts[0]?.[0]).toBe(1);
    expect(counts[0]?.[2]).toBe(true);
    expect(counts[1]?.[0]).toBe(0);
    expect(counts[1]?.[2]).toBe(false);
  });

  test('share frames between the sockets of a group', () => {
    const [read, received, refused] = inNamespace(({ p, listen, frame }) => {
      const { PACKET_FANOUT } = p.packetOptions;
      const members = [0, 1, 2].map(() => listen('v1', 0x88b5));
      const [first, ...others] = members;
      first!.setOption(PACKET_FANOUT, { id: 0, type: p.PACKET_FANOUT_LB, flags: p.PACKET_FANOUT_FLAG_UNIQUEID });
      const group = first!.getOption(PACKET_FANOUT);
      for (const socket of others) socket.setOption(PACKET_FANOUT, { id: group.id, type: p.PACKET_FANOUT_LB });
      const sender = listen('v0');
      for (let count = 0; count < 9; count++) sender.send(frame(`${count}`));
      const received = members.map((socket) => [0, 1, 2].map(() => socket.recv(100).toString('latin1', 14)).join(''));
      let refused = '';
      try {
        first!.setOption(PACKET_FANOUT, { id: 1, type: p.PACKET_FANOUT_HASH, maxMembers: 2 });
      } catch (error) {
        refused = (error as NodeJS.ErrnoException).code!;
      }
      for (const socket of members) socket.close();
      return [group, received, refused] as const;
    });
    expect(read).toMatchObject({ type: 1, flags: 0 });
    // Each socket has three, and none is lost.
    expect(received.join('').split('').sort().join('')).toBe('012345678');
    expect(refused).toBe('EALREADY');
  });

  test('share frames by a program', () => {
    const received = inNamespace(({ p, listen, frame }) => {
      const members = [0, 1].map(() => listen('v1', 0x88b5));
      for (const socket of members)
        socket.setOption(p.packetOptions.PACKET_FANOUT, { id: 7, type: p.PACKET_FANOUT_CBPF });
      // The first byte behind the header; the program sees the frame from there on.
      p.setFanoutProgram(members[0]!, [
        { code: p.BPF_LD | p.BPF_B | p.BPF_ABS, jt: 0, jf: 0, k: 0 },
        { code: p.BPF_RET | p.BPF_A, jt: 0, jf: 0, k: 0 },
      ]);
      const sender = listen('v0');
      for (const byte of [0, 1, 1, 0, 1, 2]) sender.send(frame([byte] as unknown as Uint8Array));
      const received = [members[0]!, members[1]!].map((socket) => [0, 1, 2].map(() => socket.recv(100)[14]));
      for (const socket of members) socket.close();
      return received;
    });
    expect(received).toEqual([
      [0, 0, 2],
      [1, 1, 1],
    ]);
  });

  test('can be read and set', () => {
    const values = inNamespace(({ s, p, listen }) => {
      const socket = listen('v1');
      const { PACKET_ORIGDEV, PACKET_QDISC_BYPASS, PACKET_RESERVE, PACKET_TIMESTAMP } = p.packetOptions;
      socket.setOption(PACKET_ORIGDEV, true);
      socket.setOption(PACKET_QDISC_BYPASS, true);
      socket.setOption(PACKET_RESERVE, 64);
      socket.setOption(PACKET_TIMESTAMP, s.SOF_TIMESTAMPING_RAW_HARDWARE);
      return [PACKET_ORIGDEV, PACKET_QDISC_BYPASS, PACKET_RESERVE, PACKET_TIMESTAMP].map((option) =>
        socket.getOption<any>(option),
      );
    });
    expect(values).toEqual([true, true, 64, 64]);
  });
});
