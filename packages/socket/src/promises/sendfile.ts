import { close, open, read } from 'node:fs';
import { promisify } from 'node:util';
import { native, type Observer, osError, POLLIN, readiness } from '@bsd-sockets/core-native';
import type { Handle } from '../handle';
import { PollFds } from '../pollfd';
import { COPIED_BLOCK, checkSendfile, descriptorOf, fileError, refusals, type SendfileSource } from '../sendfile';
import { type Call, ELSEWHERE, MORE } from './call';
import type { Channel } from './channel';
import { sendNow } from './send-now';

/** The most that is sent before others have their turn. */
const BLOCK = 2 ** 20;

const source = new PollFds(1);

/** That of node:fs/promises leaves the file open where a worker ends meanwhile. */
const openFile = promisify(open);

/** Whether a read of a file would not wait. What poll(2) cannot be asked of, as on Windows, is read as it is. */
function isReadable(file: number): boolean {
  source.set(0, file, POLLIN);
  try {
    return source.wait(0) > 0;
  } catch {
    return true;
  }
}

/** See `socket.sendfile`. */
export function sendfile(
  channel: Channel,
  handle: Handle,
  call: Call,
  file: SendfileSource,
  offset: number,
  count: number | null | undefined,
): Promise<number> {
  const most = checkSendfile(handle, offset, count);
  if (typeof file !== 'string') return transmit(channel, handle, call, descriptorOf(file), offset, most, () => {});
  return openFile(file, 'r').then(
    (opened) =>
      transmit(channel, handle, { ...call, deferred: true }, opened, offset, most, () => close(opened, () => {})),
    (error) => {
      throw fileError(error, 'open', file);
    },
  );
}

async function transmit(
  channel: Channel,
  handle: Handle,
  call: Call,
  file: number,
  offset: number,
  count: number,
  close: () => void,
): Promise<number> {
  let sent = 0;
  let copy: Copy | undefined;
  const sendBlock = (most: number): number =>
    copy === undefined ? native.sendfile(handle.fd, file, offset + sent, most, 0) : copy.send(handle.fd, most);
  try {
    return await channel.writes.run({ ...call, renewed: true }, () => {
      const result = sendBlock(Math.min(count - sent, BLOCK));
      if (result === 0) return sent;
      if (result < 0 && copy === undefined && sent === 0 && refusals.has(result)) {
        copy = new Copy(file, offset, () => channel.writes.drain());
        return -MORE;
      }
      if (result < 0) return result;
      sent += result;
      return sent === count ? sent : -MORE;
    });
  } finally {
    // What has no position (a pipe) refuses, and need not be told.
    if (sent > 0 || copy !== undefined) native.seek(file, offset + sent);
    if (copy === undefined) close();
    else copy.end(close);
  }
}

/**
 * In place of sendfile(2): the thread pool reads the file, and what it has read is sent. A pipe is read when it has something,
 * so that it takes no thread until then.
 */
class Copy implements Observer {
  private readonly memory = Buffer.allocUnsafeSlow(COPIED_BLOCK);
  private rest = this.memory.subarray(0, 0);
  private reading = false;
  private ended = false;
  private failure: unknown;
  private close: (() => void) | undefined;

  /** @param goOn - Called when there is more to send. */
  constructor(
    private readonly file: number,
    offset: number,
    private readonly goOn: () => void,
  ) {
    const positioned = native.seek(file, offset);
    // A pipe can be sent from where it is.
    if (positioned < 0 && offset > 0) throw osError(positioned, { syscall: 'lseek' });
  }

  /** Sends at most so many bytes: how many, 0 at the end of the file, or a negative errno. */
  send(fd: number, most: number): number {
    if (this.failure !== undefined) throw this.failure;
    if (this.rest.length > 0) {
      const result = sendNow(fd, this.rest);
      if (result > 0) this.rest = this.rest.subarray(result);
      return result;
    }
    if (this.ended) return 0;
    if (this.reading) return -ELSEWHERE;
    if (isReadable(this.file)) this.read(Math.min(most, COPIED_BLOCK));
    else readiness.observe(this.file, this);
    return -ELSEWHERE;
  }

  /** Calls `close` when nothing reads the file any more. */
  end(close: () => void): void {
    readiness.unobserve(this.file, this);
    if (this.reading) this.close = close;
    else close();
  }

  stir(): void {
    this.goOn();
  }

  abandon(): void {
    this.goOn();
  }

  private read(size: number): void {
    this.reading = true;
    read(this.file, this.memory, 0, size, null, (error, length) => {
      this.reading = false;
      if (error) this.failure = fileError(error, 'read');
      else if (length === 0) this.ended = true;
      else this.rest = this.memory.subarray(0, length);
      this.close?.();
      this.goOn();
    });
  }
}
