import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  codecs,
  defineOption,
  type OSError,
  options,
  Socket,
  socketpair,
  TCP_NODELAY,
} from '@bsd-sockets/socket';

const inet = new Socket(AF_INET);
const [host, port]: [string, number] = inet.getsockname();
inet.bind([host, port]);
// @ts-expect-error a path is no IPv4 address
inet.bind('/tmp/path');
// @ts-expect-error a string is not bytes
inet.send('text');

const [connection, peer] = new Socket(AF_INET6).accept();
const scopeId: number = peer[3];
connection.connect(['::1', 80]);
// @ts-expect-error an IPv6 address has at most four parts
connection.connect(['::1', 80, 0, scopeId, 0]);

const path: string | Buffer = new Socket({ family: AF_UNIX }).getsockname();
const [pair] = socketpair();
pair.bind(path);

// A number without a type takes anything: its family may be registered, or not.
new Socket(45).bind(new Uint8Array(16));
export const failure: OSError | undefined = undefined;

inet.setOption(options.TCP_NODELAY, true);
// @ts-expect-error a boolean option takes no text
inet.setOption(options.TCP_NODELAY, 'on');
// @ts-expect-error a read-only option takes nothing
inet.setOption(options.SO_TYPE, 1);
// @ts-expect-error a number does not tell the option's level
inet.setOption(TCP_NODELAY, true);
export const rtt: number = inet.getOption(options.TCP_INFO).rtt;
export const ttl: number = inet.getOption(defineOption({ name: 'TTL', level: 0, option: 2, codec: codecs.uint32 }));
