// Two devices of canopen, as its README has them: `node canopen.mjs CANOPEN SOCKETCAN`, with their paths. One writes a text to the
// other and prints what it reads back.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const [, , canopenPath, socketcanPath] = process.argv;
const { AccessType, DataType, Device, ObjectType } = require(canopenPath);
const { createRawChannel } = require(socketcanPath);
const [CLIENT, SERVER] = [0xa, 0xb];
const INDEX = 0x2000;

function device(id) {
  const made = new Device({ id });
  const channel = createRawChannel('vcan0');
  channel.addListener('onMessage', (message) => made.receive(message));
  made.setTransmitFunction((message) => channel.send(message));
  made.init();
  channel.start();
  return made;
}

const server = device(SERVER);
server.sdoServer.addClient(CLIENT);
server.eds.addEntry(INDEX, {
  parameterName: 'Text',
  objectType: ObjectType.VAR,
  dataType: DataType.VISIBLE_STRING,
  accessType: AccessType.READ_WRITE,
});
const client = device(CLIENT);
client.sdo.addServer(SERVER);
const where = { serverId: SERVER, index: INDEX, dataType: DataType.VISIBLE_STRING, timeout: 10_000 };
await client.sdo.download({ ...where, data: 'two segments' });
console.log(await client.sdo.upload(where));
process.exit();
