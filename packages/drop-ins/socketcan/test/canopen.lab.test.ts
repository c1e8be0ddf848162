// Devices of canopen, as it comes from npm, over channels as its README has them.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { program } from '@bsd-sockets/family-testkit';
import { createRawChannel } from '@bsd-sockets/socketcan';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lab, receiver, virtualBus } from '../../../families/can/test/vcan';

const raw = lab('SOCK_RAW', 'CAN_RAW');
const canUtils = program('candump', 'can-utils');
const bus = 'vcan-canopen';
// They are installed there.
const requireOfClients = createRequire(join(import.meta.dirname, '../../../../clients/package.json'));
const { AccessType, DataType, Device, ObjectType } = requireOfClients('canopen');

function device(id: number): any {
  const made = new Device({ id });
  const channel = createRawChannel(bus);
  channel.addListener('onMessage', (message) => made.receive(message));
  made.setTransmitFunction((message: Parameters<typeof channel.send>[0]) => channel.send(message));
  made.init();
  channel.start();
  onTestFinished(() => void channel.stop());
  return made;
}

describe.skipIf(!raw.available)(`canopen ${raw.reason}`, () => {
  virtualBus(bus, 16);

  test.skipIf(!canUtils.available)(`a client writes to a server and reads it back ${canUtils.reason}`, async () => {
    const server = device(0xb);
    server.sdoServer.addClient(0xa);
    server.eds.addEntry(0x2000, {
      parameterName: 'Test string',
      objectType: ObjectType.VAR,
      dataType: DataType.VISIBLE_STRING,
      accessType: AccessType.READ_WRITE,
    });
    const client = device(0xa);
    client.sdo.addServer(0xb);
    const candump = await receiver(bus, 'candump', '-L', '-n', '1', bus);
    const text = 'a text that needs several segments';
    const where = { serverId: 0xb, index: 0x2000, dataType: DataType.VISIBLE_STRING, timeout: 10_000 };
    await client.sdo.download({ ...where, data: text });
    expect(await client.sdo.upload(where)).toBe(text);
    expect(await candump.line()).toMatch(/ 60B#2100200022000000$/);
    await candump.finish();
  });
});
