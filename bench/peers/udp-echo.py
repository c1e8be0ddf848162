# A UDP echo server that blocks, which writes its port to its standard output.
import socket

SIZE = 64

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    data, address = server.recvfrom(SIZE)
    server.sendto(data, address)
