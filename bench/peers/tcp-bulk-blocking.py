# Sends 64 KiB at a time over TCP loopback to a process of its own, which receives them.
import os
import socket

import rounds

SIZE = 64 * 1024


def sink(connection):
    """The last byte of a round is 1: it is answered with a byte."""
    while data := connection.recv(SIZE):
        if data[-1] == 1:
            connection.sendall(b"\0")


def work(count):
    for number in range(count):
        data[-1] = number == count - 1
        sender.sendall(data)
    if not sender.recv(1):
        raise EOFError("the sink has ended")


listener = socket.create_server(("127.0.0.1", 0))
sender = socket.create_connection(listener.getsockname())
connection, _ = listener.accept()
listener.close()
child = os.fork()
if child == 0:
    sender.close()
    sink(connection)
    os._exit(0)
connection.close()
data = bytearray(SIZE)
rounds.serve(work)
sender.close()
os.waitpid(child, 0)
