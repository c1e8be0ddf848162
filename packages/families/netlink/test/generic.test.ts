import { execFileSync } from 'node:child_process';
import { capability, program } from '@bsd-sockets/family-testkit';
import {
  AttributeWriter,
  CTRL_ATTR_FAMILY_NAME,
  CTRL_CMD_GETFAMILY,
  GENL_ID_CTRL,
  genericEvents,
  genericRequest,
  getFamilies,
  getFamily,
  getLinks,
  NETLINK_GENERIC,
  Netlink,
} from '@bsd-sockets/netlink';
import { describe, expect, test } from 'vitest';

const generic = capability('AF_NETLINK', 'SOCK_RAW', 'NETLINK_GENERIC');
const genl = program('genl', 'iproute2');

describe.skipIf(!generic.available)(`generic netlink ${generic.reason}`, () => {
  test.skipIf(!genl.available)(`lists the families that genl(8) prints ${genl.reason}`, () => {
    using connection = new Netlink(NETLINK_GENERIC);
    const ours = [...connection.dump(getFamilies())].map(
      ({ id, name, version, hdrsize, maxattr }) =>
        `Name: ${name} ID: 0x${id.toString(16)} Version: 0x${version.toString(16)} header size: ${hdrsize} max attribs: ${maxattr}`,
    );
    const printed = execFileSync('genl', ['ctrl', 'list'], { encoding: 'utf8' });
    const theirs = printed.matchAll(
      /^Name: (.*)\n\s*ID: (\S+)\s+Version: (\S+)\s+header size: (\d+)\s+max attribs: (\d+)/gm,
    );
    expect(ours.length).toBeGreaterThan(1);
    expect(ours).toEqual(
      Array.from(
        theirs,
        ([, name, id, version, hdrsize, maxattr]) =>
          `Name: ${name} ID: ${id} Version: ${version} header size: ${hdrsize} max attribs: ${maxattr}`,
      ),
    );
  });

  test('finds a family by its name, with its commands and groups', () => {
    using connection = new Netlink(NETLINK_GENERIC);
    const [family] = connection.execute(getFamily('nlctrl'));
    expect(family).toMatchObject({ id: GENL_ID_CTRL, name: 'nlctrl', hdrsize: 0 });
    expect(family?.operations.map(({ id }) => id)).toContain(CTRL_CMD_GETFAMILY);
    expect(family?.groups).toEqual([{ id: expect.any(Number), name: 'notify' }]);
    const events = genericEvents(family!, ['notify']);
    expect(events.groups).toEqual([family?.groups[0]?.id]);
    connection.watch(events).return?.();
    expect(() => genericEvents(family!, ['gossip'])).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
    );
  });

  test('says that it does not know a family', () => {
    using connection = new Netlink(NETLINK_GENERIC);
    expect(() => connection.execute(getFamily('no such family'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  test('takes requests that a program makes itself, and shows the answer', () => {
    using connection = new Netlink(NETLINK_GENERIC);
    const data = new AttributeWriter().string(CTRL_ATTR_FAMILY_NAME, 'nlctrl');
    const controller = { id: GENL_ID_CTRL, version: 2 };
    const [answer] = connection.execute(genericRequest(controller, { command: CTRL_CMD_GETFAMILY, data }));
    expect(answer?.attributes().get(CTRL_ATTR_FAMILY_NAME)?.string()).toBe('nlctrl');
  });

  test('tells by the offset which attribute the kernel refuses', () => {
    using connection = new Netlink(NETLINK_GENERIC);
    const data = new AttributeWriter().uint8(9, 1).bytes(CTRL_ATTR_FAMILY_NAME, Buffer.alloc(100, 65));
    const request = genericRequest({ id: GENL_ID_CTRL, version: 2 }, { command: CTRL_CMD_GETFAMILY, data });
    // 16 bytes of a message's header, 4 of a generic one, 8 of the first attribute.
    expect(() => connection.execute(request)).toThrow(
      expect.objectContaining({
        extendedAck: expect.objectContaining({ offset: 28, attribute: CTRL_ATTR_FAMILY_NAME }),
        message: expect.stringMatching(/attribute 2, at byte 28/),
      }),
    );
  });

  test('does not take a request of another protocol', () => {
    using connection = new Netlink(NETLINK_GENERIC);
    expect(() => connection.dump(getLinks())).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE', message: expect.stringContaining('protocol 16') }),
    );
    expect(() => connection.dump(undefined as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
});
