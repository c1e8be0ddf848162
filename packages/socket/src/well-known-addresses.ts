import { AF_BLUETOOTH, AF_HYPERV } from '@bsd-sockets/core-native';

// Undefined where the platform does not have the family.
const bluetooth = (address: string) => (AF_BLUETOOTH === undefined ? undefined : address) as string;
const hyperv = (guid: string) => (AF_HYPERV === undefined ? undefined : guid) as string;

/** The Bluetooth address that stands for any adapter. Linux, Windows. */
export const BDADDR_ANY = bluetooth('00:00:00:00:00:00');
/** The Bluetooth address of this machine itself. Linux, Windows. */
export const BDADDR_LOCAL = bluetooth('00:00:00:FF:FF:FF');

/** The virtual machine id of all bits set. hvsocket.h; Windows only. */
export const HV_GUID_BROADCAST = hyperv('FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF');
/** To bind to: connections from the machines that this one hosts. hvsocket.h; Windows only. */
export const HV_GUID_CHILDREN = hyperv('90DB8B89-0D35-4F79-8CE9-49EA0AC8B7CD');
/** To connect to: this machine itself. hvsocket.h; Windows only. */
export const HV_GUID_LOOPBACK = hyperv('E0E16197-DD56-4A10-9195-5EE7A155A838');
/** To bind or connect to: the machine that hosts this one. hvsocket.h; Windows only. */
export const HV_GUID_PARENT = hyperv('A42E7CDA-D03F-480C-9CC2-A4DE20ABB878');
/** To bind to: connections from everywhere. hvsocket.h; Windows only. */
export const HV_GUID_WILDCARD = hyperv('00000000-0000-0000-0000-000000000000');
/** The virtual machine id of all zeros. hvsocket.h; Windows only. */
export const HV_GUID_ZERO = hyperv('00000000-0000-0000-0000-000000000000');
