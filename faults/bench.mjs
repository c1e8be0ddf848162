// What an operation is given: sockets of the face under test, their peers, and a list of all that has to be closed.
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { native } from '@bsd-sockets/core-native';
import * as blocking from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';

const { AF_INET, SOCK_DGRAM, SOCK_STREAM } = blocking;

/** How many descriptors this process has. */
export function countDescriptors() {
  return readdirSync('/proc/self/fd').length;
}

export class Bench {
  #open = [];
  #folder;

  /**
   * @param face - `promises`, or another name for the blocking face.
   * @param timeout - That of the sockets under test, in seconds; undefined for none.
   */
  constructor(face, timeout) {
    this.face = face === 'promises' || face === 'fresh' ? promises : blocking;
    this.blocks = this.face === blocking;
    this.timeout = timeout;
    for (const name of ['keep', 'socket', 'socketpair', 'udpPair', 'listener', 'open', 'file', 'letGo']) {
      this[name] = this[name].bind(this);
    }
  }

  /** Closes something in the end. */
  keep(closable) {
    this.#open.push(closable);
    return closable;
  }

  /** A socket of the blocking face, as one of the face under test. */
  #under(socket) {
    const own = this.face === promises ? promises.Socket.from(socket) : socket;
    if (this.timeout !== undefined) own.settimeout(this.timeout);
    return this.keep(own);
  }

  socket(family) {
    return this.#under(new blocking.Socket(family));
  }

  /** One end under test, and the other of the blocking face, which never waits. */
  socketpair(family, type = SOCK_STREAM) {
    const [near, far] = blocking.socketpair(family, type);
    far.settimeout(0);
    return [this.#under(near), this.keep(far)];
  }

  /** The same of two UDP sockets; the far end is connected in any case. */
  udpPair({ connected = true } = {}) {
    const [near, far] = [0, 1].map(() => {
      const socket = new blocking.Socket(AF_INET, SOCK_DGRAM);
      socket.bind(['127.0.0.1', 0]);
      return socket;
    });
    far.settimeout(0);
    far.connect(near.getsockname());
    if (connected) near.connect(far.getsockname());
    return [this.#under(near), this.keep(far)];
  }

  listener() {
    return this.#under(blocking.createServer(['127.0.0.1', 0]));
  }

  /** A descriptor of some file. */
  open() {
    const fd = openSync('/dev/null');
    this.keep({ close: () => closeSync(fd) });
    return fd;
  }

  /** The path of a file with these bytes. */
  file(bytes) {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'faults-'));
    const path = join(this.#folder, 'file');
    writeFileSync(path, bytes);
    return path;
  }

  /** A descriptor that an injected error may have left open. */
  letGo(fd) {
    this.keep({ close: () => native.close(fd) });
  }

  close() {
    for (const closable of this.#open) closable.close?.() ?? closable.destroy?.();
    this.#open = [];
    if (this.#folder) rmSync(this.#folder, { recursive: true });
  }
}
