# A name server for a few names, over UDP and TCP, or a question to one.
import socket
import struct
import sys
import threading

TYPE_A, TYPE_AAAA, CLASS_IN, NO_SUCH_NAME, TRUNCATED = 1, 28, 1, 3, 0x0200
TTL, MOST_UDP, TIMEOUT = 60, 512, 5


def encode_name(name):
    return b''.join(bytes([len(label)]) + label.encode() for label in name.split('.')) + b'\0'


def question(packet):
    labels, offset = [], 12
    while packet[offset]:
        labels.append(packet[offset + 1 : offset + 1 + packet[offset]].decode('latin-1'))
        offset += 1 + packet[offset]
    return '.'.join(labels).lower(), struct.unpack_from('!H', packet, offset + 1)[0], offset + 5


def respond(packet, addresses, most):
    name, kind, end = question(packet)
    known = addresses.get(name)
    records = []
    for address in known or []:
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        if kind == (TYPE_AAAA if family == socket.AF_INET6 else TYPE_A):
            data = socket.inet_pton(family, address)
            records.append(struct.pack('!HHHIH', 0xC00C, kind, CLASS_IN, TTL, len(data)) + data)
    flags = 0x8400 | (packet[2] & 1) << 8 | (0 if known else NO_SUCH_NAME)

    def build(flags, records):
        return packet[:2] + struct.pack('!5H', flags, 1, len(records), 0, 0) + packet[12:end] + b''.join(records)

    whole = build(flags, records)
    return whole if len(whole) <= most else build(flags | TRUNCATED, [])


def exactly(s, size):
    data = b''
    while len(data) < size:
        part = s.recv(size - len(data))
        if not part:
            return None
        data += part
    return data


def receive_packet(s):
    length = exactly(s, 2)
    return length and exactly(s, struct.unpack('!H', length)[0])


def framed(packet):
    return struct.pack('!H', len(packet)) + packet


def serve_udp(s, addresses):
    while True:
        packet, client = s.recvfrom(65536)
        s.sendto(respond(packet, addresses, MOST_UDP), client)


def serve_connection(connection, addresses):
    with connection:
        connection.settimeout(TIMEOUT)
        while packet := receive_packet(connection):
            connection.sendall(framed(respond(packet, addresses, 65535)))


def serve(port, host, entries):
    addresses = {}
    for entry in entries:
        name, address = entry.split('=')
        addresses.setdefault(name.lower(), []).append(address)
    listener = socket.create_server((host, port))
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(listener.getsockname())
    print('Listening at', s.getsockname(), flush=True)
    threading.Thread(target=serve_udp, args=(s, addresses), daemon=True).start()
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve_connection, args=(connection, addresses), daemon=True).start()


def addresses_in(packet):
    offset = question(packet)[2]
    for _ in range(struct.unpack_from('!H', packet, 6)[0]):
        length = struct.unpack_from('!H', packet, offset + 10)[0]
        family = socket.AF_INET6 if length == 16 else socket.AF_INET
        yield socket.inet_ntop(family, packet[offset + 12 : offset + 12 + length])
        offset += 12 + length


def ask(over, host, port, name):
    for kind in (TYPE_A, TYPE_AAAA):
        packet = struct.pack('!6H', 0x1234, 0x0100, 1, 0, 0, 0) + encode_name(name) + struct.pack('!HH', kind, CLASS_IN)
        if over == 'udp':
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.settimeout(TIMEOUT)
            s.connect((host, port))
            s.send(packet)
            answer = s.recv(MOST_UDP)
        else:
            s = socket.create_connection((host, port), TIMEOUT)
            s.sendall(framed(packet))
            answer = receive_packet(s)
        s.close()
        flags = struct.unpack_from('!H', answer, 2)[0]
        told = ['truncated'] if flags & TRUNCATED else ['no such name'] if flags & 15 == NO_SUCH_NAME else []
        print('A' if kind == TYPE_A else 'AAAA', ' '.join(told + list(addresses_in(answer))))


if sys.argv[1] == 'serve':
    serve(int(sys.argv[2]), sys.argv[3], sys.argv[4:])
else:
    ask(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
