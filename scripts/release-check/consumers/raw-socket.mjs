import { createChecksum, createSocket, Protocol, writeChecksum } from '@bsd-sockets/raw-socket';

const packet = Buffer.alloc(8, 1);
console.log(createChecksum(writeChecksum(packet, 6, createChecksum(packet.subarray(0, 6)))) === 0);
try {
  createSocket({ protocol: Protocol.ICMP }).close();
} catch (error) {
  if (Object(error).code !== 'EPERM') throw error;
}
