import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { without } from './capabilities';

const library = createRequire(import.meta.url).resolve('@bsd-sockets/core-native');
/** What a program prints as JSON that has core-native as `core`, and what it says besides. */
function run(code: string, { flags = [], env = {} }: { flags?: string[]; env?: Record<string, string> } = {}) {
  const program = `const library = process.argv[1]; const core = require(library); ${code}`;
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, [...flags, '-e', program, library], {
    encoding: 'utf8',
    env: { ...process.env, BSD_SOCKETS_FFI: '', NODE_OPTIONS: '--disable-warning=ExperimentalWarning', ...env },
  });
  return { said: stdout && JSON.parse(stdout), stderr, status, signal };
}

const SEND_AND_RECEIVE = `
  const pass = ({ fillCall, native, slots, Slot }, [fd, other], text) => {
    const data = Buffer.from(text);
    const memory = Buffer.alloc(100);
    const results = [];
    for (let time = 0; time < 3; time++) {
      fillCall(fd, 0, 0, data.length, -1, 0);
      results.push(native[time === 1 ? 'sendall' : 'send'](data));
      fillCall(other, 0, 0, memory.length, -1, 0);
      results.push(native.receive(memory));
    }
    return [...results, memory.toString('latin1', 0, data.length)];
  };
  const open = ({ native, slots, Slot }) => [native.socketpair(1, 1, 0, 0), slots[Slot.secondFd]];
`;
const passed = (text: string) => [text.length, text.length, 0, text.length, text.length, text.length, text];

describe.skipIf(without('node:ffi'))('what Node has (node:ffi)', () => {
  test('the hot path goes by it, and does the same', () => {
    const { said, ...end } = run(`${SEND_AND_RECEIVE}
      core.useFFI();
      console.log(JSON.stringify([pass(core, open(core), 'short'), pass(core, open(core), 'x'.repeat(90))]));`);
    expect(end).toEqual({ stderr: '', status: 0, signal: null });
    expect(said).toEqual([passed('short'), passed('x'.repeat(90))]);
  });

  test('memory that was taken away is EFAULT', () => {
    const { said, ...end } = run(`${SEND_AND_RECEIVE}
      core.useFFI();
      const { fillCall, native } = core;
      const [fd] = open(core);
      const data = new Uint8Array(5000);
      const send = () => { fillCall(fd, 0, 0, 5000, 0, 0); return native.send(data); };
      const before = [send(), send()];
      structuredClone(data.buffer, { transfer: [data.buffer] });
      console.log(JSON.stringify([...before, send()]));`);
    expect(end).toEqual({ stderr: '', status: 0, signal: null });
    expect(said).toEqual([5000, 5000, -14]);
  });

  test('each evaluation of a thread, and each worker, has its own memory', () => {
    const { said, ...end } = run(`${SEND_AND_RECEIVE}
      const { Worker, threadId } = require('node:worker_threads');
      const evaluate = () => {
        for (const name of Object.keys(require.cache)) delete require.cache[name];
        const fresh = require(library);
        fresh.useFFI();
        return fresh;
      };
      const [one, other] = [evaluate(), evaluate()];
      const here = [pass(one, open(one), 'one'), pass(other, open(other), 'other'), pass(one, open(one), 'again')];
      const worker = new Worker(
        '${SEND_AND_RECEIVE.replaceAll('\n', ' ').replaceAll("'", "\\'")}' +
        'const core = require(process.argv.at(-1)); core.useFFI();' +
        'require("node:worker_threads").parentPort.postMessage(pass(core, open(core), "worker"))',
        { eval: true, argv: [library] },
      );
      worker.on('message', (there) => console.log(JSON.stringify([...here, there, pass(other, open(other), 'last')])));`);
    expect(end).toEqual({ stderr: '', status: 0, signal: null });
    expect(said).toEqual(['one', 'other', 'again', 'worker', 'last'].map(passed));
  });

  test('a worker that waits in it ends when it is told to', () => {
    const { said, ...end } = run(`
      const { Worker } = require('node:worker_threads');
      const worker = new Worker(\`
        const core = require(process.argv.at(-1));
        core.useFFI();
        const { fillCall, native, slots, Slot } = core;
        const fd = native.socketpair(1, 1, 0, 0);
        const other = slots[Slot.secondFd];
        native.setNonblocking(fd, 1);
        const memory = Buffer.alloc(10);
        // So often that the engine compiles it, and crosses at once.
        for (let time = 0; time < 20000; time++) {
          fillCall(other, 0, 0, 1, -1, 0);
          native.send(Buffer.from('x'));
          fillCall(fd, 0, 0, 10, -1, 0);
          native.receive(memory);
        }
        require('node:worker_threads').parentPort.postMessage('waits');
        fillCall(fd, 0, 0, 10, -1, 0);
        native.receive(memory);
      \`, { eval: true, argv: [library] });
      worker.on('message', () => setTimeout(async () => {
        const begin = Date.now();
        await worker.terminate();
        console.log(Date.now() - begin);
      }, 100));`);
    expect(end).toEqual({ stderr: '', status: 0, signal: null });
    expect(said).toBeLessThan(2000);
  });

  test('what forbids it is told, and all goes on', () => {
    const { said, stderr, status } = run(
      `${SEND_AND_RECEIVE} console.log(JSON.stringify(pass(core, open(core), 'text')));`,
      {
        flags: ['--permission', '--allow-addons', '--allow-fs-read=*'],
        env: { BSD_SOCKETS_FFI: '1' },
      },
    );
    expect({ said, status }).toEqual({ said: passed('text'), status: 0 });
    expect(stderr).toMatch(
      /\[ERR_BSD_SOCKETS_FFI\] Error: core-native goes on by Node-API, without FFI: .*--allow-ffi/,
    );
  });
});

describe.skipIf(without('no node:ffi'))('where Node is older than that (no node:ffi)', () => {
  const reason = `core-native goes on by Node-API, without FFI: Node ${process.version} has no node:ffi, which came with Node 26.1`;

  test('useFFI throws, and all goes on', () => {
    const { said, ...end } = run(`${SEND_AND_RECEIVE}
      let error;
      try { core.useFFI(); } catch (thrown) { error = thrown; }
      console.log(JSON.stringify([error.code, error.message, pass(core, open(core), 'text')]));`);
    expect(end).toEqual({ stderr: '', status: 0, signal: null });
    expect(said).toEqual(['ERR_BSD_SOCKETS_FFI', reason, passed('text')]);
  });

  test('BSD_SOCKETS_FFI warns, and all goes on', () => {
    const { said, stderr } = run(`${SEND_AND_RECEIVE} console.log(JSON.stringify(pass(core, open(core), 'text')));`, {
      env: { BSD_SOCKETS_FFI: '1' },
    });
    expect(said).toEqual(passed('text'));
    expect(stderr).toContain(`[ERR_BSD_SOCKETS_FFI] Error: ${reason}`);
  });
});
