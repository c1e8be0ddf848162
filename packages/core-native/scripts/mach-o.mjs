// What the header of a library for macOS says: <mach-o/loader.h> and <mach-o/nlist.h> have the structures.

const MAGIC = 0xfeedfacf;
const PROCESSORS = { 16777223: 'x64', 16777228: 'arm64' };
const COMMANDS = {
  SYMTAB: 0x2,
  LOAD_DYLIB: 0xc,
  LOAD_WEAK_DYLIB: 0x80000018,
  CODE_SIGNATURE: 0x1d,
  BUILD_VERSION: 0x32,
};
const SECTION = 0x0e;
const EXTERNAL = 0x01;
const PRIVATE = 0x10;
const ANY_LIBRARY = 0xfe;

export const isMachO = (bytes) => bytes.length >= 32 && bytes.readUInt32LE(0) === MAGIC;

function text(bytes, start) {
  return bytes.toString('latin1', start, bytes.indexOf(0, start));
}

/** The names of a symbol table: those that any library or the program may have, and those that it offers to others. */
function symbols(bytes, command) {
  const [table, count, names] = [8, 12, 16].map((offset) => bytes.readUInt32LE(command + offset));
  const wanted = [];
  const offered = [];
  for (let at = table; at < table + 16 * count; at += 16) {
    const type = bytes[at + 4];
    if (!(type & EXTERNAL) || type & PRIVATE) continue;
    const name = text(bytes, names + bytes.readUInt32LE(at)).replace(/^_/, '');
    if (type & SECTION) offered.push(name);
    // Others say which library they are of, and were found there.
    else if (bytes[at + 7] === ANY_LIBRARY) wanted.push(name);
  }
  return { wanted, offered };
}

/** `{ processor, system: 'macOS 12.0', libraries, wanted, offered, signed }` of the bytes of a 64-bit library. */
export function readMachO(bytes) {
  const found = { processor: PROCESSORS[bytes.readUInt32LE(4)], libraries: [], signed: false };
  let at = 32;
  for (let left = bytes.readUInt32LE(16); left > 0; left--) {
    switch (bytes.readUInt32LE(at)) {
      case COMMANDS.SYMTAB:
        Object.assign(found, symbols(bytes, at));
        break;
      case COMMANDS.LOAD_DYLIB:
      case COMMANDS.LOAD_WEAK_DYLIB:
        found.libraries.push(text(bytes, at + bytes.readUInt32LE(at + 8)));
        break;
      case COMMANDS.CODE_SIGNATURE:
        found.signed = true;
        break;
      case COMMANDS.BUILD_VERSION: {
        const version = bytes.readUInt32LE(at + 12);
        found.system = `macOS ${version >>> 16}.${(version >>> 8) & 0xff}`;
        break;
      }
    }
    at += bytes.readUInt32LE(at + 4);
  }
  return found;
}
