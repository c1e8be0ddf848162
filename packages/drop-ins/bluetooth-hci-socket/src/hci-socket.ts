import { EventEmitter } from 'node:events';
import {
  AF_BLUETOOTH,
  BTPROTO_HCI,
  bluetoothRequests,
  HCI_CHANNEL_CONTROL,
  HCI_CHANNEL_RAW,
  HCI_CHANNEL_USER,
  HCI_DEV_NONE,
  type HciDevice,
  HciLinks,
} from '@bsd-sockets/bluetooth';
import {
  type BytesLike,
  bytes,
  callListener,
  closeOnFailure,
  HCI_FILTER,
  integer,
  native,
  OSError,
  SOL_HCI,
  wrongValue,
} from '@bsd-sockets/core-native';
import { type BaseSocket, ioctl, SOCK_RAW, Socket } from '@bsd-sockets/socket';
import { Socket as AsyncSocket } from '@bsd-sockets/socket/promises';

/** An adapter. */
export interface Device {
  /** Its number: 0 of hci0. */
  devId: number | null;
  /** Whether it is up. */
  devUp: boolean | null;
  /** Of USB: null here, as the others. */
  idVendor: number | null;
  idProduct: number | null;
  busNumber: number | null;
  deviceAddress: number | null;
}

/** What a {@link BluetoothHciSocket} emits. */
export interface HciSocketEvents {
  /** A packet has come from the adapter, or a message on the control channel. */
  data: [data: Buffer];
  /** Writing or receiving has failed. */
  error: [error: NodeJS.ErrnoException];
}

type HciSocket = AsyncSocket<typeof AF_BLUETOOTH>;
type Address = [device: number, channel: number];

/** The most bytes of a packet: those of a management message, and more than any of HCI. */
const LARGEST = 65_541;
const FILTER_SIZE = 16;
/** In the flags of an adapter. */
const UP = 1;
const ENOTCONN = native.errnos.ENOTCONN as number;
/** The command HCI_Reset. */
const RESET = Buffer.of(0x01, 0x03, 0x0c, 0x00);

/** A socket to a Bluetooth adapter of this host, for its packets. */
export class BluetoothHciSocket extends EventEmitter<HciSocketEvents> {
  private address: Address | undefined;
  private filter: Uint8Array | undefined;
  private socket: HciSocket | undefined;
  private links: HciLinks | undefined;
  private receiving = false;

  /**
   * Takes part in what an adapter does, beside the kernel.
   *
   * @param devId - Its number; by default the first adapter that is up.
   * @param _params - For adapters at a serial line or USB: of no use here.
   * @returns Its number.
   * @throws {@link OSError}, such as ENODEV, or EPERM without the capability CAP_NET_RAW; TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  bindRaw(devId?: number | null, _params?: unknown): number {
    return this.bind(this.deviceId(devId, true), HCI_CHANNEL_RAW);
  }

  /**
   * Takes an adapter from the kernel, while it is down.
   *
   * @param devId - Its number; by default the first adapter that is down.
   * @param _params - For adapters at a serial line or USB: of no use here.
   * @returns Its number.
   * @throws {@link OSError}, such as ENODEV, EBUSY if it is up, or EPERM without the capability CAP_NET_ADMIN; TypeError
   *   (`ERR_INVALID_ARG_TYPE`).
   */
  bindUser(devId?: number | null, _params?: unknown): number {
    return this.bind(this.deviceId(devId, false), HCI_CHANNEL_USER);
  }

  /**
   * Takes the kernel's management interface.
   *
   * @throws {@link OSError}
   */
  bindControl(): void {
    this.bind(HCI_DEV_NONE, HCI_CHANNEL_CONTROL);
  }

  /** Whether the adapter that the socket is bound to is up; false if there is none. */
  isDevUp(): boolean {
    const device = this.address?.[0] ?? 0;
    return this.getDeviceList().some(({ devId, devUp }) => devId === device && devUp);
  }

  /**
   * The adapters of this host.
   *
   * @throws {@link OSError}, such as EAFNOSUPPORT if the kernel has no Bluetooth.
   */
  getDeviceList(): Device[] {
    const others = { idVendor: null, idProduct: null, busNumber: null, deviceAddress: null };
    return devices().map(({ device, flags }) => ({ devId: device, devUp: (flags & UP) !== 0, ...others }));
  }

  /**
   * Sets which packets to receive.
   *
   * @param filter - A `struct hci_filter`: 14 bytes, and 2 that fill it up or are missing.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`) or RangeError (`ERR_INVALID_ARG_VALUE`).
   */
  setFilter(filter: BytesLike): void {
    const view = bytes('filter', filter);
    if (view.length > FILTER_SIZE) throw wrongValue('filter', `at most ${FILTER_SIZE} bytes`, view.length);
    this.filter = Buffer.concat([view], FILTER_SIZE);
    this.trying(() => this.socket && setFilter(this.socket, this.filter));
  }

  /** Begins to receive, which keeps the process alive: as soon as the socket is bound. A second time does nothing. */
  start(): void {
    if (this.receiving) return;
    this.receiving = true;
    this.trying(() => this.address && this.receive(this.open(this.address)));
  }

  /** Ends receiving, and closes the socket and the connections that it has made. A later `start` binds it again. */
  stop(): void {
    this.receiving = false;
    this.close();
  }

  /** Has the adapter begin anew. */
  reset(): void {
    this.write(RESET);
  }

  /** Does nothing: a connection that is not made within a minute is given up by itself. */
  cleanup(): void {}

  /**
   * Writes a packet. What fails is told by the event `error`.
   *
   * @param data - The packet: its type, and what follows.
   * @throws TypeError (`ERR_INVALID_ARG_TYPE`).
   */
  write(data: BytesLike): void {
    const view = bytes('data', data);
    const packet = Buffer.from(view.buffer, view.byteOffset, view.length);
    this.trying(() => {
      if (this.address === undefined) throw new OSError(ENOTCONN, { syscall: 'send', hint: 'the socket is not bound' });
      const socket = this.open(this.address);
      // Those that a close has ended are nobody's concern.
      const fail = (error: Error) => socket === this.socket && callListener(() => this.emit('error', error));
      const send = () => void socket.send(packet).catch(fail);
      if (!this.links?.takes(packet, send)) send();
    });
  }

  private deviceId(devId: number | null | undefined, up: boolean): number {
    if (devId !== undefined && devId !== null) return integer('devId', devId, 0, 0xffff);
    return devices().find(({ flags }) => Boolean(flags & UP) === up)?.device ?? 0;
  }

  private bind(device: number, channel: number): number {
    this.close();
    const address: Address = [device, channel];
    const socket = this.open(address);
    this.address = address;
    if (this.receiving) this.receive(socket);
    return device;
  }

  private open(address: Address): HciSocket {
    if (this.socket !== undefined) return this.socket;
    this.socket = closeOnFailure(new Socket(AF_BLUETOOTH, SOCK_RAW, BTPROTO_HCI), (socket) => {
      socket.bind(address);
      setFilter(socket, this.filter);
      const [device, channel] = address;
      if (channel === HCI_CHANNEL_RAW) {
        this.links = new HciLinks(device, ioctl(socket, bluetoothRequests.HCIGETDEVINFO, device).bdaddr);
      }
      return AsyncSocket.from(socket);
    });
    return this.socket;
  }

  private close(): void {
    this.links?.close();
    this.socket?.close();
    this.links = undefined;
    this.socket = undefined;
  }

  private async receive(socket: HciSocket): Promise<void> {
    try {
      for (;;) {
        const data = await socket.recv(LARGEST);
        // Stopped, or bound to something else, meanwhile.
        if (socket !== this.socket) return;
        this.links?.notice(data);
        callListener(() => this.emit('data', data));
      }
    } catch (error) {
      if (socket !== this.socket) return;
      this.stop();
      callListener(() => this.emit('error', error as Error));
    }
  }

  private trying(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.emit('error', error as Error);
    }
  }
}

function setFilter(socket: BaseSocket, filter: Uint8Array | undefined): void {
  if (filter !== undefined) socket.setsockopt(SOL_HCI as number, HCI_FILTER as number, filter);
}

function devices(): HciDevice[] {
  using socket = new Socket(AF_BLUETOOTH, SOCK_RAW, BTPROTO_HCI);
  return ioctl(socket, bluetoothRequests.HCIGETDEVLIST).sort((first, second) => first.device - second.device);
}
