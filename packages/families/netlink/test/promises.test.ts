import { describe, expect, test } from 'vitest';
import { inNamespace, noNamespace } from './namespace';

/** A program over `p`, the promise face, and `waiting`, a connection of it. */
function withPromises(program: string): any {
  return inNamespace(`
    const p = require('@bsd-sockets/netlink/promises');
    const waiting = new p.Netlink(n.NETLINK_ROUTE);
    waiting.socket.settimeout(20);
    const rejected = (promise) => promise.then(() => undefined, ({ name, code, message }) => ({ name, code, message }));
    ${program}`);
}

describe.skipIf(noNamespace)(`the promise face ${noNamespace}`, () => {
  test('asks, changes and lists, many at once and in order', () => {
    const result = withPromises(`
      const made = await Promise.all([
        waiting.execute(p.newLink({ name: 'd0', kind: plain })),
        waiting.execute(p.setLink('d0', { up: true })),
        waiting.dump(p.getLinks()),
        waiting.execute(p.getLink('d0')),
        waiting.dump(p.getAddresses({ ifindex: 1 })),
      ]);
      return {
        names: [...made[2]].map(({ name }) => name), interrupted: made[2].interrupted,
        up: (made[3][0].flags & p.IFF_UP) !== 0, changed: [made[0], made[1]],
        same: JSON.stringify([...made[2]].slice(0, 1)) === JSON.stringify([...route.dump(n.getLinks())].slice(0, 1)),
      };`);
    expect(result).toEqual({
      names: expect.arrayContaining(['lo', 'd0']),
      interrupted: false,
      up: true,
      changed: [[], []],
      same: true,
    });
  });

  test('rejects with the kernel\u2019s error, and goes on', () => {
    const result = withPromises(`
      const [error, links] = await Promise.all([
        rejected(waiting.execute(p.newLink({ name: 'x', kind: 'no such kind' }))),
        waiting.dump(p.getLinks()),
      ]);
      return { error, links: [...links].length };`);
    expect(result.error).toMatchObject({ code: 'EOPNOTSUPP', message: expect.stringContaining('Unknown device type') });
    expect(result.links).toBeGreaterThan(0);
  });

  test('lets others have their turn while calls fail at once', () => {
    const result = withPromises(`
      const signal = AbortSignal.abort();
      const watch = waiting.watch(p.linkEvents);
      const calls = {
        execute: () => waiting.execute(p.getLink('lo'), { signal }),
        dump: () => waiting.dump(p.getLinks(), { signal }),
        watch: () => watch.next({ signal }),
      };
      const turns = {};
      for (const [name, call] of Object.entries(calls)) {
        turns[name] = false;
        setImmediate(() => { turns[name] = true; });
        for (let count = 0; count < 1000 && !turns[name]; count++) await rejected(call());
      }
      await watch.return();
      return turns;`);
    expect(result).toEqual({ execute: true, dump: true, watch: true });
  });

  test('watches while it asks, and ends with the loop', () => {
    const result = withPromises(`
      const seen = [];
      const watching = (async () => {
        for await (const event of waiting.watch(p.linkEvents, p.addressEvents)) {
          seen.push([event.kind, event.event]);
          if (event.event === 'delete' && event.kind === 'link') return;
        }
      })();
      await waiting.execute(p.newLink({ name: 'd0', kind: plain }));
      const [{ index: ifindex }] = await waiting.execute(p.getLink('d0'));
      await waiting.execute(p.newAddress({ ifindex, address: '192.0.2.1', prefixlen: 24 }));
      await waiting.dump(p.getRoutes());
      await waiting.execute(p.deleteLink('d0'));
      await watching;
      return { seen, groups: waiting.socket.getOption(p.netlinkOptions.NETLINK_LIST_MEMBERSHIPS) };`);
    expect(result.seen[0]).toEqual(['link', 'new']);
    expect(result.seen).toContainEqual(['address', 'new']);
    expect(result.seen.at(-1)).toEqual(['link', 'delete']);
    expect(result.groups).toEqual([]);
  });

  test('gives up by a signal or a timeout without harm to others', () => {
    const result = withPromises(`
      const watch = waiting.watch(p.linkEvents);
      const other = waiting.watch(p.linkEvents);
      const controller = new AbortController();
      const given = rejected(watch.next({ signal: controller.signal }));
      const kept = other.next();
      setImmediate(() => controller.abort());
      const aborted = await given;
      const early = await rejected(waiting.execute(p.getLink('lo'), { signal: AbortSignal.abort() }));
      await waiting.execute(p.newLink({ name: 'd0', kind: plain }));
      const names = [(await kept).value.link.name, (await watch.next()).value.link.name];
      await other.return();
      waiting.socket.settimeout(0.05);
      while (!(late = await rejected(watch.next())));
      var late;
      return { aborted, early, names, late };`);
    expect(result).toMatchObject({
      aborted: { name: 'AbortError' },
      early: { name: 'AbortError' },
      names: ['d0', 'd0'],
      late: { name: 'TimeoutError' },
    });
  });

  test('ends what waits of a watch that is given up, and only that', () => {
    const result = withPromises(`
      const watch = waiting.watch(p.linkEvents);
      const other = waiting.watch(p.linkEvents);
      const { signal } = new AbortController();
      const warnings = [];
      process.on('warning', ({ name }) => warnings.push(name));
      const ended = Array.from({ length: 24 }, (_, index) => watch.next(index % 2 ? { signal } : {}));
      const kept = other.next();
      setImmediate(() => watch.return());
      const results = await Promise.all(ended);
      await waiting.execute(p.newLink({ name: 'd0', kind: plain }));
      results.push(await watch.next());
      return { results, kept: (await kept).value.link.name, warnings };`);
    expect(result).toEqual({ results: Array(25).fill({ done: true }), kept: 'd0', warnings: [] });
    // Nothing waits any more: the program ends.
    const last = `
      const watch = waiting.watch(p.linkEvents);
      const next = watch.next();
      setImmediate(() => watch[Symbol.asyncDispose]());
      return next;`;
    expect(withPromises(last)).toEqual({ done: true });
  });

  test('ends what waits when it is closed, and keeps no process alive', () => {
    const result = withPromises(`
      const next = rejected(waiting.watch(p.linkEvents).next());
      setImmediate(() => waiting.close());
      return { next: await next, after: await rejected(waiting.dump(p.getLinks())) };`);
    expect(result.next.code).toBe('ECANCELED');
    expect(result.after.code).toBe('EBADF');
    // A watch that nobody awaits: the program ends.
    expect(withPromises(`waiting.watch(p.linkEvents); return 'over';`)).toBe('over');
  });
});
