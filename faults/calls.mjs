// What is tried: the addon's system calls, the errors that section ERRORS of each man page names, the operations that make
// the call, and what must come of it. An operation is written as in `operations.mjs`; `#2` behind it means that it makes the
// call for the second time, and a face before it (`promises:`) that it makes it on that face only.

/** Errors that a socket of any kind may have waiting, which each of its calls then reports. */
const OF_NETWORKS = ['ECONNABORTED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETDOWN', 'ENETUNREACH', 'ETIMEDOUT'];
/** What says nothing of the next connection, or datagram. */
export const PASSING = [
  ...['ECONNABORTED', 'ECONNRESET', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EPERM', 'EPROTO'],
  ...['ECONNREFUSED', 'EHOSTUNREACH', 'EMSGSIZE', 'ENETDOWN', 'ENETUNREACH', 'ENOPROTOOPT'],
];

const words = (text) => text.trim().split(/\s+/);
const list = (...texts) => texts.flatMap((text) => (Array.isArray(text) ? text : words(text)));

const SEND = list(
  `EACCES EAGAIN EALREADY EBADF EDESTADDRREQ EFAULT EINTR EINVAL EISCONN EMSGSIZE ENOBUFS ENOMEM ENOTCONN ENOTSOCK
   EOPNOTSUPP EPIPE`,
  OF_NETWORKS,
);
const RECEIVE = list('EAGAIN EBADF ECONNREFUSED EFAULT EINTR EINVAL ENOMEM ENOTCONN ENOTSOCK', OF_NETWORKS);

/**
 * errors      what is injected
 * operations  where
 * ready       where too, when there is something already, if all of `operations` wait first
 * waits       whether the call is tried again when the socket is ready (EAGAIN), or a signal came between (EINTR)
 * short       a result that is less than was asked for, which the operation has to go on from
 */
export const calls = {
  socket: {
    errors: words('EACCES EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS ENOMEM EPROTONOSUPPORT'),
    operations: ['new Socket', 'createServer', 'createConnection', 'ifNameindex'],
  },
  socketpair: {
    errors: words('EAFNOSUPPORT EFAULT EMFILE ENFILE EOPNOTSUPP EPROTONOSUPPORT'),
    operations: ['socketpair'],
  },
  bind: {
    errors: words(
      `EACCES EADDRINUSE EADDRNOTAVAIL EBADF EFAULT EINVAL ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR ENOTSOCK EROFS`,
    ),
    operations: ['bind', 'createServer'],
  },
  listen: { errors: words('EADDRINUSE EBADF ENOTSOCK EOPNOTSUPP'), operations: ['listen', 'createServer'] },
  accept4: {
    errors: list(
      `EAGAIN EBADF EFAULT EINTR EINVAL EMFILE ENFILE ENOBUFS ENOMEM ENOTSOCK EOPNOTSUPP EPERM EPROTO ENOSR
       EPROTONOSUPPORT ENOPROTOOPT`,
      OF_NETWORKS,
    ),
    operations: ['accept', 'promises:for await', 'promises:feed'],
    waits: true,
  },
  connect: {
    // Not EINPROGRESS: strace leaves out the call, which the kernel would have begun.
    errors: list(
      `EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF ECONNREFUSED EFAULT EINTR EISCONN ENOTSOCK EPERM
       EPROTOTYPE`,
      OF_NETWORKS,
    ),
    operations: ['connect', 'connect to a path', 'createConnection'],
    waits: true,
  },
  shutdown: { errors: words('EBADF EINVAL ENOTCONN ENOTSOCK'), operations: ['shutdown', 'promises:duplex.end'] },
  getsockname: {
    errors: words('EBADF EFAULT EINVAL ENOBUFS ENOTSOCK'),
    operations: ['getsockname', 'fileno', 'fromfd'],
  },
  getpeername: {
    errors: words('EBADF EFAULT EINVAL ENOBUFS ENOTCONN ENOTSOCK'),
    operations: ['getpeername', 'promises:feed'],
  },
  getsockopt: {
    errors: words('EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK'),
    operations: ['getsockopt', 'getOption', 'fileno', 'fileno#2', 'fileno#3', 'promises:createConnection'],
  },
  setsockopt: {
    errors: words('EBADF EDOM EFAULT EINVAL EISCONN ENOPROTOOPT ENOTSOCK'),
    operations: ['setsockopt', 'setOption', 'createServer'],
  },
  sendto: {
    errors: SEND,
    operations: [
      'send',
      'sendall',
      'sendto',
      'file.write',
      'promises:duplex.write',
      'promises:duplex.writev of few bytes',
      'promises:duplex.end',
    ],
    waits: true,
    short: {
      retval: 4,
      operations: [
        'sendall',
        'file.write',
        'promises:duplex.write',
        'promises:duplex.writev of few bytes',
        'promises:duplex.end',
      ],
    },
  },
  recvfrom: {
    errors: RECEIVE,
    operations: [
      'recv',
      'recvInto',
      'recvfrom',
      'recvfromInto',
      'file.read',
      'promises:datagrams',
      'promises:duplex data',
    ],
    waits: true,
  },
  sendmsg: {
    errors: SEND,
    operations: ['sendmsg', 'sendFds', 'promises:duplex.writev'],
    waits: true,
    short: { retval: 6, operations: ['promises:duplex.writev'] },
  },
  recvmsg: { errors: list(RECEIVE, 'EMFILE'), operations: ['recvmsg', 'recvmsgInto', 'recvFds'], waits: true },
  sendmmsg: { errors: SEND, operations: ['sendmmsg'], waits: true },
  // The first EINVAL may mean MSG_CMSG_CLOEXEC, and is tried again without.
  recvmmsg: { errors: RECEIVE.filter((error) => error !== 'EINVAL'), operations: ['recvmmsg'], waits: true },
  sendfile: {
    errors: words('EAGAIN EBADF EFAULT EINTR EINVAL EIO ENOMEM ENOSYS EOVERFLOW EPIPE ESPIPE ECONNRESET'),
    operations: ['sendfile'],
    waits: true,
    short: { retval: 4, operations: ['sendfile'] },
  },
  lseek: { errors: words('EBADF EINVAL ENXIO EOVERFLOW ESPIPE'), operations: ['sendfile'] },
  fcntl: {
    errors: words('EBADF EINVAL EMFILE EPERM'),
    operations: [
      'dup',
      'fromfd',
      'fromfd#2',
      'fileno',
      'promises:fileno#2',
      'promises:fileno#3',
      'promises:from',
      'promises:from#2',
      'promises:createServer',
      'promises:fromfd#3',
      'promises:feed',
      'settimeout',
      'getInheritable',
      'setInheritable',
      'setInheritable#2',
    ],
  },
  close: { errors: words('EBADF ECONNRESET EDQUOT EINTR EIO ENOSPC'), operations: ['close'] },
  ioctl: { errors: words('EBADF EFAULT ENODEV ENOTTY'), operations: ['ioctl', 'ifNametoindex'] },
  uname: { errors: words('EFAULT'), operations: ['gethostname'] },
  ppoll: {
    errors: words('EFAULT EINTR EINVAL ENOMEM'),
    operations: ['select', 'poll'],
    waits: true,
  },
  epoll_create1: {
    errors: words('EINVAL EMFILE ENFILE ENOMEM'),
    operations: ['fresh:recv', 'fresh:poll'],
    waiting: true,
    ready: ['DefaultSelector'],
  },
  epoll_ctl: {
    // Not EEXIST and EPERM, which say what an epoll_ctl(2) that strace leaves out would have found.
    errors: words('EBADF EINVAL ELOOP ENOENT ENOMEM ENOSPC'),
    operations: ['promises:recv', 'promises:accept', 'promises:select'],
    waiting: true,
    ready: ['DefaultSelector'],
  },
  epoll_wait: {
    errors: words('EBADF EFAULT EINTR EINVAL'),
    operations: ['promises:recv', 'promises:recv#2', 'promises:accept'],
    waiting: true,
    ready: ['DefaultSelector'],
  },
};

/** How long a call is delayed for, in microseconds: longer than the timeouts of some operations. */
export const DELAY = 20_000;

/** What goes on with the next connection, or datagram. */
const SERVERS = new Set(['for await', 'feed', 'datagrams']);

/** What takes a descriptor over: a socket without a name is one all the same. */
const ADOPTING = new Set(['fileno', 'fromfd']);
const NO_SOCKET = ['EBADF', 'ENOTSOCK'];

const RETRIED = 'goes on';
const THROWN = 'is thrown';
const ENDS = 'ends';

/** What must come of an error where it is not what {@link outcome} says of all: by call and operation. */
const exceptions = {
  // Refused flags are left out.
  'recvmsg EINVAL': RETRIED,
  // What cannot be sent so is copied.
  'sendfile EINVAL': RETRIED,
  'sendfile ENOSYS': RETRIED,
  'sendfile ESPIPE': RETRIED,
  // A pipe has no position.
  lseek: RETRIED,
  // The descriptor is gone, and the peer's reset says nothing of it.
  'close ECONNRESET': RETRIED,
  // What is closed must not be closed again.
  'close EINTR': THROWN,
  // The peer has ended the connection as a whole.
  'shutdown ENOTCONN duplex.end': RETRIED,
  // What is no longer connected has nothing more to come.
  'recvfrom ENOTCONN duplex data': ENDS,
  // As in Python, a file then has nothing yet.
  'recvfrom EAGAIN file.read': RETRIED,
  // This connection is lost, and the next one served.
  'getpeername ENOTCONN feed': RETRIED,
  // macOS says so.
  'getpeername EINVAL feed': RETRIED,
  // The set is asked again in the next turn; that of a selector is the caller's.
  epoll_wait: RETRIED,
  ...Object.fromEntries(words('EBADF EFAULT EINVAL').map((error) => [`epoll_wait ${error} DefaultSelector`, THROWN])),
};

/**
 * What must come of an error.
 *
 * @param timeout - Whether the socket has a timeout.
 */
export function outcome({ call, error, face, operation, timeout }) {
  if (!error.startsWith('E')) return RETRIED;
  const exception = exceptions[`${call} ${error} ${operation}`] ?? exceptions[`${call} ${error}`] ?? exceptions[call];
  if (exception) return exception;
  if (SERVERS.has(operation) && PASSING.includes(error)) return RETRIED;
  if (ADOPTING.has(operation) && call === 'getsockname' && !NO_SOCKET.includes(error)) return RETRIED;
  if (error === 'EINTR') return RETRIED;
  // Without a timeout, a blocking socket leaves it to the kernel to wait.
  if (error === 'EAGAIN' && calls[call].waits) return face === 'blocking' && !timeout ? THROWN : RETRIED;
  return THROWN;
}

/** The faces, the slowest first: `worker` is the blocking one in a worker thread, `fresh` a process that has not waited yet. */
export const faces = ['promises', 'blocking', 'worker', 'fresh'];

/** All trials of a face: each a call of an operation, and what is done to it. */
export function trialsOf(face) {
  const trials = [];
  for (const [call, { errors, operations, ready = [], short, waits, waiting: all = false }] of Object.entries(calls)) {
    for (const { operation, when } of [...operations, ...ready]
      .map(parse)
      .filter((place) => place.faces.includes(face))) {
      const place = { face, call, operation, when };
      const waiting = all && !ready.includes(operation);
      for (const error of [...errors, 'delay']) trials.push({ ...place, error, waiting });
      if (!waits) continue;
      // Those whose end depends on whether the socket has a timeout, and another.
      const some = ['EAGAIN', 'EINTR', 'delay', errors.find((error) => !/EAGAIN|EINTR/.test(error))];
      for (const error of some.filter((error) => error === 'delay' || errors.includes(error))) {
        trials.push({ ...place, error, timeout: 2, waiting });
        // Not EAGAIN: epoll(7) tells once of what strace would hide.
        if (face === 'promises' && RECEIVING.has(call) && error !== 'EAGAIN') {
          trials.push({ ...place, error, when: when + 1, waiting: true });
        }
      }
    }
    for (const { operation, when, faces } of (short?.operations ?? []).map(parse)) {
      if (faces.includes(face)) trials.push({ face, call, operation, when, error: 'short', retval: short.retval });
    }
  }
  return trials;
}

/** What waits for a peer: the first try finds nothing. */
const RECEIVING = new Set(['accept4', 'recvfrom', 'recvmsg', 'recvmmsg', 'ppoll']);

function parse(text) {
  const [, face, operation, when = '1'] = text.match(/^(?:(promises|fresh):)?([^#]+)(?:#(\d))?$/);
  return { operation, when: Number(when), faces: face ? [face] : ['blocking', 'worker', 'promises'] };
}
