import { closeRights } from '../message';
import type { Call } from './call';

/** Closes what a result has brought that nobody gets: the connection of an accept, or descriptors. */
export function discard({ syscall }: Call, result: any): void {
  if (syscall === 'accept') result[0].close();
  else if (syscall === 'recvmsg' || syscall === 'recvmsgInto') closeRights(result[1]);
}
