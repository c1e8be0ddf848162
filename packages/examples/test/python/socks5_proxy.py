# A SOCKS5 proxy without authentication.
import socket
import struct
import sys
import threading

TIMEOUT, VERSION, CONNECT, IPV4, NAME, IPV6 = 10, 5, 1, 1, 3, 4


def exactly(s, size):
    data = b''
    while len(data) < size:
        part = s.recv(size - len(data))
        if not part:
            raise ConnectionError('the client went away')
        data += part
    return data


def reply(client, code, address=('0.0.0.0', 0)):
    family = socket.AF_INET6 if ':' in address[0] else socket.AF_INET
    head = bytes([VERSION, code, 0, IPV6 if family == socket.AF_INET6 else IPV4])
    client.sendall(head + socket.inet_pton(family, address[0]) + struct.pack('!H', address[1]))


def destination(client):
    _, methods = exactly(client, 2)
    exactly(client, methods)
    client.sendall(bytes([VERSION, 0]))
    _, command, _, kind = exactly(client, 4)
    if kind == IPV4:
        host = socket.inet_ntop(socket.AF_INET, exactly(client, 4))
    elif kind == IPV6:
        host = socket.inet_ntop(socket.AF_INET6, exactly(client, 16))
    elif kind == NAME:
        host = exactly(client, exactly(client, 1)[0]).decode()
    else:
        return reply(client, 8)
    port = struct.unpack('!H', exactly(client, 2))[0]
    return (host, port) if command == CONNECT else reply(client, 7)


def pump(source, target):
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)


def serve(client):
    with client:
        client.settimeout(TIMEOUT)
        wanted = destination(client)
        if wanted is None:
            return
        try:
            server = socket.create_connection(wanted, TIMEOUT)
        except OSError as error:
            return reply(client, 5 if isinstance(error, ConnectionRefusedError) else 1)
        with server:
            reply(client, 0, server.getsockname()[:2])
            client.settimeout(None)
            server.settimeout(None)
            back = threading.Thread(target=pump, args=(server, client))
            back.start()
            pump(client, server)
            back.join()


listener = socket.create_server((sys.argv[2], int(sys.argv[1])))
print('Listening at', listener.getsockname(), flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
