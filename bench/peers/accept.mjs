// Accepts connections with promises and closes them. Writes its port to its standard output.
import { createServer } from '@bsd-sockets/socket/promises';

const server = await createServer(['127.0.0.1', 0], { backlog: 4096 });
console.log(server.getsockname()[1]);
for await (const [connection] of server) connection.close();
