// A package with the interface of `bluetooth-hci-socket`: asks an emulated controller of its own for its address, again and again.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { addon, leaveOut } from './npm-addon.mjs';
import { serve, underWay } from './rounds.mjs';

const ADAPTERS = '/sys/class/bluetooth';
const READ_BD_ADDR = Buffer.from('01091000', 'hex');
/** Completed commands only. */
const FILTER = Buffer.from('1000000000400000000000000000', 'hex');
const [, , name] = process.argv;

/** The number of an adapter that nobody else has. */
async function emulated() {
  if (!existsSync(ADAPTERS)) leaveOut('no Bluetooth: pnpm lab has it');
  const others = new Set(readdirSync(ADAPTERS));
  const btvirt = spawn('btvirt', ['-l1'], { stdio: 'ignore' }).on('error', ({ message }) => leaveOut(message));
  process.on('exit', () => btvirt.kill());
  for (;;) {
    await setTimeout(10);
    const adapter = readdirSync(ADAPTERS).find((adapter) => !others.has(adapter));
    if (adapter !== undefined && spawnSync('hciconfig', [adapter, 'up']).status === 0) return Number(adapter.slice(3));
  }
}

const socket = new (addon(name))();
socket.bindRaw(await emulated());
socket.setFilter(FILTER);

const { work, arrived } = underWay(1, () => socket.write(READ_BD_ADDR));
socket.on('data', arrived);
socket.start();

await serve(work);
process.exit(); // its socket would keep it alive
