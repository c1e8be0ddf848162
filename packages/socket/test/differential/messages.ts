import { bytes, constant, number, object, ref, type Script, type Step, step, type Value } from './script';

const UNIX = constant('AF_UNIX');
const INET = constant('AF_INET');
const STREAM = constant('SOCK_STREAM');
const DGRAM = constant('SOCK_DGRAM');
const SOL_SOCKET = constant('SOL_SOCKET');
const SCM_RIGHTS = constant('SCM_RIGHTS');
const DONTWAIT = constant('MSG_DONTWAIT');

/** Short, for CPython waits it out under MSG_DONTWAIT too. */
const TIMEOUT = 0.02;

const pair = (type: Value = STREAM): Step[] => [
  step('pair = socketpair', UNIX, type),
  step('pair.0.settimeout', TIMEOUT),
  step('pair.1.settimeout', TIMEOUT),
];

/** Scripts over recvmsg, recvmsgInto and sendmsg. */
export const messages: Script[] = [
  {
    title: 'CMSG_LEN and CMSG_SPACE',
    steps: ['CMSG_LEN', 'CMSG_SPACE'].flatMap((call) =>
      [0, 1, 4, 5, 8, 12, 100, 65536, -1, 2 ** 31 - 1, 2 ** 62, null, 'text', object].map((size) => step(call, size)),
    ),
  },
  ...[STREAM, DGRAM, constant('SOCK_SEQPACKET')].map((type, index) => ({
    title: `messages without ancillary data: ${['stream', 'dgram', 'seqpacket'][index]}`,
    steps: [
      ...pair(type),
      step('pair.0.sendmsg', [bytes('one'), bytes(' '), bytes('message')]),
      step('pair.1.recvmsg', 100),
      step('pair.0.sendmsg', [bytes('another')]),
      step('pair.1.recvmsg', 4),
      step('pair.1.recvmsg', 100, 0, DONTWAIT),
      step('pair.0.sendmsg', [bytes('peeked')]),
      step('pair.1.recvmsg', 100, 0, constant('MSG_PEEK')),
      step('pair.1.recvmsg', 3, 0, constant('MSG_PEEK|MSG_TRUNC')),
      step('first = buffer', 2),
      step('second = buffer', 3),
      step('pair.1.recvmsgInto', [ref('first'), ref('second')]),
      step('bytes', ref('first')),
      step('bytes', ref('second')),
      step('pair.1.recvmsg', 100, 0, DONTWAIT),
      step('pair.0.sendmsg', []),
      step('pair.0.sendmsg', [bytes('')]),
      step('pair.1.recvmsg', 100, 0, DONTWAIT),
      step('pair.1.recvmsgInto', [], 0, DONTWAIT),
      step('pair.0.sendmsg', [bytes('x')], [], DONTWAIT),
      step('pair.1.recvmsg', 0, 0, DONTWAIT),
      step('pair.0.close'),
      step('pair.1.recvmsg', 100, 0, DONTWAIT),
      step('pair.1.sendmsg', [bytes('x')]),
    ],
  })),
  {
    title: 'messages: arguments',
    steps: [
      ...pair(),
      ...[null, 'text', bytes('bytes'), 1, [1], ['text'], object].map((buffers) => step('pair.0.sendmsg', buffers)),
      ...[null, 'text', 1, [1], [[1, 1]], [[1, 1, 'text']], [['1', 1, bytes('')]], object].map((ancdata) =>
        step('pair.0.sendmsg', [bytes('x')], ancdata),
      ),
      ...['text', 2 ** 40, object].map((flags) => step('pair.0.sendmsg', [bytes('x')], [], flags)),
      step('pair.1.close'),
      ...[null, 'text', -1, object, number('1180591620717411303424')].map((size) => step('pair.0.recvmsg', size)),
      ...[null, 'text', -1, object, 2 ** 40].map((size) => step('pair.0.recvmsg', 1, size)),
      ...['text', object, 2 ** 40].map((flags) => step('pair.0.recvmsg', 1, 0, flags)),
      ...[null, 1, [1], ['text'], object].map((buffers) => step('pair.0.recvmsgInto', buffers)),
      step('pair.0.recvmsg'),
      step('pair.0.sendmsg'),
      step('pair.0.close'),
      step('pair.0.recvmsg', 1),
      step('pair.0.sendmsg', [bytes('x')]),
    ],
  },
  {
    title: 'messages: descriptors',
    steps: [
      ...pair(),
      step('s = Socket'),
      step('one = s.fileno'),
      step('space = CMSG_SPACE', 4),
      step('length = CMSG_LEN', 4),
      step('pair.0.sendmsg', [bytes('x')], [[SOL_SOCKET, SCM_RIGHTS, { descriptors: 'one' }]]),
      step('pair.1.recvmsg', 10, ref('space')),
      step('pair.0.sendmsg', [bytes('x')], [[SOL_SOCKET, SCM_RIGHTS, { descriptors: 'one one' }]]),
      step('pair.1.recvmsg', 10, 100),
      step('pair.0.sendmsg', [bytes('lost')], [[SOL_SOCKET, SCM_RIGHTS, { descriptors: 'one' }]]),
      step('pair.1.recvmsg', 10),
      step('pair.0.sendmsg', [bytes('truncated')], [[SOL_SOCKET, SCM_RIGHTS, { descriptors: 'one one one' }]]),
      step('pair.1.recvmsg', 10, ref('length')),
      step('pair.0.sendmsg', [bytes('into')], [[SOL_SOCKET, SCM_RIGHTS, { descriptors: 'one' }]]),
      step('memory = buffer', 10),
      step('pair.1.recvmsgInto', [ref('memory')], ref('space')),
      step('bytes', ref('memory')),
      step('pair.0.sendmsg', [bytes('x')], [[SOL_SOCKET, SCM_RIGHTS, { bytes: 'ffffff7f' }]]),
      step('pair.0.sendmsg', [bytes('x')], [[SOL_SOCKET, 9999, bytes('abcd')]]),
      step('pair.1.recvmsg', 10, 100, DONTWAIT),
    ],
  },
  {
    title: 'messages: addresses and truncation over UDP',
    steps: [
      step('a = Socket', INET, DGRAM),
      step('a.settimeout', TIMEOUT),
      step('a.bind', ['127.0.0.1', 0]),
      step('address = a.getsockname'),
      step('a.setsockopt', constant('IPPROTO_IP'), constant('IP_RECVTOS'), 1),
      step('b = Socket', INET, DGRAM),
      step('b.sendmsg', [bytes('to a')], [], 0, ref('address')),
      step('a.recvmsg', 100, 100),
      step('b.sendmsg', [bytes('a long one')], [], 0, ref('address')),
      step('a.recvmsg', 3, 100),
      step('b.sendmsg', [bytes('no room')], [], 0, ref('address')),
      step('a.recvmsg', 100, 1),
      step(
        'b.sendmsg',
        [bytes('x')],
        [[constant('IPPROTO_IP'), constant('IP_TTL'), { bytes: '21000000' }]],
        0,
        ref('address'),
      ),
      step('a.recvmsg', 100, 100),
      step('b.sendmsg', [bytes('x')]),
      step('b.sendmsg', [bytes('x')], [], 0, ['127.0.0.1']),
      step('b.sendmsg', [bytes('x')], [], 0, null),
    ],
  },
];
