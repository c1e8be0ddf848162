# Answers to a name in the domain `local`, or asks for one, by multicast DNS.
import socket
import struct
import sys
import time

GROUP, PORT, TYPE_A, CLASS_IN, SECONDS = '224.0.0.251', 5353, 1, 1, 2


def encode_name(name):
    return b''.join(bytes([len(label)]) + label.encode() for label in name.split('.')) + b'\0'


def decode_name(packet, offset):
    labels, end = [], None
    while packet[offset]:
        if packet[offset] >= 0xC0:
            end = end or offset + 2
            offset = struct.unpack_from('!H', packet, offset)[0] & 0x3FFF
        else:
            labels.append(packet[offset + 1 : offset + 1 + packet[offset]].decode())
            offset += 1 + packet[offset]
    return '.'.join(labels), end or offset + 1


def open_socket(interface):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(('', PORT))
    membership = struct.pack('4s4s', socket.inet_aton(GROUP), socket.inet_aton(interface))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    return s


def asks_for(packet, name):
    _, flags, questions, _, _, _ = struct.unpack_from('!6H', packet)
    offset = 12
    for _ in range(0 if flags & 0x8000 else questions):
        asked, end = decode_name(packet, offset)
        if asked.lower() == name.lower() and struct.unpack_from('!H', packet, end)[0] == TYPE_A:
            return True
        offset = end + 4
    return False


def answer_to(packet, name):
    _, flags, questions, answers, _, _ = struct.unpack_from('!6H', packet)
    if not flags & 0x8000:
        return None
    offset = 12
    for _ in range(questions):
        offset = decode_name(packet, offset)[1] + 4
    for _ in range(answers):
        told, end = decode_name(packet, offset)
        kind, _, _, length = struct.unpack_from('!HHIH', packet, end)
        if told.lower() == name.lower() and kind == TYPE_A:
            return socket.inet_ntoa(packet[end + 10 : end + 10 + length])
        offset = end + 10 + length
    return None


mode, name, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
if mode == 'answer':
    s = open_socket(rest[1])
    record = encode_name(name) + struct.pack('!HHIH', TYPE_A, CLASS_IN | 0x8000, 120, 4) + socket.inet_aton(rest[0])
    print('Answering to', name, flush=True)
    while True:
        packet, _ = s.recvfrom(9000)
        if asks_for(packet, name):
            s.sendto(struct.pack('!6H', 0, 0x8400, 0, 1, 0, 0) + record, (GROUP, PORT))
else:
    s = open_socket(rest[0])
    question = struct.pack('!6H', 0, 0, 1, 0, 0, 0) + encode_name(name) + struct.pack('!HH', TYPE_A, CLASS_IN)
    s.sendto(question, (GROUP, PORT))
    end = time.monotonic() + SECONDS
    try:
        address = None
        while address is None:
            s.settimeout(max(end - time.monotonic(), 0.001))
            address = answer_to(s.recv(9000), name)
        print(address)
    except socket.timeout:
        print('nobody answers')
        sys.exit(1)
