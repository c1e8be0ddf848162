// For Jest, which evaluates the packages anew for each of three files like this, and with --resetModules for each test.
test.each([1, 2, 3])('a promise waits', async () => {
  const { socketpair } = require('@bsd-sockets/socket/promises');
  const [a, b] = socketpair();
  const waits = a.recv(10);
  await new Promise((resolve) => setTimeout(resolve, 1));
  await b.send(Buffer.from('x'));
  expect(String(await waits)).toBe('x');
  a.close();
  b.close();
});
