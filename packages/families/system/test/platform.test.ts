import { runWithConstants } from '@bsd-sockets/family-testkit';
import { SOCK_DGRAM, Socket } from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { AF_SYSTEM, PF_SYSTEM, SYSPROTO_CONTROL, systemFamily } from '@bsd-sockets/system';
import { describe, expect, test } from 'vitest';
import { without } from '../../../core-native/test/capabilities';

describe.skipIf(without('not macOS'))('on a platform without the family (not macOS)', () => {
  test('the package imports, and its constants are undefined', () => {
    expect([AF_SYSTEM, PF_SYSTEM, SYSPROTO_CONTROL]).toEqual([undefined, undefined, undefined]);
  });

  test('its use is one clear error', () => {
    const refusal = (name: string) =>
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringMatching(new RegExp(`^${name}: .*a constant that ${process.platform} does not have`)),
      });
    using socket = new Socket();
    expect(() => new Socket(AF_SYSTEM, SOCK_DGRAM, SYSPROTO_CONTROL)).toThrow(refusal('family'));
    expect(() => new promises.Socket(PF_SYSTEM, SOCK_DGRAM)).toThrow(refusal('family'));
    expect(() => systemFamily.encode('com.apple.net.utun_control', socket)).toThrow(refusal('CTLIOCGINFO'));
  });

  // The addon with the constants of macOS, for what depends only on them.
  const macos = { AF_SYSTEM: 32, PF_SYSTEM: 32, SYSPROTO_CONTROL: 2, CTLIOCGINFO: 0xc0644e03 };
  const PROGRAM = `
  import { AF_SYSTEM, systemFamily } from '@bsd-sockets/system';
  import { familyOf, Socket } from '@bsd-sockets/socket';
  const socket = new Socket();
  const family = familyOf(AF_SYSTEM);
  const refusal = () => {
    try { family.encode('com.apple.net.utun_control', socket); } catch ({ name, code, syscall, address }) {
      return { name, code, syscall, address };
    }
  };
  const sockaddr = Buffer.from(family.encode([5, 1], socket)).toString('hex');
  console.log(JSON.stringify({ registered: family === systemFamily, sockaddr, refusal: refusal() }));
  `;

  test('with the constants of macOS the family is registered, and asks the kernel for the number of a name', () => {
    expect(runWithConstants(import.meta.dirname, PROGRAM, null, macos)).toEqual({
      registered: true,
      sockaddr: `202002000500000001000000${'00'.repeat(20)}`,
      // This kernel does not know the question.
      refusal: {
        name: 'OSError',
        code: process.platform === 'win32' ? 'EOPNOTSUPP' : 'ENOTTY',
        syscall: 'ioctl',
        address: 'com.apple.net.utun_control',
      },
    });
  });
});
