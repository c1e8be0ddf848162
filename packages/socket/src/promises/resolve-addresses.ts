import { IOV_MAX } from '@bsd-sockets/core-native';
import type { AcceptedAddressOf } from '@bsd-sockets/resolver';
import { familyOf } from '../family';
import { itemsOf } from '../iterable';
import type { BatchSocket, MessageToSend } from '../message-batch';

/**
 * The messages with addresses that their family can encode without waiting: a promise if one has to be looked up.
 *
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`) if there is no list of messages.
 */
export function resolveAddresses<F extends number>(
  socket: BatchSocket<F>,
  messages: Iterable<MessageToSend<F>>,
  signal: AbortSignal | undefined,
): MessageToSend<F>[] | Promise<MessageToSend<F>[]> {
  const resolved = Array.from(itemsOf('messages', messages, 'messages', IOV_MAX));
  const family = familyOf(socket.family);
  if (!family.resolve) return resolved;
  const lookups: Promise<void>[] = [];
  for (const [index, message] of resolved.entries()) {
    // What is no message is refused where the batch is made.
    if (!Array.isArray(message)) continue;
    const [data, address, ancdata] = message as unknown as MessageToSend<F>;
    if (address === undefined || address === null) continue;
    try {
      const found = family.resolve(address, socket, signal) as Promise<AcceptedAddressOf<F>> | undefined;
      if (found === undefined) continue;
      lookups.push(
        found.then((known) => {
          resolved[index] = [data, known, ancdata];
        }),
      );
    } catch (error) {
      // Beside the others, of which each may fail later on.
      lookups.push(Promise.reject(error));
    }
  }
  return lookups.length === 0 ? resolved : Promise.all(lookups).then(() => resolved);
}
