import { once } from 'node:events';
import { createSocket } from '@bsd-sockets/unix-dgram';

const receiver = createSocket('unix_dgram');
receiver.bind('\0release-check');
const sender = createSocket('unix_dgram');
sender.connect('\0release-check');
sender.send(Buffer.from('a datagram'));
const [data] = await once(receiver, 'message');
console.log(data.toString());
for (const socket of [receiver, sender]) socket.close();
