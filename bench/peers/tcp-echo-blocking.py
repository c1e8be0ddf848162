# Round trips of 64 bytes over TCP loopback, to an echo server in a process of its own.
import os
import socket

import rounds

SIZE = 64


def echo(connection):
    while data := connection.recv(SIZE):
        connection.sendall(data)


def work(count):
    for _ in range(count):
        client.send(data)
        missing = SIZE
        while missing > 0:
            received = len(client.recv(missing))
            if received == 0:
                raise EOFError("the echo server has ended")
            missing -= received


listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
connection, _ = listener.accept()
for end in (client, connection):
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
listener.close()
server = os.fork()
if server == 0:
    client.close()
    echo(connection)
    os._exit(0)
connection.close()
data = bytes(SIZE)
rounds.serve(work)
client.close()
os.waitpid(server, 0)
