import { LITTLE_ENDIAN, structView } from './struct-view';

/** One way to reach a host, as getaddrinfo(3) tells. */
export type AddressRow = [family: number, type: number, proto: number, canonname: string, sockaddr: Buffer];

// struct AddressRecord (posix/resolver.cc).
const TYPE = 4;
const PROTO = 8;
const LENGTH = 12;
const MORE = 16;
const ADDRESS = 20;
const RECORD = ADDRESS + 128;

/**
 * The rows of what the addon's `getaddrinfo` found.
 *
 * @param packed - Its answer.
 * @returns At least one row; `canonname` is empty but for the first one's.
 */
export function addressRows(packed: Buffer): AddressRow[] {
  const view = structView(packed);
  const field = (offset: number) => view.getInt32(offset, LITTLE_ENDIAN);
  const rows: AddressRow[] = [];
  let record = 0;
  do {
    const sockaddr = packed.subarray(record + ADDRESS, record + ADDRESS + field(record + LENGTH));
    rows.push([field(record), field(record + TYPE), field(record + PROTO), '', sockaddr]);
    record += RECORD;
  } while (field(record - RECORD + MORE) !== 0);
  rows[0]![3] = packed.toString('utf8', record);
  return rows;
}
