import * as core from '@bsd-sockets/core-native';

const { claim, offsetIn, receiveReserved, reserve, Slot, slots } = core;
const { send } = core.native;

/** Receives at most `size` bytes without waiting: the bytes, or a negative errno. Source: recv(2) */
export function receiveNow(fd: number, size: number): Buffer | number {
  const memory = reserve(size);
  fill(fd, offsetIn(memory), size);
  const received = receiveReserved(memory);
  return received < 0 ? received : claim(memory, size, received);
}

/** Sends bytes without waiting: how many, or a negative errno. Source: send(2) */
export function sendNow(fd: number, data: Uint8Array): number {
  fill(fd, 0, data.length);
  return send(data);
}

function fill(fd: number, offset: number, length: number): void {
  slots[Slot.fd] = fd;
  slots[Slot.flags] = 0;
  slots[Slot.offset] = offset;
  slots[Slot.length] = length;
  slots[Slot.timeout] = 0;
  slots[Slot.addressLength] = 0;
}
