# Serves the files of a folder by TFTP, or gets or puts one.
import os
import socket
import struct
import sys
import threading

READ, WRITE, DATA, ACK, ERROR = 1, 2, 3, 4, 5
BLOCK, TIMEOUT, TRIES = 512, 1, 5


class Transfer:
    def __init__(self, s, peer, is_known):
        self.socket, self.peer, self.is_known = s, peer, is_known
        s.settimeout(TIMEOUT)

    def send(self, packet):
        self.socket.sendto(packet, self.peer)

    def exchange(self, packet, op, block):
        for _ in range(TRIES):
            self.send(packet)
            try:
                while True:
                    answer, address = self.socket.recvfrom(4 + BLOCK)
                    if self.is_known and address != self.peer:
                        continue
                    kind, number = struct.unpack_from('!HH', answer)
                    if kind == ERROR:
                        sys.exit(answer[4:].rstrip(b'\0').decode())
                    if (kind, number) == (op, block & 0xFFFF):
                        self.peer, self.is_known = address, True
                        return answer[4:]
            except socket.timeout:
                pass
        sys.exit('the peer does not answer')

    def receive(self, path, packet):
        with open(path, 'wb') as file:
            block = 0
            while True:
                block += 1
                data = self.exchange(packet, DATA, block)
                file.write(data)
                packet = struct.pack('!HH', ACK, block & 0xFFFF)
                if len(data) < BLOCK:
                    break
        self.send(packet)

    def transmit(self, path):
        with open(path, 'rb') as file:
            block = 0
            while True:
                block += 1
                data = file.read(BLOCK)
                self.exchange(struct.pack('!HH', DATA, block & 0xFFFF) + data, ACK, block)
                if len(data) < BLOCK:
                    break


def answer(folder, host, packet, client):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((host, 0))
        transfer = Transfer(s, client, True)
        path = os.path.join(folder, os.path.basename(packet[2:].split(b'\0')[0].decode()))
        try:
            if packet[1] == READ:
                transfer.transmit(path)
            else:
                transfer.receive(path, struct.pack('!HH', ACK, 0))
        except FileNotFoundError:
            transfer.send(struct.pack('!HH', ERROR, 1) + b'File not found\0')


if sys.argv[1] == 'serve':
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((sys.argv[4], int(sys.argv[3])))
    print('Listening at', s.getsockname(), flush=True)
    while True:
        packet, client = s.recvfrom(600)
        threading.Thread(target=answer, args=(sys.argv[2], sys.argv[4], packet, client), daemon=True).start()
else:
    mode, host, port, name, path = sys.argv[1:6]
    transfer = Transfer(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), (host, int(port)), False)
    head = struct.pack('!H', READ if mode == 'get' else WRITE) + name.encode() + b'\0octet\0'
    if mode == 'get':
        transfer.receive(path, head)
    else:
        transfer.exchange(head, ACK, 0)
        transfer.transmit(path)
    print('Got' if mode == 'get' else 'Put', name)
