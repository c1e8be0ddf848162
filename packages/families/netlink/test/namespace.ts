import { execFileSync, spawnSync } from 'node:child_process';
import { need } from '@bsd-sockets/family-testkit';

const options = process.getuid?.() === 0 ? ['-n'] : ['-r', '-n'];

const canRun = (...command: string[]) => spawnSync('unshare', [...options, ...command]).status === 0;

/** What the title of a test says that changes interfaces, where it may not have a network namespace of its own. */
export const noNamespace = need(canRun('ip', 'link'), 'network namespaces or ip, of iproute2').reason;

const addMultipath = 'ip link set lo up && ip route add 192.0.2.0/24 nexthop dev lo nexthop dev lo';

/** The same, where the kernel has no routes with several ways. */
export const noMultipath = need(canRun('sh', '-c', addMultipath), 'CONFIG_IP_ROUTE_MULTIPATH').reason;

/** A kind of interface that needs no hardware: this kernel has one of them. */
export const plainKind = canRun('ip', 'link', 'add', 'd0', 'type', 'dummy') ? 'dummy' : 'ifb';

/**
 * Runs a program in a network namespace of its own: what it changes there, nobody else sees.
 *
 * @param program - Statements over `n`, the package, `plain`, a kind of interface, and `route`, a connection; `ip(…)` runs ip(8) and returns its JSON, `run(…)` any program.
 * @returns What the program returns, through JSON.
 */
export function inNamespace(program: string): any {
  const code = `
    const n = require('@bsd-sockets/netlink');
    const plain = '${plainKind}';
    const { execFileSync } = require('node:child_process');
    // What a sanitizer finds in other people's programs is theirs.
    process.env.LD_PRELOAD = '';
    const run = (file, ...args) => execFileSync(file, args, { encoding: 'utf8' });
    const ip = (...args) => JSON.parse(run('ip', '-j', '-d', ...args) || '[]');
    const thrown = (call) => { try { call() } catch (error) { return { ...error, name: error.name, message: error.message } } };
    const route = new n.Netlink(n.NETLINK_ROUTE);
    route.socket.settimeout(20);
    (async () => { ${program} })().then((result) => console.log(JSON.stringify(result ?? null)));`;
  const output = execFileSync('unshare', [...options, process.execPath, '--eval', code], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return JSON.parse(output);
}

/** What the title of a test says that sees netlink messages, where the kernel cannot show them. */
export const noMonitor = need(canRun('ip', 'link', 'add', 'nlmon0', 'type', 'nlmon'), 'CONFIG_NLMON').reason;
