// noble and bleno as they come from npm, with the drop-in in the place of the addon: an override of pnpm-workspace.yaml.
import { join } from 'node:path';
import { MGMT_OP_SET_POWERED } from '@bsd-sockets/bluetooth';
import { describe, expect, test } from 'vitest';
import { lab, Management, Peer, twoAdapters } from '../../../families/bluetooth/test/adapters';

const hci = lab('SOCK_RAW', 'BTPROTO_HCI');
const [here, there] = await twoAdapters(hci, 'btvirt', '-l2');

const node = (name: string, ...variables: string[]) =>
  new Peer('env', 'HCI_CHANNEL_USER=1', ...variables, process.execPath, join(import.meta.dirname, name));

describe.skipIf(!hci.available)(`noble and bleno ${hci.reason}`, () => {
  test('find each other, connect, read and write', async () => {
    const management = await Management.open();
    for (const { index } of [here, there]) {
      await management.command({ code: MGMT_OP_SET_POWERED, index, parameters: Buffer.of(0) });
    }
    management.socket.close();
    const peripheral = node('peripheral.cjs', `BLENO_HCI_DEVICE_ID=${there.index}`);
    await peripheral.lineLike(/^ready$/);
    const central = node('central.cjs', `NOBLE_HCI_DEVICE_ID=${here.index}`);
    await central.lineLike(/^connected drop-in$/);
    await central.lineLike(/^read hello$/);
    await peripheral.lineLike(/^written and back$/);
    await central.finish();
    expect(await peripheral.lineLike(/^disconnected$/)).toBe('disconnected');
  });
});
