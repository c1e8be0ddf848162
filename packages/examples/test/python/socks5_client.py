# Asks a SOCKS5 proxy for connections, and prints how it answers and what comes through.
import socket
import struct
import sys

proxy, echo, closed = (int(argument) for argument in sys.argv[1:4])


def ask(kind, host, port, command=1):
    s = socket.create_connection(('127.0.0.1', proxy))
    s.sendall(bytes([5, 2, 0, 2]))
    assert s.recv(2) == bytes([5, 0])
    s.sendall(bytes([5, command, 0, kind]) + host + struct.pack('!H', port))
    return s, s.recv(4)[1]


for kind, host in ((1, socket.inet_aton('127.0.0.1')), (3, b'\x09localhost')):
    s, code = ask(kind, host, echo)
    s.recv(100)
    data = bytes(range(256)) * 1000
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)
    received = b''
    while part := s.recv(65536):
        received += part
    print(code, received == data)
print(ask(1, socket.inet_aton('127.0.0.1'), closed)[1])
print(ask(1, socket.inet_aton('127.0.0.1'), echo, command=2)[1])
print(ask(9, b'', echo)[1])
