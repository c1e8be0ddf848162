import { boundPair, type Check, capability, codecConformance, socketConformance } from '@bsd-sockets/family-testkit';
import { AF_NETLINK, NETLINK_USERSOCK } from '@bsd-sockets/netlink';
import { familyOf, SOCK_DGRAM, SOCK_RAW, Socket } from '@bsd-sockets/socket';
import { describe, expect, test } from 'vitest';

const netlink = capability('AF_NETLINK', 'SOCK_RAW', 'NETLINK_ROUTE');

function runAll(checks: Check[]): void {
  for (const { name, run } of checks) test(name, run);
}

describe('the address', () => {
  runAll(
    codecConformance({
      family: familyOf(AF_NETLINK),
      accepted: [
        [
          [0, 0],
          [0, 0],
        ],
        [
          [2 ** 32 - 1, 2 ** 31],
          [2 ** 32 - 1, 2 ** 31],
        ],
      ],
      refused: [
        [[0], { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
        [[0, -1], { code: 'ERR_OUT_OF_RANGE', message: /^address: groups: / }],
        [[2 ** 32, 0], { code: 'ERR_OUT_OF_RANGE', message: /^address: pid: / }],
        ['kernel', { code: 'ERR_INVALID_ARG_TYPE', message: /^address: / }],
      ],
    }),
  );

  test.skipIf(!netlink.available)(`is the kernel's own ${netlink.reason}`, () => {
    using socket = new Socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
    socket.bind([0, 1]);
    const [pid, groups] = socket.getsockname();
    expect(pid).toBeGreaterThan(0);
    expect(groups).toBe(1);
    socket.connect([0, 0]);
    expect(socket.getpeername()).toEqual([0, 0]);
  });
});

describe.skipIf(!netlink.available)(`sockets of two programs ${netlink.reason}`, () => {
  runAll(
    socketConformance({
      family: AF_NETLINK,
      type: SOCK_DGRAM,
      proto: NETLINK_USERSOCK,
      binds: [[[0, 0], ([pid, groups]) => pid > 0 && groups === 0]],
      open: () => boundPair(AF_NETLINK, SOCK_DGRAM, NETLINK_USERSOCK, [0, 0]),
      connected: false,
      to: (second) => second.getsockname(),
    }),
  );
});
