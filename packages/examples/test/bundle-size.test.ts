import { buildSync, type Format } from 'esbuild';
import { describe, expect, test } from 'vitest';

/** The bytes of a program in a bundle from which core-native, the package with the addon, is left out. */
function sizeOf(contents: string, format: Format): number {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    platform: 'node',
    format,
    external: ['@bsd-sockets/core-native'],
    write: false,
  });
  return outputFiles[0]!.contents.length;
}

describe.each(['esm', 'cjs'] as const)('a bundle in the format %s has what a program uses', (format) => {
  test('of the blocking face, its socket and what that needs', () => {
    const size = sizeOf("import { Socket } from '@bsd-sockets/socket'; new Socket().close();", format);
    expect(size).toBeLessThan(90_000);
  });

  test.each(['@bsd-sockets/socket', '@bsd-sockets/socket/promises'])('of %s, one constant', (module) => {
    const size = sizeOf(`import { AF_INET } from '${module}'; console.log(AF_INET);`, format);
    expect(size).toBeLessThan(2000);
  });
});
