import { getprotobyname, getservbyname, getservbyport, OSError } from '@bsd-sockets/resolver';
import { expect, test } from 'vitest';
import { without } from '../../core-native/test/capabilities';
import { type Call, expectAsInPython } from './cpython';
import { noMounts, runApart } from './namespace';

const code = (code: string) => expect.objectContaining({ code });

test('what is not in the databases is an OSError itself', () => {
  for (const call of [
    () => getservbyname('nosuch-service'),
    () => getservbyname('', 'tcp'),
    () => getservbyname('http', 'nosuch'),
    () => getservbyport(0),
    () => getservbyport(80, ''),
    () => getprotobyname('nosuch-protocol'),
    () => getprotobyname(''),
  ]) {
    expect(call).toThrow(code('ENOENT'));
    expect(call).toThrow(expect.objectContaining({ constructor: OSError }));
  }
});

test('arguments of a wrong kind are refused by name', () => {
  for (const wrong of [undefined, null, 1, Buffer.from('http')]) {
    expect(() => getservbyname(wrong as never)).toThrow(/^servicename: /);
    expect(() => getprotobyname(wrong as never)).toThrow(/^protocolname: /);
  }
  for (const wrong of [1, Buffer.from('tcp')]) {
    expect(() => getservbyname('http', wrong as never)).toThrow(code('ERR_INVALID_ARG_TYPE'));
    expect(() => getservbyport(80, wrong as never)).toThrow(code('ERR_INVALID_ARG_TYPE'));
  }
  expect(() => getservbyname('http\0')).toThrow(code('ERR_INVALID_ARG_VALUE'));
  expect(() => getservbyport(80, 'tcp\0')).toThrow(code('ERR_INVALID_ARG_VALUE'));
  expect(() => getprotobyname('tcp\0')).toThrow(code('ERR_INVALID_ARG_VALUE'));
  for (const wrong of [-1, 65536, 1.5]) expect(() => getservbyport(wrong)).toThrow(code('ERR_OUT_OF_RANGE'));
  for (const wrong of ['80', null]) expect(() => getservbyport(wrong as never)).toThrow(code('ERR_INVALID_ARG_TYPE'));
});

test.skipIf(without('python3'))('services and protocols, as in CPython (python3)', () => {
  const names = [
    'http',
    'HTTP',
    'ssh',
    'domain',
    'syslog',
    'shell',
    'tftp',
    'www',
    'é',
    '',
    'nosuch',
    'http\0',
    null,
    1,
  ];
  const protocols = ['tcp', 'udp', 'TCP', 'sctp', 'nosuch', '', 'tcp\0', 1];
  const ports = [...Array.from({ length: 1024 }, (_, port) => port), 5432, 65535, 65536, -1, '80', null];
  const protos = [
    'ip',
    'icmp',
    'tcp',
    'TCP',
    'udp',
    'ipv6-icmp',
    'IPv6-ICMP',
    'sctp',
    'udplite',
    'nosuch',
    '',
    'tcp\0',
    null,
    1,
  ];
  expectAsInPython([
    ...names.flatMap((name): Call[] => [
      ['getservbyname', name],
      ...protocols.map((protocol): Call => ['getservbyname', name, protocol]),
    ]),
    ...ports.flatMap((port): Call[] => [
      ['getservbyport', port],
      ['getservbyport', port, 'tcp'],
      ['getservbyport', port, 'udp'],
    ]),
    ...protocols.map((protocol): Call => ['getservbyport', 80, protocol]),
    ...protos.map((name): Call => ['getprotobyname', name]),
  ]);
});

test.skipIf(noMounts)(`all ports and names of the databases${noMounts}`, () => {
  const files = {
    '/etc/services': 'first 1/tcp\nsame 2/tcp s\nother 2/udp\nlast 65535/udp\n',
    '/etc/protocols': 'odd 253 ODD\n',
    '/etc/nsswitch.conf': 'services: files\nprotocols: files',
  };
  const calls = `[
    () => r.getservbyname('first'), () => r.getservbyname('s'), () => r.getservbyname('s', 'udp'),
    () => r.getservbyname('last', null), () => r.getservbyport(65535), () => r.getservbyport(2, 'udp'),
    () => r.getservbyport(2, 'tcp'), () => r.getprotobyname('ODD'), () => r.getprotobyname('tcp')]`;
  const missing = { name: 'OSError', code: 'ENOENT' };
  const answers = [1, 2, missing, 65535, 'last', 'other', 'same', 253, missing];
  expect(runApart(['-r', '-m'], `${calls}.map(answer)`, files)).toEqual(answers);
});
