import { once } from 'node:events';
import { UServer, USocket } from '@bsd-sockets/usocket';

const server = new UServer();
server.listen('\0release-check-usocket');
const client = new USocket('\0release-check-usocket');
const [socket] = await once(server, 'connection');
socket.write({ data: Buffer.from('hello'), fds: [1] });
await once(client, 'readable');
const received = client.read(5, 1);
console.log(received?.data.toString(), received?.fds.length);
for (const end of [client, socket]) end.destroy();
server.close();
