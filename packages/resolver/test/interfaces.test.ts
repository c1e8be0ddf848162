import { networkInterfaces } from 'node:os';
import { ifIndextoname, ifNameindex, ifNametoindex } from '@bsd-sockets/resolver';
import { expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { type Call, expectAsInPython } from './cpython';
import { noInterfaces, runApart } from './namespace';

const code = (code: string) => expect.objectContaining({ code });

test('every interface has an index, and is found by name and by index', () => {
  const interfaces = ifNameindex();
  expect(interfaces.length).toBeGreaterThan(0);
  // Node has other names for them on Windows.
  if (process.platform !== 'win32') {
    expect(interfaces.map(([, name]) => name)).toEqual(expect.arrayContaining(Object.keys(networkInterfaces())));
  }
  for (const [index, name] of interfaces) {
    expect(ifNametoindex(name)).toBe(index);
    expect(ifNametoindex(Buffer.from(name))).toBe(index);
    expect(ifIndextoname(index)).toBe(name);
  }
});

test('an interface that does not exist', () => {
  for (const name of ['nosuch0', '', 'x'.repeat(300), 'é']) expect(() => ifNametoindex(name)).toThrow(code('ENODEV'));
  for (const index of [0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
    expect(() => ifIndextoname(index)).toThrow(code('ENXIO'));
  }
});

test('what is no name and no index is refused', () => {
  for (const wrong of [undefined, null, 1]) {
    expect(() => ifNametoindex(wrong as never)).toThrow(code('ERR_INVALID_ARG_TYPE'));
  }
  for (const wrong of ['lo\0', '\ud800']) expect(() => ifNametoindex(wrong)).toThrow(code('ERR_INVALID_ARG_VALUE'));
  for (const wrong of [-1, 1.5, 2 ** 32, Number.NaN])
    expect(() => ifIndextoname(wrong)).toThrow(code('ERR_OUT_OF_RANGE'));
  for (const wrong of ['1', null, undefined]) {
    expect(() => ifIndextoname(wrong as never)).toThrow(code('ERR_INVALID_ARG_TYPE'));
  }
});

test.skipIf(without('python3'))('interfaces, as in CPython (python3)', () => {
  const names = ['nosuch0', '', 'x'.repeat(300), 'é', 'lo\0', Buffer.from('lo'), null, 1];
  const indexes = [0, 1, 2, 3, 999, 2 ** 31, 2 ** 32 - 1, -1, '1', null];
  expectAsInPython([
    ['if_nameindex'],
    ...ifNameindex().map(([, name]): Call => ['if_nametoindex', name]),
    ...names.map((name): Call => ['if_nametoindex', name]),
    ...indexes.map((index): Call => ['if_indextoname', index]),
  ]);
});

test.skipIf(noInterfaces)(`a name that is not UTF-8 comes as surrogates, and is found by them${noInterfaces}`, () => {
  const program =
    '(([[index, name]]) => [name, r.ifNametoindex(name) === index, r.ifIndextoname(index)])(r.ifNameindex())';
  const rename = 'ip link set lo name "$(printf \'l\\377\')"';
  expect(runApart(['-r', '-n'], program, {}, rename)).toEqual(['l\udcff', true, 'l\udcff']);
});

test.skipIf(noInterfaces)(`an interface goes by its alternative names, however long${noInterfaces}`, () => {
  const program = `['a-name-of-more-than-15-bytes', 'short', 'a-name-of-more-than-15-bytez', 'x'.repeat(128)]
    .map((name) => answer(() => r.ifNametoindex(name)))`;
  const name = 'ip link property add dev lo altname a-name-of-more-than-15-bytes altname short';
  const none = { name: 'OSError', code: 'ENODEV' };
  expect(runApart(['-r', '-n'], program, {}, name)).toEqual([1, 1, none, none]);
});
