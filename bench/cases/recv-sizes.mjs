const KIB = 1024;
const MIB = 1024 * KIB;
const USUAL = 4 * KIB;

const ours = (size, asked) => ({ command: ['node', 'recv-sizes.mjs', `${size}`, `${asked}`] });

/** What a receive takes by what it asks for, beside the usual size. */
function byAsked(asked) {
  return {
    name: `recv-asked-${asked}`,
    work: `One thread sends 64 bytes into one end of a unix socketpair and asks for ${asked} at the other, blocking.`,
    unit: 'sends and receives',
    peers: { ours: ours(64, asked), [`asked-${USUAL}`]: ours(64, USUAL) },
    targets: { [`asked-${USUAL}`]: 1.05 },
  };
}

/** What a message takes by its size, with calls that ask for the most. */
function bySize(size) {
  return {
    name: `recv-message-${size}`,
    work: `One thread sends ${size} bytes into one end of a unix socketpair and asks for ${MIB} at the other, blocking.`,
    unit: 'sends and receives',
    peers: { ours: ours(size, MIB), c: { source: 'recv-sizes.c', command: [`${size}`, `${MIB}`] } },
    targets: {},
  };
}

export default [
  ...[KIB, 64 * KIB, MIB].map(byAsked),
  ...[1, 16, 64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB].map(bySize),
];
