// Clients of npm that bring an addon, unchanged, with ours in its place and beside the addon itself.
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AF_UNIX, SOCK_DGRAM, Socket } from '@bsd-sockets/socket/promises';
import { startDbusDaemon } from '../harness/dbus-daemon.mjs';
import { SHORT_MESSAGES } from '../harness/limits.mjs';

const METRICS = 2000;
const BURST = 200;
const LINES = 1000;
const CALLS = 1000;
const FILES = 50;
const BUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};
/** Where a line of winston has its text and its level. */
const [MESSAGE, LEVEL] = ['message', 'level'].map((name) => Symbol.for(name));

/** Numbers from 0 on. */
const numbers = (count) => Array.from({ length: count }, (_, number) => number);

/** A receiver of datagrams at a path. */
function receiverAt(path, defer) {
  const socket = new Socket(AF_UNIX, SOCK_DGRAM);
  socket.bind(path);
  defer(() => {
    socket.close();
    rmSync(path);
  });
  return async (count) => {
    const received = [];
    while (received.length < count) received.push((await socket.recv(65536)).toString());
    return received;
  };
}

export const cases = [
  {
    client: 'hot-shots, unix-dgram',
    does: `${METRICS} metrics to a server, 8 at once; ${BURST} at once to one that does not keep up`,
    addon: 'unix-dgram',
    install: { 'hot-shots': '17.1.1' },
    async prepare({ folder, defer }) {
      const path = join(folder, 'statsd.sock');
      const receive = receiverAt(path, defer);
      let burst = false;
      return async (way) => {
        const StatsD = way.require('hot-shots');
        const errorHandler = (error) => {
          throw error;
        };
        const client = new StatsD({ protocol: 'uds', path, maxBufferSize: 0, errorHandler });
        const send = (number) =>
          new Promise((resolve, reject) => {
            client.gauge('number', number, (error) => (error ? reject(error) : resolve()));
          });
        // The addon tells congestion, and what three tries later still finds no room is lost.
        if (way.name === 'ours' && !burst) {
          burst = true;
          const sent = Promise.all(numbers(BURST).map(send));
          await delay(20);
          deepStrictEqual(
            await receive(BURST),
            numbers(BURST).map((number) => `number:${number}|g`),
          );
          await sent;
        }
        const start = performance.now();
        for (let number = 0; number < METRICS; number += 8) {
          const received = receive(8);
          await Promise.all(numbers(8).map((offset) => send(number + offset)));
          strictEqual((await received)[7], `number:${number + 7}|g`);
        }
        const seconds = (performance.now() - start) / 1000;
        await new Promise((resolve) => client.close(resolve));
        return seconds;
      };
    },
  },
  {
    client: 'winston-syslog, unix-dgram',
    does: `${LINES} lines to a log at a path, and as many to one that it is connected to`,
    addon: 'unix-dgram',
    install: { 'winston-syslog': '2.7.1', winston: '3.19.0' },
    async prepare({ folder, defer }) {
      const path = join(folder, 'log.sock');
      const receive = receiverAt(path, defer);
      return async (way) => {
        const { Syslog } = way.require('winston-syslog');
        for (const protocol of ['unix', 'unix-connect']) {
          const log = new Syslog({ protocol, path, app_name: 'clients', eol: '' });
          log.on('error', (error) => {
            throw error;
          });
          for (let number = 0; number < LINES; number += 8) {
            const received = receive(8);
            for (const offset of numbers(8)) {
              log.log(
                { level: 'info', message: `${number + offset}`, [MESSAGE]: `line ${number + offset}`, [LEVEL]: 'info' },
                () => {},
              );
            }
            match((await received)[7], new RegExp(`clients.*: line ${number + 7}$`));
          }
          const closed = once(log, 'closed');
          log.close();
          await closed;
        }
      };
    },
  },
  {
    client: 'dbus-next, usocket',
    does: `${CALLS} calls, 20 at once, and ${FILES} with the descriptor of a file to read; dbus-daemon`,
    addon: 'usocket',
    install: { 'dbus-next': '0.10.2' },
    limit: SHORT_MESSAGES,
    async prepare(surroundings) {
      const { path } = await startDbusDaemon(surroundings);
      const file = join(surroundings.folder, 'file');
      writeFileSync(file, 'content');
      return async (way) => {
        const { sessionBus, Message, MessageType } = way.require('dbus-next');
        const connected = async () => {
          const bus = sessionBus({ busAddress: `unix:path=${path}`, negotiateUnixFd: true });
          await once(bus, 'connect');
          return bus;
        };
        const [client, service] = [await connected(), await connected()];
        const caller = async () => {
          for (let made = 0; made < CALLS / 20; made++) {
            const { body } = await client.call(new Message({ ...BUS, member: 'GetId' }));
            strictEqual(body[0].length, 32);
          }
        };
        await Promise.all(Array.from({ length: 20 }, caller));

        service.addMethodHandler((message) => {
          if (message.member !== 'Read') return false;
          const [fd] = message.body;
          service.send(Message.newMethodReturn(message, 's', [readFileSync(fd, 'utf8')]));
          closeSync(fd);
          return true;
        });
        for (let number = 0; number < FILES; number++) {
          const fd = openSync(file);
          const { type, body } = await client.call(
            new Message({
              destination: service.name,
              path: '/file',
              interface: 'org.example.File',
              member: 'Read',
              signature: 'h',
              body: [fd],
            }),
          );
          closeSync(fd);
          deepStrictEqual([type, body], [MessageType.METHOD_RETURN, ['content']]);
        }
        for (const bus of [client, service]) bus.disconnect();
      };
    },
  },
  {
    client: '@homebridge/dbus-native, abstract-socket',
    does: `${CALLS} calls, 20 at once; dbus-daemon at an abstract name`,
    addon: 'abstract-socket',
    install: { '@homebridge/dbus-native': '0.7.9', 'abstract-socket': '2.1.1' },
    async prepare(surroundings) {
      const { abstract } = await startDbusDaemon(surroundings);
      return async (way) => {
        const bus = way.require('@homebridge/dbus-native').createClient({ busAddress: `unix:abstract=${abstract}` });
        await once(bus.connection, 'connect');
        const getId = () =>
          new Promise((resolve, reject) => {
            bus.invoke({ ...BUS, member: 'GetId' }, (error, id) => (error ? reject(error) : resolve(id)));
          });
        const caller = async () => {
          for (let made = 0; made < CALLS / 20; made++) strictEqual((await getId()).length, 32);
        };
        await Promise.all(Array.from({ length: 20 }, caller));
        const ended = once(bus.connection.stream, 'close');
        bus.connection.end();
        await ended;
      };
    },
  },
];
