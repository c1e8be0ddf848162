// Clients of `socketcan` on a virtual bus of the kernel lab, beside candump.
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { runInLab } from '../harness/lab.mjs';
import { pathOf } from '../harness/programs.mjs';

/** A bus with a candump that receives already. What it has of the first frames comes last. */
const bus = (frames) => `
  ip link add dev vcan0 type vcan; ip link set up vcan0
  ${pathOf('candump')} -L -n ${frames} vcan0 >/tmp/frames & until grep -q vcan0 /proc/net/can/rcvlist_all; do sleep 0.1; done
  trap 'wait %1; cut --delimiter=" " --fields=3 /tmp/frames' EXIT`;

export const cases = [
  {
    client: '@canboat/canboatjs, socketcan',
    does: 'two devices of NMEA 2000 claim their addresses, and one tells the other a depth; candump in the kernel lab',
    addon: 'socketcan',
    inLab: true,
    install: { '@canboat/canboatjs': '3.11.0' },
    async prepare() {
      return async ({ require }) => {
        const [told, ...frames] = await runInLab(bus(5), 'canboatjs.mjs', require.resolve('@canboat/canboatjs'));
        deepStrictEqual(JSON.parse(told), { src: 10, fields: { sid: 1, depth: 12.5, offset: -0.5, range: 100 } });
        deepStrictEqual(frames, [
          '18EAFFFE#00EE00',
          '18EAFFFE#00EE00',
          '18EEFF0A#0A00E07C008233C0',
          '18EEFF14#1400E07C008233C0',
          '0DF50B0A#01E20400000CFE0A',
        ]);
      };
    },
  },
  {
    client: 'canopen, socketcan',
    does: 'a device writes a text to another in segments, and reads it back; candump in the kernel lab',
    addon: 'socketcan',
    inLab: true,
    install: { canopen: '4.0.1', socketcan: '4.0.7' },
    async prepare() {
      return async ({ require }) => {
        const paths = ['canopen', 'socketcan'].map((name) => require.resolve(name));
        const [text, ...frames] = await runInLab(bus(6), 'canopen.mjs', ...paths);
        strictEqual(text, 'two segments');
        deepStrictEqual(frames, [
          '60B#210020000C000000',
          '58B#6000200000000000',
          '60B#0074776F20736567',
          '58B#2000000000000000',
          '60B#156D656E74730000',
          '58B#3000000000000000',
        ]);
      };
    },
  },
];
