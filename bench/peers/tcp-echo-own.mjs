// An echo server on what Bun or Deno has of its own, which writes its port to its standard output.
/* global Bun, Deno */
async function echo(connection) {
  const buffer = new Uint8Array(4096);
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) return;
    await connection.write(buffer.subarray(0, count));
  }
}

if (globalThis.Bun !== undefined) {
  const socket = { data: (connection, data) => void connection.write(data) };
  console.log(Bun.listen({ hostname: '127.0.0.1', port: 0, socket }).port);
} else {
  const listener = Deno.listen({ hostname: '127.0.0.1', port: 0 });
  console.log(listener.addr.port);
  for await (const connection of listener) echo(connection).catch(() => {});
}
