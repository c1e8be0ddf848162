import { fileURLToPath } from 'node:url';
import * as resolver from '@bsd-sockets/resolver';
import * as resolverPromises from '@bsd-sockets/resolver/promises';
import * as blocking from '@bsd-sockets/socket';
import * as promises from '@bsd-sockets/socket/promises';
import ts from 'typescript';
import { afterAll, describe, expect, test } from 'vitest';

const TAKES_OPTIONS = /Options\b|Abortable\b|Dialled\b/;

/** `name` or `Class.method`, and where its options are, of all that an entry exports. */
function callablesOf(entry: string): [name: string, index: number][] {
  const file = fileURLToPath(new URL(entry, import.meta.url));
  const program = ts.createProgram([file], { module: ts.ModuleKind.Node16, target: ts.ScriptTarget.ES2022 });
  const checker = program.getTypeChecker();
  const found = new Map<string, [string, number]>();
  const visit = (name: string, declarations: readonly ts.Declaration[] | undefined) => {
    for (const declaration of declarations ?? []) {
      const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
      if (!ts.isFunctionLike(declaration) || ts.getCombinedModifierFlags(declaration) & hidden) continue;
      if (ts.getJSDocTags(declaration).some((tag) => tag.tagName.text === 'internal')) continue;
      for (const [place, { name: parameter, type, dotDotDotToken }] of declaration.parameters.entries()) {
        // Behind the data of a registration.
        const index = dotDotDotToken ? place + 1 : place;
        const takes = parameter.getText() === 'options' || TAKES_OPTIONS.test(type?.getText() ?? '');
        if (takes) found.set(`${name} ${index}`, [name, index]);
      }
    }
  };
  for (const symbol of checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!)) {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    visit(symbol.name, target.declarations);
    if (!(target.flags & ts.SymbolFlags.Class)) continue;
    for (const member of target.members!.values()) visit(`${symbol.name}.${member.name}`, member.declarations);
  }
  // What Node's agents read is not known here, and Node calls their other methods.
  // Nobody makes a BaseSocket.
  return [...found.values()].filter(([name]) => !/Agent\.|BaseSocket\.__constructor/.test(name));
}

const pair = blocking.socketpair();
const asyncPair = promises.socketpair();
/** New ones for each call, which may close them. */
const objects: Record<string, (face: any) => any> = {
  DefaultSelector: (face) => new face.DefaultSelector(),
  SocketFile: () => asyncPair[0]!.makefile('rw'),
  TextFile: () => asyncPair[0]!.makefile('rw'),
  BinaryFile: () => asyncPair[1]!.makefile('rwb'),
  'BinaryFile.detach': () => asyncPair[1]!.makefile('rb'),
  Poll: () => promises.poll(),
};
afterAll(() => {
  for (const socket of [...pair, ...asyncPair]) socket.close();
});

/** What stands before the options, where it is looked at first. */
const before: Record<string, unknown[]> = {
  createConnection: [['127.0.0.1', 9], null],
  createServer: [['127.0.0.1', 0]],
  readinto: [Buffer.alloc(1)],
  readinto1: [Buffer.alloc(1)],
  recvFds: [asyncPair[0], 1, 1],
  'recvmmsg 4': [1, 16, 0, 0],
  select: [[], [], []],
  sendFds: [asyncPair[0], [Buffer.of(1)], [0]],
  'sendmmsg 3': [new promises.MessageBatch(asyncPair[0]!, 1, 1), 0, 0],
  'sendto 3': [Buffer.of(1), 0, 'address'],
  'BinaryFile.write': [Buffer.of(1)],
  'DefaultSelector.select': [0],
  write: ['text'],
  writelines: [['text']],
};

const OPTIONS = { unknown_key: 1 };

async function refusalOf(face: any, name: string, index: number): Promise<unknown> {
  const [owner, member] = name.split('.') as [string, string?];
  const args = Array.from(
    { length: index },
    (_, place) => (before[name] ?? before[`${member} ${index}`] ?? before[member ?? owner])?.[place],
  );
  try {
    if (member === '__constructor') return await new face[owner](...args, OPTIONS);
    if (member === undefined) return await face[owner](...args, OPTIONS);
    const socket = face === promises ? asyncPair[0]! : pair[0]!;
    const result = ((objects[name] ?? objects[owner])?.(face) ?? socket)[member](...args, OPTIONS);
    return await result;
  } catch (error) {
    return error;
  }
}

describe.each<[string, unknown]>([
  ['../../resolver/dist/index.d.ts', resolver],
  ['../../resolver/dist/promises.d.ts', resolverPromises],
  ['../dist/index.d.ts', blocking],
  ['../dist/promises.d.ts', promises],
])('of %s', (entry, face) => {
  const callables = callablesOf(entry);
  test('some take options', () => expect(callables.length).toBeGreaterThan(0));
  test.each(callables)('%s refuses an unknown key of its options (argument %i)', async (name, index) => {
    expect(await refusalOf(face, name, index)).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      message: expect.stringMatching(/^options: unknown key 'unknown_key': /),
    });
  });
});

test.each<any>([blocking, promises])('a socket is made with no unknown key: %#', ({ Socket }) => {
  expect(() => new Socket({ famly: blocking.AF_INET } as object)).toThrow(
    "options: unknown key 'famly': did you mean 'family'?",
  );
});

test.each([promises.HttpAgent, promises.HttpsAgent])(
  '%o refuses another spelling of a key, and leaves others to Node',
  (Agent) => {
    const dialled = { family: promises.AF_UNIX, address: '/nowhere' } as any;
    expect(() => new Agent({ ...dialled, keep_alive: true })).toThrow(
      "options: unknown key 'keep_alive': did you mean 'keepAlive'?",
    );
    expect(() => new Agent({ ...dialled, Address: '/nowhere' })).toThrow("did you mean 'address'?");
    new Agent({ ...dialled, keepAlive: true, maxSockets: 1, ciphers: 'HIGH', another: 1 }).destroy();
  },
);

test('createConnection refuses the spelling of Python, and connects from nowhere else', async () => {
  using server = blocking.createServer(['127.0.0.1', 0]);
  const address = server.getsockname();
  const options = { source_address: ['127.0.0.9', 0] } as object;
  const message = "options: unknown key 'source_address': did you mean 'sourceAddress'?";
  expect(() => blocking.createConnection(address, options)).toThrow(message);
  await expect(promises.createConnection(address, options)).rejects.toThrow(message);
});

test('records of options and control messages refuse unknown keys', () => {
  const socket = new blocking.Socket(blocking.AF_INET, blocking.SOCK_DGRAM);
  const group = { multiaddr: '239.1.2.3', if_index: 1 } as any;
  expect(() => socket.setOption(blocking.options.IP_ADD_MEMBERSHIP, group)).toThrow(
    "IP_ADD_MEMBERSHIP: unknown key 'if_index': did you mean 'ifindex'?",
  );
  socket.close();
  expect(() => blocking.IpPktinfo.encode({ spec_dst: '127.0.0.1' } as any)).toThrow(
    "packet info: unknown key 'spec_dst': did you mean 'specDst'?",
  );
});
