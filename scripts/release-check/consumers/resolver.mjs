import { getaddrinfo, htons, inetNtop, inetPton } from '@bsd-sockets/resolver';
import { getnameinfo } from '@bsd-sockets/resolver/promises';

const [[family, , , , [host, port]]] = getaddrinfo('127.0.0.1', 80);
const [name, service] = await getnameinfo([`${host}`, Number(port)], 3);
console.log(inetNtop(family, inetPton(family, name)), service, htons(1));
