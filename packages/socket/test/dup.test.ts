import * as blocking from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { expect, test } from 'vitest';
import { openDescriptors } from './open-descriptors';

const faces = [
  ['blocking', blocking.Socket],
  ['promises', promises.Socket],
] as [string, typeof blocking.Socket][];

test.each(faces)('dup() of a subclass is of the subclass (%s)', (_face, Base) => {
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

test.each(faces)('a subclass that fails to be made leaves no descriptor (%s)', (_face, Base) => {
  const made: blocking.Socket[] = [];
  class Once extends Base<any> {
    constructor(...args: blocking.SocketArguments<any>) {
      super(...args);
      made.push(this);
      if (made.length > 1) throw new Error('no more');
    }
  }
  using socket = new Once();
  const before = openDescriptors();
  expect(() => socket.dup()).toThrow('no more');
  expect(openDescriptors()).toEqual(before);
  // It would close the number when it is collected, and somebody else may have that by then.
  expect(made[1]?.fileno()).toBe(-1);
});
