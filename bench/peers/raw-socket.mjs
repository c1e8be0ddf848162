// A package with the interface of `raw-socket`: pings this host, 8 under way, in a network where nobody else does.
import { addon, leaveOut } from './npm-addon.mjs';
import { serve, underWay } from './rounds.mjs';

const WINDOW = 8;
const [IP_HEADER, ECHO_REPLY, ECHO_REQUEST] = [20, 0, 8];
const [, , name] = process.argv;

const { createChecksum, createSocket, Protocol, writeChecksum } = addon(name);
const packet = Buffer.alloc(64);
packet[0] = ECHO_REQUEST;
packet.writeUInt16BE(process.pid & 0xffff, 4);
writeChecksum(packet, 2, createChecksum(packet));

function created() {
  try {
    return createSocket({ protocol: Protocol.ICMP });
  } catch (error) {
    return leaveOut(`no raw socket: ${error.message}`);
  }
}

const socket = created();
const { work, arrived } = underWay(WINDOW, () => {
  socket.send(packet, 0, packet.length, '127.0.0.1', (error) => {
    if (error) throw error;
  });
});

socket.on('message', (message) => {
  // The requests come too, and those of the other process.
  const isOwn = message.subarray(IP_HEADER + 4, IP_HEADER + 6).equals(packet.subarray(4, 6));
  if (isOwn && message[IP_HEADER] === ECHO_REPLY) arrived();
});

await serve(work);
process.exit(); // its socket would keep it alive
