import { hostname } from 'node:os';
import { gethostname, sethostname } from '@bsd-sockets/resolver';
import { expect, test } from 'vitest';
import { noHostname, runApart } from './namespace';

// No test calls sethostname with a name that this process could give to the real host.

test('this host has a name', () => {
  expect(gethostname()).toBe(hostname());
});

test('what is no name is refused', () => {
  for (const wrong of [undefined, null, 1, {}]) {
    expect(() => sethostname(wrong as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  }
  for (const wrong of ['a\0b', Buffer.from('a\0b'), '\ud800']) {
    expect(() => sethostname(wrong)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  }
});

test.skipIf(noHostname)(`a namespace of its own takes names as text and bytes${noHostname}`, () => {
  const names = ['plain', 'näme', `${'x'.repeat(64)}`];
  const set = `(name) => (r.sethostname(name), r.gethostname())`;
  expect(runApart(['-r', '--uts'], `${JSON.stringify(names)}.map(${set})`)).toEqual(names);
  // A byte that is not UTF-8 comes back as a surrogate, and goes in as one.
  expect(runApart(['-r', '--uts'], `[Buffer.of(0x61, 0xff), 'b\\udcfe'].map(${set})`)).toEqual(['a\udcff', 'b\udcfe']);
  expect(hostname()).toBe(gethostname());
});

test.skipIf(noHostname)(`a name that is too long, and a missing privilege${noHostname}`, () => {
  const tooLong = `answer(() => r.sethostname('x'.repeat(65)))`;
  expect(runApart(['-r', '--uts'], tooLong)).toEqual({ name: 'OSError', code: 'EINVAL' });
  // The host's own UTS namespace belongs to another user namespace than the one that the process is root of.
  const program = `answer(() => r.sethostname('other'))`;
  expect(runApart(['-r'], program)).toEqual({ name: 'PermissionError', code: 'EPERM' });
});
