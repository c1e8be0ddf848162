// Sends a body to an HTTP server at an abstract unix socket, and prints the answer.
// usage: http-abstract-client.js [NAME [PATH [BODY]]]
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { AF_UNIX, HttpAgent } from '@bsd-sockets/socket/promises';

const NAME = process.argv[2] ?? 'bsd-sockets-http';
const PATH = process.argv[3] ?? '/';
const BODY = process.argv[4] ?? 'Hello, world';

const agent = new HttpAgent({ family: AF_UNIX, address: `\0${NAME}` });
const asking = request({ agent, path: PATH, method: 'POST' });
asking.end(BODY);
const [answer] = (await once(asking, 'response')) as [IncomingMessage];
console.log(answer.statusCode, await text(answer));
