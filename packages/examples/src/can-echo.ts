// Sends back each CAN frame that arrives, and a frame of its own after it: the CAN example of Python's documentation.
// usage: can-echo.js [INTERFACE]
// A virtual bus for it: ip link add dev vcan0 type vcan && ip link set up vcan0
import { AF_CAN, CAN_MTU, CAN_RAW, decodeFrame, encodeFrame } from '@bsd-sockets/can';
import { OSError, SOCK_RAW, Socket } from '@bsd-sockets/socket';

const INTERFACE = process.argv[2] ?? 'vcan0';

function send(frame: Uint8Array): void {
  try {
    s.send(frame);
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
    console.log('Error sending CAN frame');
  }
}

// create a raw socket and bind it to the interface
using s = new Socket(AF_CAN, SOCK_RAW, CAN_RAW);
s.bind([INTERFACE]);

for (;;) {
  const [cf] = s.recvfrom(CAN_MTU);
  const frame = decodeFrame(cf);
  if (frame.kind === 'classic') {
    console.log(
      `Received: can_id=${frame.id.toString(16)}, can_dlc=${frame.dlc.toString(16)}, data=${frame.data.toString('hex')}`,
    );
  }
  send(cf);
  send(encodeFrame({ id: 0x01, data: Buffer.of(1, 2, 3) }));
}
