import { runWithConstants } from '@bsd-sockets/family-testkit';
import * as hyperv from '@bsd-sockets/hyperv';
import { SOCK_STREAM, Socket } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';

describe.skipIf(without('not Windows'))('on a platform without the family (not Windows)', () => {
  test('the package imports, and its constants are undefined', () => {
    const constants = Object.entries(hyperv).filter(([name]) => /^(AF_|HV_|HVSOCKET_)/.test(name));
    expect(constants).toHaveLength(12);
    expect(constants.filter(([, value]) => value !== undefined)).toEqual([]);
  });

  test('its use is one clear error', () => {
    const undefinedName = `a constant that ${process.platform} does not have`;
    const refusal = (name: string) =>
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringMatching(new RegExp(`^${name}: .*${undefinedName}`)),
      });
    using socket = new Socket();
    expect(() => new Socket(hyperv.AF_HYPERV, SOCK_STREAM, hyperv.HV_PROTOCOL_RAW)).toThrow(refusal('family'));
    expect(() => new promises.Socket(hyperv.AF_HYPERV, SOCK_STREAM)).toThrow(refusal('family'));
    expect(() => socket.getOption(hyperv.hypervOptions.HVSOCKET_CONNECT_TIMEOUT)).toThrow(
      refusal('HVSOCKET_CONNECT_TIMEOUT: level'),
    );
  });
});

// The addon with the constants that hvsocket.h of Windows defines, for what depends only on them.
const windows = { AF_HYPERV: 34, HV_PROTOCOL_RAW: 1, HVSOCKET_CONNECT_TIMEOUT: 1, HVSOCKET_CONNECTED_SUSPEND: 4 };
const PROGRAM = `
import * as hyperv from '@bsd-sockets/hyperv';
import { familyOf } from '@bsd-sockets/socket';
const { AF_HYPERV, hypervFamily, hypervOptions } = hyperv;
const guids = Object.entries(hyperv).filter(([name]) => name.startsWith('HV_GUID_'));
const encode = ([name, guid]) => Buffer.from(familyOf(AF_HYPERV).encode([guid, guid], {})).toString('hex');
const addresses = Object.fromEntries(guids.map((entry) => [entry[0], encode(entry)]));
const options = Object.values(hypervOptions).map(({ level, option }) => [level, option]);
console.log(JSON.stringify({ registered: familyOf(AF_HYPERV) === hypervFamily, addresses, options }));
`;

test('with the constants of Windows the family is registered, and takes the well-known GUIDs', () => {
  const sockaddr = (guid: string) => `22000000${guid}${guid}`;
  expect(runWithConstants(import.meta.dirname, PROGRAM, null, windows)).toEqual({
    registered: true,
    addresses: {
      HV_GUID_BROADCAST: sockaddr('ff'.repeat(16)),
      HV_GUID_CHILDREN: sockaddr('898bdb90350d794f8ce949ea0ac8b7cd'),
      HV_GUID_LOOPBACK: sockaddr('9761e1e056dd104a91955ee7a155a838'),
      HV_GUID_PARENT: sockaddr('da7c2ea43fd00c489cc2a4de20abb878'),
      HV_GUID_WILDCARD: sockaddr('00'.repeat(16)),
      HV_GUID_ZERO: sockaddr('00'.repeat(16)),
    },
    options: expect.arrayContaining([
      [1, 1],
      [1, 4],
    ]),
  });
});
