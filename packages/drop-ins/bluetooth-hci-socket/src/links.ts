import { writeFileSync } from 'node:fs';
import { AF_BLUETOOTH, BDADDR_LE_PUBLIC, BTPROTO_L2CAP, decodeBdaddr } from '@bsd-sockets/bluetooth';
import { SO_RCVBUF, SOCK_SEQPACKET, SOL_SOCKET } from '@bsd-sockets/core-native';
import { Socket } from '@bsd-sockets/socket/promises';

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
 * The connections of Low Energy of an adapter that the kernel has too. It ends one that no socket of its own uses, so each
 * gets one of L2CAP; and has to make it, for only then are both ends told the same.
 */
export class Links {
  private readonly links = new Map<string, Link>();
  private readonly device: number;
  private readonly bdaddr: string;

  constructor(device: number, bdaddr: string) {
    this.device = device;
    this.bdaddr = bdaddr;
  }

  /**
   * Looks at a packet that is to be written.
   *
   * @param otherwise - Has it written, if the kernel cannot make the connection.
   * @returns Whether it is not to be written.
   */
  takes(packet: Buffer, otherwise: () => void): boolean {
    if (packet.length < 4 || packet[0] !== COMMAND) return false;
    const opcode = packet.readUInt16LE(1);
    if (opcode === LE_CREATE_CONNECTION_CANCEL) this.close(({ handles }) => handles.size === 0);
    const layout = CREATE[opcode as keyof typeof CREATE];
    // By the filter's list of devices, the command does not say which one it is.
    if (layout === undefined || packet.length < layout.length || packet[layout.policy] !== 0) return false;
    const key = packet.subarray(layout.bdaddr, layout.bdaddr + 6);
    const link = this.links.get(decodeBdaddr(key));
    // Of a connection that is there, the controller itself tells.
    if (link !== undefined) return link.handles.size === 0;
    this.setParameters(packet, layout.parameters);
    this.connect(decodeBdaddr(key), packet[layout.type]!, otherwise);
    return true;
  }

  /** Looks at a packet that has come. */
  notice(packet: Buffer): void {
    if (packet.length < 6 || packet[0] !== EVENT) return;
    if (packet[1] === DISCONNECTION_COMPLETE && packet[3] === 0) {
      const handle = packet.readUInt16LE(4);
      this.close(({ handles }) => handles.delete(handle) && handles.size === 0);
    }
    const isConnection = packet[3] === LE_CONNECTION_COMPLETE || packet[3] === LE_ENHANCED_CONNECTION_COMPLETE;
    if (packet[1] !== LE_META || !isConnection || packet[4] !== 0 || packet.length < 15) return;
    const bdaddr = decodeBdaddr(packet.subarray(9, 15));
    const link = this.links.get(bdaddr) ?? this.connect(bdaddr, packet[8]!, () => {});
    link?.handles.add(packet.readUInt16LE(5));
  }

  /** Gives up connections: by default all. */
  close(which: (link: Link) => boolean = () => true): void {
    for (const [bdaddr, link] of this.links) {
      if (!which(link)) continue;
      this.links.delete(bdaddr);
      link.socket.close();
    }
  }

  private connect(bdaddr: string, type: number, otherwise: () => void): Link | undefined {
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
