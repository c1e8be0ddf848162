import * as blocking from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { expect, test } from 'vitest';
import { openDescriptors } from './open-descriptors';

test.each([
  ['blocking', blocking.Socket],
  ['promises', promises.Socket],
] as [string, typeof blocking.Socket][])('dup() of a subclass is of the subclass (%s)', (_face, Base) => {
  class Named extends Base<any> {
    readonly label = 'mine';
  }
  const socket = new Named(blocking.AF_INET, blocking.SOCK_DGRAM);
  socket.settimeout(3);
  socket.bind(['127.0.0.1', 0]);
  const copy: Named = socket.dup();
  expect(copy).toBeInstanceOf(Named);
  expect(copy.label).toBe('mine');
  expect(copy.fileno()).not.toBe(socket.fileno());
  expect([copy.family, copy.type, copy.proto, copy.gettimeout()]).toEqual([
    socket.family,
    socket.type,
    socket.proto,
    3,
  ]);
  const address = socket.getsockname();
  socket.close();
  expect(copy.getsockname()).toEqual(address);
  copy.close();
  const plain = new Base();
  const other = plain.dup();
  expect(other.constructor).toBe(Base);
  plain.close();
  other.close();
});

test('a subclass that fails to be made leaves no descriptor', () => {
  class Once extends blocking.Socket<any> {
    constructor(...args: blocking.SocketArguments<any>) {
      super(...args);
      if (args[3] !== undefined) {
        this.detach();
        throw new Error('no more');
      }
    }
  }
  const socket = new Once();
  const before = openDescriptors();
  expect(() => socket.dup()).toThrow('no more');
  expect(openDescriptors()).toEqual(before);
  socket.close();
});
