import { fillCall, native } from '@bsd-sockets/core-native';

const { send } = native;

/** Sends bytes without waiting: how many, or a negative errno. Source: send(2) */
export function sendNow(fd: number, data: Uint8Array): number {
  fillCall(fd, 0, 0, data.length, 0, 0);
  return send(data);
}
