# pingpong-unix SIZE recv|recv-into|turns: sends SIZE bytes into one end of a unix socketpair and receives them at the other.
import socket
import sys

import rounds

SOCKET_BUFFER = 256 * 1024  # the largest message fits in

size = int(sys.argv[1])
data = bytes(size)
buffer = bytearray(size)
sender, receiver = ends = socket.socketpair()
for end in ends:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)


def recv(count):
    for _ in range(count):
        sender.send(data)
        missing = size
        while missing > 0:
            missing -= len(receiver.recv(missing))


def recv_into(count):
    for _ in range(count):
        sender.send(data)
        received = receiver.recv_into(buffer)
        while received < size:
            received += receiver.recv_into(memoryview(buffer)[received:])


rounds.serve(recv_into if sys.argv[2] == "recv-into" else recv)
