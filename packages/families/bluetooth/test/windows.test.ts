// Elsewhere the addon has the structures and the constants of Windows, for what depends only on them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runWithConstants } from '@bsd-sockets/family-testkit';
import { expect, test } from 'vitest';

const onWindows = process.platform === 'win32';
const measured = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../core-native/test/platforms.json'), 'utf8'),
);
const PROGRAM = `
import { AF_BLUETOOTH, BTPROTO_L2CAP, BTPROTO_RFCOMM } from '@bsd-sockets/bluetooth';
import { familyOf } from '@bsd-sockets/socket';
const family = familyOf(AF_BLUETOOTH);
const socket = { family: AF_BLUETOOTH, type: 1, proto: BTPROTO_RFCOMM, fileno: () => -1 };
const encoded = (address) => Buffer.from(family.encode(address, socket)).toString('hex');
const decoded = (sockaddr) => family.decode(Buffer.from(sockaddr, 'hex'), socket);
const refused = (address) => { try { encoded(address); } catch ({ code, message }) { return [code, message]; } };
const bdaddr = '12:23:34:45:56:67';
const sockaddr = encoded([bdaddr, 0x01020304]);
console.log(JSON.stringify({
  family: AF_BLUETOOTH,
  others: BTPROTO_L2CAP === undefined,
  sockaddr,
  back: decoded(sockaddr),
  most: decoded(encoded([bdaddr, 0xffffffff])),
  cut: decoded(sockaddr.slice(0, 12)),
  hostile: decoded('ff'.repeat(40)),
  refused: [[bdaddr], [bdaddr, -1], [bdaddr, 2 ** 32], ['12', 1]].map(refused),
}));
`;

test('RFCOMM has the SOCKADDR_BTH of Windows, in which the channel has 32 bits', () => {
  const windows = { AF_BLUETOOTH: 32, BTPROTO_RFCOMM: 3 };
  const others = /^(AF_BLUETOOTH|BTPROTO_|BDADDR_|HCI_|L2CAP_|SCO_|BT_)/;
  const answer = onWindows
    ? runWithConstants(import.meta.dirname, PROGRAM, null)
    : runWithConstants(import.meta.dirname, PROGRAM, others, windows, measured['win32-x64'].layout);
  const address = ['12:23:34:45:56:67', 0x01020304];
  expect(answer).toEqual({
    family: 32,
    others: true,
    // The family, the address in 64 bits, no class of service, the channel: 30 bytes without padding.
    sockaddr: `2000${'675645342312'}0000${'00'.repeat(16)}${'04030201'}`,
    back: address,
    most: [address[0], 0xffffffff],
    cut: ['00:00:34:45:56:67', 0],
    hostile: ['FF:FF:FF:FF:FF:FF', 0xffffffff],
    refused: [
      ['ERR_INVALID_ARG_TYPE', expect.stringMatching(/^address: .*\[bdaddr, channel\]/)],
      ['ERR_OUT_OF_RANGE', expect.stringMatching(/^channel: /)],
      ['ERR_OUT_OF_RANGE', expect.stringMatching(/^channel: /)],
      ['ERR_INVALID_ARG_VALUE', expect.stringMatching(/^bdaddr: /)],
    ],
  });
});
