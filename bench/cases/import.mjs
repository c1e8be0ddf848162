function peer(...module) {
  return { command: ['node', 'import.mjs', ...module] };
}

export default {
  name: 'import',
  work: "A fresh Node imports '@bsd-sockets/socket', or nothing, and ends; besides, its resident memory before the end.",
  unit: 'starts',
  peers: { ours: peer('@bsd-sockets/socket'), nothing: peer() },
  targets: { nothing: 1.37 },
  also: [
    { name: 'import-cpu', targets: {} },
    { name: 'import-memory', targets: { nothing: 1.2 } },
  ],
};
