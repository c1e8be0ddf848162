// Checked only by the compiler: a constant that Linux does not have may be undefined, and one that it has is a number.
import * as core from '@bsd-sockets/core-native';
import * as constants from '@bsd-sockets/core-native/constants';
import { AF_DIVERT } from '@bsd-sockets/divert';
import { AF_HYPERV, HV_GUID_PARENT, HVSOCKET_CONNECT_TIMEOUT } from '@bsd-sockets/hyperv';
import * as socket from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import { AF_SYSTEM } from '@bsd-sockets/system';
import { exactly } from './addressed.mjs';

exactly<number>()(constants.SO_REUSEADDR);
exactly<number>()(core.SO_REUSEADDR);
exactly<number>()(socket.SO_REUSEADDR);
exactly<number>()(promises.SO_REUSEADDR);

exactly<number | undefined>()(constants.SO_EXCLUSIVEADDRUSE); // of Windows
exactly<number | undefined>()(core.SO_EXCLUSIVEADDRUSE);
exactly<number | undefined>()(socket.SO_EXCLUSIVEADDRUSE);
exactly<number | undefined>()(promises.SO_EXCLUSIVEADDRUSE);
exactly<number | undefined>()(socket.SO_USELOOPBACK); // of BSD and macOS
exactly<number | undefined>()(socket.TCP_CONNECTION_INFO); // of macOS

// @ts-expect-error it may be undefined
const option: number = socket.SO_EXCLUSIVEADDRUSE;
if (socket.SO_EXCLUSIVEADDRUSE !== undefined) new socket.Socket().setsockopt(1, socket.SO_EXCLUSIVEADDRUSE, 1);

// The numbers of families carry the types of their addresses on every platform: `new Socket` refuses what is undefined.
new socket.Socket(AF_DIVERT).bind(['', 4711]);
new promises.Socket(AF_SYSTEM).connect([5, 0]);
exactly<socket.Socket<typeof AF_HYPERV>>()(new socket.Socket(AF_HYPERV));
exactly<string>()(HV_GUID_PARENT);
exactly<number | undefined>()(HVSOCKET_CONNECT_TIMEOUT);
exactly<number | undefined>()(constants.AF_HYPERV);

// @ts-expect-error no platform has it
export const unknown = socket.SO_WHATEVER;
export { option };
