export default {
  name: 'async-stack-64',
  work: 'A receive of 64 bytes waits for its message and succeeds, three asynchronous functions deep.',
  unit: 'receives',
  peers: {
    ours: { command: ['node', 'async-stack.mjs'] },
    'no-stacks': { command: ['node', 'async-stack.mjs', '0'] },
  },
  targets: { 'no-stacks': 1.03 },
};
