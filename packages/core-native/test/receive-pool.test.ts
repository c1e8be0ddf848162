import { claim, native, offsetIn, receiveReserved, reserve, Slot, slots } from '@bsd-sockets/core-native';
import { expect, test } from 'vitest';

const { EFAULT, EINVAL } = native.errnos;

function socketpair(): [number, number] {
  const first = native.socketpair(native.constants.AF_UNIX!, native.constants.SOCK_STREAM!, 0);
  return [first, slots[Slot.secondFd]!];
}

function prepare(fd: number, offset: number, length: number): void {
  slots[Slot.fd] = fd;
  slots[Slot.flags] = 0;
  slots[Slot.offset] = offset;
  slots[Slot.length] = length;
  slots[Slot.timeout] = 0;
  slots[Slot.addressLength] = 0;
}

function receiveText(sender: number, receiver: number, text: string): string {
  prepare(sender, 0, text.length);
  expect(native.send(Buffer.from(text))).toBe(text.length);
  const memory = reserve(100);
  prepare(receiver, offsetIn(memory), 100);
  return claim(memory, 100, receiveReserved(memory)).toString();
}

test('memory that was detached is not written to, and the next receive has other memory', () => {
  const [sender, receiver] = socketpair();
  expect(receiveText(sender, receiver, 'before')).toBe('before');
  const pool = reserve(100);
  structuredClone(pool.buffer, { transfer: [pool.buffer as ArrayBuffer] });
  prepare(receiver, 0, 100);
  expect(native.receivePooled()).toBe(-EFAULT!);
  expect(receiveText(sender, receiver, 'after')).toBe('after');
  native.close(sender);
  native.close(receiver);
});

test.each([null, undefined, 5, [], new DataView(new ArrayBuffer(8)), new Uint16Array(8), new ArrayBuffer(8)])(
  'the pool is no %s',
  (value) => {
    expect(native.registerPool(value as unknown as Uint8Array)).toBe(-EINVAL!);
  },
);

test('slices of the pool never overlap', () => {
  const [sender, receiver] = socketpair();
  const kept = Array.from({ length: 2000 }, (_, index) => {
    const text = `${index}`.repeat(1 + (index % 20));
    prepare(sender, 0, text.length);
    native.send(Buffer.from(text));
    const memory = reserve(100);
    prepare(receiver, offsetIn(memory), 100);
    return [text, claim(memory, 100, receiveReserved(memory))] as const;
  });
  for (const [text, slice] of kept) expect(slice.toString()).toBe(text);
  native.close(sender);
  native.close(receiver);
});
