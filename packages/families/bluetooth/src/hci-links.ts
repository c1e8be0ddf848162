import { writeFileSync } from 'node:fs';
import {
  BDADDR_LE_PUBLIC,
  BTPROTO_L2CAP,
  type BytesLike,
  bytes,
  integer,
  SO_RCVBUF,
  SOCK_SEQPACKET,
  SOL_SOCKET,
  wrongType,
} from '@bsd-sockets/core-native';
import { Socket } from '@bsd-sockets/socket/promises';
import { decodeBdaddr, encodeBdaddr } from './bdaddr';
import { AF_BLUETOOTH } from './family';

// Bluetooth Core Specification, volume 4, part E: packets and the commands and events that are looked at.
const [COMMAND, EVENT] = [0x01, 0x04];
const LE_CREATE_CONNECTION = 0x200d;
const LE_CREATE_CONNECTION_CANCEL = 0x200e;
const LE_EXTENDED_CREATE_CONNECTION = 0x2043;
const DISCONNECTION_COMPLETE = 0x05;
const LE_META = 0x3e;
const LE_CONNECTION_COMPLETE = 0x01;
const LE_ENHANCED_CONNECTION_COMPLETE = 0x0a;

/** The channel of the Attribute Protocol, which every device of Low Energy has. */
const ATT_CID = 4;
/** Seconds that a connection may take. */
const CONNECT_TIMEOUT = 60;

/** Where in a command the device and the parameters of a connection are. */
const CREATE = {
  [LE_CREATE_CONNECTION]: { length: 29, policy: 8, type: 9, bdaddr: 10, parameters: 17 },
  [LE_EXTENDED_CREATE_CONNECTION]: { length: 30, policy: 4, type: 6, bdaddr: 7, parameters: 18 },
};

/** In what order the parameters follow each other. */
const PARAMETERS = ['conn_min_interval', 'conn_max_interval', 'conn_latency', 'supervision_timeout'];

interface Link {
  readonly socket: Socket<typeof AF_BLUETOOTH>;
  /** The connections with the device: some controllers tell of a new one before the end of the last. */
  readonly handles: Set<number>;
}

/**
 * The connections of Bluetooth LE that a program makes by commands, on a `HCI_CHANNEL_RAW` socket of an adapter that the kernel has
 * too. The kernel ends a connection that no socket of its own uses, so each gets one of L2CAP; and the kernel has to make it, for only
 * then are both ends told the same.
 */
export class HciLinks {
  private readonly links = new Map<string, Link>();
  private readonly device: number;
  private readonly bdaddr: string;

  /**
   * Opens nothing yet.
   *
   * @param device - The number of the adapter: 0 of hci0.
   * @param bdaddr - Its address, as {@link bluetoothRequests}`.HCIGETDEVINFO` tells it.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`).
   */
  constructor(device: number, bdaddr: string) {
    this.device = integer('device', device, 0, 0xffff);
    encodeBdaddr(bdaddr);
    this.bdaddr = bdaddr;
  }

  /**
   * Looks at a packet that the program is about to send.
   *
   * @param packet - The packet: its type, and what follows.
   * @param otherwise - Called if the kernel could not make the connection: the packet is to be sent then.
   * @returns Whether it is not to be sent, since the kernel makes the connection that it asks for, or has it.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`); {@link OSError} if there are no descriptors left.
   *
   * Source: Bluetooth Core Specification, volume 4, part E
   */
  takes(packet: BytesLike, otherwise: () => void): boolean {
    const view = viewOf(packet);
    if (typeof otherwise !== 'function') throw wrongType('otherwise', 'a function', otherwise);
    if (view.length < 4 || view[0] !== COMMAND) return false;
    const opcode = view.readUInt16LE(1);
    if (opcode === LE_CREATE_CONNECTION_CANCEL) this.closeEach(({ handles }) => handles.size === 0);
    const layout = CREATE[opcode as keyof typeof CREATE];
    // By the filter's list of devices, the command does not say which one it is.
    if (layout === undefined || view.length < layout.length || view[layout.policy] !== 0) return false;
    const bdaddr = decodeBdaddr(view.subarray(layout.bdaddr, layout.bdaddr + 6));
    const link = this.links.get(bdaddr);
    // Of a connection that is there, the controller itself tells.
    if (link !== undefined) return link.handles.size === 0;
    this.setParameters(view, layout.parameters);
    this.connect(bdaddr, view[layout.type]!, otherwise);
    return true;
  }

  /**
   * Looks at a packet that the adapter has sent.
   *
   * @param packet - The packet: its type, and what follows.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`); {@link OSError} if there are no descriptors left.
   *
   * Source: Bluetooth Core Specification, volume 4, part E
   */
  notice(packet: BytesLike): void {
    const view = viewOf(packet);
    if (view.length < 6 || view[0] !== EVENT) return;
    if (view[1] === DISCONNECTION_COMPLETE && view[3] === 0) {
      const handle = view.readUInt16LE(4);
      this.closeEach(({ handles }) => handles.delete(handle) && handles.size === 0);
    }
    const isConnection = view[3] === LE_CONNECTION_COMPLETE || view[3] === LE_ENHANCED_CONNECTION_COMPLETE;
    if (view[1] !== LE_META || !isConnection || view[4] !== 0 || view.length < 15) return;
    const bdaddr = decodeBdaddr(view.subarray(9, 15));
    const link = this.links.get(bdaddr) ?? this.connect(bdaddr, view[8]!, () => {});
    link.handles.add(view.readUInt16LE(5));
  }

  /** Gives up all connections: the kernel ends them. */
  close(): void {
    this.closeEach(() => true);
  }

  private closeEach(isOver: (link: Link) => boolean): void {
    for (const [bdaddr, link] of this.links) {
      if (!isOver(link)) continue;
      this.links.delete(bdaddr);
      link.socket.close();
    }
  }

  private connect(bdaddr: string, type: number, otherwise: () => void): Link {
    const socket = new Socket(AF_BLUETOOTH, SOCK_SEQPACKET, BTPROTO_L2CAP);
    const link = { socket, handles: new Set<number>() };
    this.links.set(bdaddr, link);
    socket.unref();
    socket.settimeout(CONNECT_TIMEOUT);
    // What comes on the channel is read from the adapter.
    socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 0);
    socket
      .bind([this.bdaddr, 0, ATT_CID, BDADDR_LE_PUBLIC])
      .then(() => socket.connect([bdaddr, 0, ATT_CID, BDADDR_LE_PUBLIC + (type & 1)]))
      .catch(() => {
        if (this.links.get(bdaddr) !== link) return;
        this.links.delete(bdaddr);
        socket.close();
        otherwise();
      });
    return link;
  }

  /** Sets what the kernel asks for in its connections. It tells no other way. */
  private setParameters(packet: Buffer, offset: number): void {
    for (const [index, name] of PARAMETERS.entries()) {
      try {
        const path = `/sys/kernel/debug/bluetooth/hci${this.device}/${name}`;
        writeFileSync(path, `${packet.readUInt16LE(offset + 2 * index)}`);
      } catch {
        // It has its own then.
      }
    }
  }
}

function viewOf(packet: BytesLike): Buffer {
  const view = bytes('packet', packet);
  return Buffer.from(view.buffer, view.byteOffset, view.length);
}
