// A UDP echo server on node:dgram, which writes its port to its standard output.
import { createSocket } from 'node:dgram';

const socket = createSocket('udp4', (data, { port, address }) => socket.send(data, port, address));
socket.bind(0, '127.0.0.1', () => console.log(socket.address().port));
