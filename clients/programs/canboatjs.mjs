// Two devices of canboatjs, as its README has them: `node canboatjs.mjs CANBOATJS`, with its path. One tells a depth, and the other
// prints it as JSON.
import { EventEmitter, once } from 'node:events';
import { createRequire } from 'node:module';

const { canbus, FromPgn } = createRequire(import.meta.url)(process.argv[2]);
const WATER_DEPTH = 128267;

async function device(preferredAddress) {
  const app = new EventEmitter();
  const options = { preferredAddress, uniqueNumber: preferredAddress, addressClaimDetectionTime: 100 };
  const stream = new canbus({ canDevice: 'vcan0', app, ...options });
  await once(app, 'nmea2000OutAvailable');
  return stream;
}

const [sounder, display] = await Promise.all([device(10), device(20)]);
const parser = new FromPgn();
display.on('data', (packet) => parser.parse(packet));
parser.on('pgn', ({ pgn, src, fields }) => {
  if (pgn !== WATER_DEPTH) return;
  console.log(JSON.stringify({ src, fields }));
  process.exit();
});
sounder.sendPGN({ pgn: WATER_DEPTH, SID: 1, Depth: 12.5, Offset: -0.5, Range: 100 });
