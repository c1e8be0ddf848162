import { once } from 'node:events';
import { closeFd, createReuseportFd, DgramSocket } from '@bsd-sockets/node-unix-socket';

const receiver = new DgramSocket();
receiver.bind('\0release-check-datagrams');
const sender = new DgramSocket();
sender.sendTo(Buffer.from('a datagram'), 0, 10, '\0release-check-datagrams');
const [data] = await once(receiver, 'data');
console.log(data.toString());
for (const socket of [receiver, sender]) socket.close();
closeFd(createReuseportFd());
