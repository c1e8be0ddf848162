import { fillCall, native, receiveBuffer, reserve, Slot, slots } from '@bsd-sockets/core-native';
import { expect, test } from 'vitest';

function socketpair(): [number, number] {
  const first = native.socketpair(native.constants.AF_UNIX!, native.constants.SOCK_STREAM!, 0);
  return [first, slots[Slot.secondFd]!];
}

function send(fd: number, text: string): void {
  fillCall(fd, 0, 0, text.length, 0, 0);
  expect(native.send(Buffer.from(text))).toBe(text.length);
}

function receive(fd: number): Buffer {
  return receiveBuffer(fd, 0, 100, 0, 0) as Buffer;
}

test('memory that was detached is not written to, and the next receive has other memory', () => {
  const [sender, receiver] = socketpair();
  for (const text of ['before', 'after', 'after all']) {
    send(sender, text);
    expect(receive(receiver).toString()).toBe(text);
    const { buffer } = reserve(100);
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
  }
  native.close(sender);
  native.close(receiver);
});

test('an error is a negative errno', () => {
  expect(receiveBuffer(-1, 0, 100, 0, 0)).toBe(-native.errnos.EBADF!);
  expect(receiveBuffer(-1, 0, 100_000, 0, 0)).toBe(-native.errnos.EBADF!);
});

test('slices of the pool never overlap', () => {
  const [sender, receiver] = socketpair();
  const kept = Array.from({ length: 2000 }, (_, index) => {
    const text = `${index}`.repeat(1 + (index % 20));
    send(sender, text);
    return [text, receive(receiver)] as const;
  });
  for (const [text, slice] of kept) expect(slice.toString()).toBe(text);
  native.close(sender);
  native.close(receiver);
});
