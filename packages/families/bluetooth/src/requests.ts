import { integer, LITTLE_ENDIAN, structView } from '@bsd-sockets/core-native';
import type { IoctlRequest } from '@bsd-sockets/socket';
import { BDADDR_SIZE, decodeBdaddr } from './bdaddr';

/** An adapter of this host, as HCIGETDEVLIST tells. */
export interface HciDevice {
  /** Its number: 0 of hci0. */
  device: number;
  /** Its state, a bit each. Bit 0: it is up. */
  flags: number;
}

/** What HCIGETDEVINFO tells of an adapter. */
export interface HciDeviceInfo extends HciDevice {
  /** Its name, such as `'hci0'`. */
  name: string;
  bdaddr: string;
  /** The bus in the lower 4 bits, HCI_PRIMARY (0) or the like above. */
  type: number;
}

// bluetooth/hci.h, as x86-64 and arm64 have _IOR('H', 210, int) and _IOR('H', 211, int).
const [HCIGETDEVLIST, HCIGETDEVINFO] = [0x800448d2, 0x800448d3];
/** The most adapters that Linux lists. */
const MOST = 16;
// struct hci_dev_list_req, struct hci_dev_req
const LIST = { begin: 4, size: 8, flags: 4 };
// struct hci_dev_info
const INFO = { name: 2, nameSize: 8, bdaddr: 10, flags: 16, type: 20, size: 92 };

/**
 * The typed requests of `ioctl` for a HCI socket, bound or not. HCIGETDEVLIST lists the adapters; HCIGETDEVINFO takes the
 * number of one.
 *
 * Source: bluetooth/hci.h
 */
export const bluetoothRequests: {
  readonly HCIGETDEVLIST: IoctlRequest<HciDevice[]>;
  readonly HCIGETDEVINFO: IoctlRequest<HciDeviceInfo, number>;
} = {
  HCIGETDEVLIST: {
    name: 'HCIGETDEVLIST',
    request: HCIGETDEVLIST,
    codec: {
      encode: () => {
        const list = Buffer.alloc(LIST.begin + MOST * LIST.size);
        structView(list).setUint16(0, MOST, LITTLE_ENDIAN);
        return list;
      },
      decode: (list) => {
        const view = structView(list);
        return Array.from({ length: view.getUint16(0, LITTLE_ENDIAN) }, (_, index) => {
          const begin = LIST.begin + index * LIST.size;
          return {
            device: view.getUint16(begin, LITTLE_ENDIAN),
            flags: view.getUint32(begin + LIST.flags, LITTLE_ENDIAN),
          };
        });
      },
    },
  },
  HCIGETDEVINFO: {
    name: 'HCIGETDEVINFO',
    request: HCIGETDEVINFO,
    codec: {
      encode: (device, name) => {
        const info = Buffer.alloc(INFO.size);
        structView(info).setUint16(0, integer(`argument of ${name}`, device, 0, 0xffff), LITTLE_ENDIAN);
        return info;
      },
      decode: (info) => {
        const view = structView(info);
        const name = info.subarray(INFO.name, INFO.name + INFO.nameSize).toString('latin1');
        return {
          device: view.getUint16(0, LITTLE_ENDIAN),
          flags: view.getUint32(INFO.flags, LITTLE_ENDIAN),
          name: name.replace(/\0.*/s, ''),
          bdaddr: decodeBdaddr(info.subarray(INFO.bdaddr, INFO.bdaddr + BDADDR_SIZE)),
          type: info[INFO.type]!,
        };
      },
    },
  },
};
