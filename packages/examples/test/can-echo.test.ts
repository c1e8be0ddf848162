import { execFileSync, spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { capability, program } from '@bsd-sockets/family-testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { example, Program } from './process';

const can = capability('AF_CAN', 'SOCK_RAW', 'CAN_RAW');
const canUtils = program('candump', 'can-utils');
const python = program('python3', 'python3');
const reason =
  can.reason ||
  canUtils.reason ||
  (process.env.BSD_SOCKETS_LAB ? '' : '(its virtual CAN bus is only for the kernel lab)');
const bus = 'vcan-echo';

// The example of Python's documentation in brief.
const pythons = `
import socket, struct
s = socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
s.bind(('${bus}',))
while True:
    cf, addr = s.recvfrom(16)
    can_id, can_dlc, data = struct.unpack('=IB3x8s', cf)
    print('Received: can_id=%x, can_dlc=%x, data=%s' % (can_id, can_dlc, data[:can_dlc].hex()), flush=True)
    s.send(cf)
    s.send(struct.pack('=IB3x8s', 1, 3, bytes([1, 2, 3])))
`;

describe.skipIf(reason)(`the CAN example ${reason}`, () => {
  beforeAll(() => {
    execFileSync('ip', ['link', 'add', 'dev', bus, 'type', 'vcan']);
    execFileSync('ip', ['link', 'set', bus, 'up']);
  });
  afterAll(() => void execFileSync('ip', ['link', 'del', bus]));

  test.each([
    ['ours', () => example('can-echo', bus)],
    ...(python.available ? [["Python's", () => new Program(['python3', '-c', pythons])] as const] : []),
  ] as const)(`%s prints a frame, sends it back and one of its own ${python.reason}`, async (_, start) => {
    const dump = new Program(['candump', '-L', bus]);
    const echo = start();
    try {
      // Neither of them says when it is ready.
      const frames = () => dump.lines.map((line) => line.split(' ')[2]);
      while (!frames().includes('001#010203')) {
        spawnSync('cansend', [bus, '123#DEADBEEF']);
        await setTimeout(100);
      }
      const end = frames().indexOf('001#010203');
      expect(frames().slice(end - 1, end + 1)).toEqual(['123#DEADBEEF', '001#010203']);
      expect(await echo.firstLine()).toBe('Received: can_id=123, can_dlc=4, data=deadbeef');
    } finally {
      echo.kill();
      dump.kill();
    }
  });
});
