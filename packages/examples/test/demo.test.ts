import { expect, test } from 'vitest';
import { example } from './process';

test('the demo exchanges data over each transport and shows what the kernel offers', async () => {
  const lines = await example('demo').finish();
  const text = lines.join('\n');
  expect(text).toMatch(/Echo over IPv4\n.*Listening[\s\S]*Received Hello, world\n\nEcho over IPv6/);
  expect(text).toMatch(/Echo over a unix socket\n.*Listening[\s\S]*Received Hello, world/);
  expect(text).toMatch(/AF_INET +SOCK_STREAM +IPPROTO_TCP +yes/);
  expect(text).toMatch(/AF_CAN +SOCK_RAW +CAN_RAW +(yes|no: \w+ +\w+)/);
});
