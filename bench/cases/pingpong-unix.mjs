const TARGETS = {
  'pingpong-unix-64': { c: 1.08, cpython: 1 },
  'pingpong-unix-4096': { c: 1.1, cpython: 0.9 },
  'pingpong-unix-65536': { c: 1.25, cpython: 1.1 },
};

const variants = [
  { suffix: '', receive: 'recv', returns: 'receives them as new bytes' },
  { suffix: '-into', receive: 'recv-into', returns: 'receives them into one buffer' },
];

/** What one buffer sent from time after time gains: of that our case of 64 bytes has the most. */
const turns = {
  suffix: '-turns',
  receive: 'turns',
  returns: 'receives them as new bytes; sent are two buffers in turn',
};

function pingpong(size, { suffix, receive, returns }) {
  const name = `pingpong-unix-${size}${suffix}`;
  return {
    name,
    work: `One thread sends ${size} bytes into one end of a unix socketpair and ${returns} at the other, blocking.`,
    unit: 'sends and receives',
    peers: {
      ours: { command: ['node', 'pingpong-unix.mjs', `${size}`, receive] },
      c: { source: 'pingpong-unix.c', command: [`${size}`] },
      cpython: { command: ['python3', '-B', 'pingpong-unix.py', `${size}`, receive] },
    },
    targets: TARGETS[name] ?? {},
  };
}

export default [64, 4096, 65536].flatMap((size) =>
  (size === 64 ? [...variants, turns] : variants).map((variant) => pingpong(size, variant)),
);
