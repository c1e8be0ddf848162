import socket = require('@bsd-sockets/socket');

const server: socket.Socket<typeof socket.AF_INET6> = socket.createServer(['::1', 0], { family: socket.AF_INET6 });
const [connection, [host, port, flowinfo, scopeId]] = server.accept();
const data: Buffer = connection.recv(1024);
const all: [string, number, number, number, Buffer] = [host, port, flowinfo, scopeId, data];
// @ts-expect-error a string is not bytes
connection.sendall('text');
connection.sendall(all[4]);
