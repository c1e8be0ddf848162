# Receives the frames of bench1, a call for each.
import socket

ETHER_TYPE = 0x88B5
LAST = 14
SO_RCVBUFFORCE = 33  # Linux's; CPython has no name for it
RECEIVE_BUFFER = 4 * 1024 * 1024

receiver = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
receiver.bind(("bench1", ETHER_TYPE))
print(1, flush=True)
received = 0
while True:
    frame = receiver.recv(2048)
    received += 1
    if frame[LAST] == 1:
        print(received, flush=True)
        received = 0
