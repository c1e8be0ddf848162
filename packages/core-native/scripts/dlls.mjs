// The libraries that are loaded with a program or library of Windows, in lower case.

/** Reads a PE32+ file. Source: https://learn.microsoft.com/windows/win32/debug/pe-format */
export function dllsOf(file) {
  const header = file.readUInt32LE(0x3c);
  const optional = header + 24;
  if (file.toString('latin1', header, header + 4) !== 'PE\0\0' || file.readUInt16LE(optional) !== 0x20b) {
    throw new Error('no PE32+ file');
  }
  const sections = Array.from({ length: file.readUInt16LE(header + 6) }, (_, index) => {
    const at = optional + file.readUInt16LE(header + 20) + 40 * index;
    return { address: file.readUInt32LE(at + 12), size: file.readUInt32LE(at + 16), start: file.readUInt32LE(at + 20) };
  });
  const place = (address) => {
    const section = sections.find((one) => address >= one.address && address < one.address + one.size);
    return address - section.address + section.start;
  };
  // The import directory, whose entries have 20 bytes.
  const names = [];
  for (let at = place(file.readUInt32LE(optional + 112 + 8)); file.readUInt32LE(at + 12) !== 0; at += 20) {
    const start = place(file.readUInt32LE(at + 12));
    names.push(file.toString('latin1', start, file.indexOf(0, start)).toLowerCase());
  }
  return names;
}
