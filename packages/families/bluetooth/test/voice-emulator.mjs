// Two controllers for the kernel that hear each other: those of btvirt, which has no voice (SCO), with voice added on the way.
// usage: node voice-emulator.mjs     until SIGTERM
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, read, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';

const [ACL, SCO, EVENT, ISO, VENDOR] = [0x02, 0x03, 0x04, 0x05, 0xff];

const READ_BUFFER_SIZE = 0x1005;
const READ_BD_ADDR = 0x1009;
const DISCONNECT = 0x0406;
const SETUP_SYNC = 0x0428;
const ACCEPT_SYNC = 0x0429;
const REJECT = 0x040a;
const REJECT_SYNC = 0x042a;
const ENHANCED_SETUP_SYNC = 0x043d;

const CONNECTION_REQUEST = 0x04;
const DISCONNECTION_COMPLETE = 0x05;
const COMMAND_COMPLETE = 0x0e;
const COMMAND_STATUS = 0x0f;
const COMPLETED_PACKETS = 0x13;
const SYNC_COMPLETE = 0x2c;

const MTU = 64;
const BUFFERS = 8;
const ESCO_LINK = 2;
const ENDED_BY_PEER = 0x13;
const ENDED_BY_HOST = 0x16;
// The one connection of voice has a number that btvirt gives to none of its own.
const VOICE = 0x0e00;

const uint16 = (value) => [value & 0xff, value >> 8];

/** A controller between the kernel and btvirt. */
class Controller {
  bdaddr = Buffer.alloc(6);
  peer;
  /** Whether the kernel has been asked to take a connection of voice. */
  asked = false;

  constructor(stream) {
    this.stream = stream;
    this.kernel = openSync('/dev/vhci', 'r+');
    // Of the kind that has Low Energy and all else.
    writeSync(this.kernel, Buffer.of(VENDOR, 0));
    let rest = Buffer.alloc(0);
    stream.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      for (let length = packetLength(rest); length <= rest.length; length = packetLength(rest)) {
        this.fromBtvirt(Buffer.from(rest.subarray(0, length)));
        rest = rest.subarray(length);
      }
    });
    this.listen(Buffer.alloc(65_536));
  }

  listen(memory) {
    read(this.kernel, memory, 0, memory.length, null, (error, count) => {
      if (error) throw error;
      this.fromKernel(Buffer.from(memory.subarray(0, count)));
      this.listen(memory);
    });
  }

  event(code, ...parameters) {
    writeSync(this.kernel, Buffer.of(EVENT, code, parameters.length, ...parameters));
  }

  fromBtvirt(packet) {
    if (packet[0] === EVENT && packet[1] === COMMAND_COMPLETE) {
      const opcode = packet.readUInt16LE(4);
      if (opcode === READ_BD_ADDR) this.bdaddr = packet.subarray(7, 13);
      if (opcode === READ_BUFFER_SIZE) {
        packet[9] = MTU;
        packet.writeUInt16LE(BUFFERS, 12);
      }
    }
    writeSync(this.kernel, packet);
  }

  fromKernel(packet) {
    if (packet[0] === SCO) {
      writeSync(this.peer.kernel, packet);
      this.event(COMPLETED_PACKETS, 1, ...uint16(VOICE), ...uint16(1));
    } else if (
      packet[0] !== VENDOR &&
      !(packet[0] === 0x01 && this.ofVoice(packet.readUInt16LE(1), packet.subarray(4)))
    ) {
      this.stream.write(packet);
    }
  }

  /** Does a command that is about voice. */
  ofVoice(opcode, parameters) {
    const { peer } = this;
    const status = () => this.event(COMMAND_STATUS, 0, 1, ...uint16(opcode));
    switch (opcode) {
      case SETUP_SYNC:
      case ENHANCED_SETUP_SYNC:
        status();
        peer.asked = true;
        peer.event(CONNECTION_REQUEST, ...this.bdaddr, 0, 0, 0, ESCO_LINK);
        return true;
      case ACCEPT_SYNC:
      case REJECT:
      case REJECT_SYNC: {
        if (!this.asked) return false;
        this.asked = false;
        status();
        const reason = opcode === ACCEPT_SYNC ? 0 : parameters[6];
        for (const one of [this, peer]) {
          const link = [...uint16(VOICE), ...one.peer.bdaddr, ESCO_LINK];
          one.event(SYNC_COMPLETE, reason, ...link, 12, 6, ...uint16(60), ...uint16(60), 2);
        }
        return true;
      }
      case DISCONNECT:
        if (parameters.readUInt16LE(0) !== VOICE) return false;
        status();
        this.event(DISCONNECTION_COMPLETE, 0, ...uint16(VOICE), ENDED_BY_HOST);
        peer.event(DISCONNECTION_COMPLETE, 0, ...uint16(VOICE), ENDED_BY_PEER);
        return true;
      default:
        return false;
    }
  }
}

/** The bytes of the packet that begins here; more than any has while its header is not there. */
function packetLength(data) {
  const [type] = data;
  if (data.length < 5 && !(type === EVENT && data.length >= 3)) return Number.POSITIVE_INFINITY;
  if (type === EVENT) return 3 + data[2];
  if (type === ACL) return 5 + data.readUInt16LE(3);
  if (type === ISO) return 5 + (data.readUInt16LE(3) & 0x3fff);
  throw new Error(`a packet of type ${type} from btvirt`);
}

async function controller() {
  for (;;) {
    const stream = connect('/tmp/bt-server-bredrle');
    try {
      await once(stream, 'connect');
      return new Controller(stream);
    } catch {
      // btvirt does not tell when it is ready.
      await setTimeout(50);
    }
  }
}

const btvirt = spawn('btvirt', ['-s'], { stdio: ['ignore', 'ignore', 'inherit'] });
process.on('SIGTERM', () => {
  btvirt.kill();
  // A proper exit would wait for the reads of the kernel's packets.
  process.kill(process.pid, 'SIGKILL');
});
const first = await controller();
const second = await controller();
first.peer = second;
second.peer = first;
