# Gives addresses to the hosts of a link, or asks for one, by DHCP.
import fcntl
import os
import socket
import struct
import sys

SERVER_PORT, CLIENT_PORT, LEASE, SECONDS = 67, 68, 3600, 5
DISCOVER, OFFER, REQUEST, ACK, NAK = 1, 2, 3, 5, 6
MASK, REQUESTED, LEASE_TIME, TYPE, SERVER, END = 1, 50, 51, 53, 54, 255
COOKIE = bytes.fromhex('63825363')
BOOTP = struct.Struct('!BBBBIHH4s4s4s4s16s64s128s')
NOTHING = bytes(4)


def encode(op, xid, chaddr, yiaddr, options):
    head = BOOTP.pack(op, 1, 6, 0, xid, 0, 0x8000, NOTHING, yiaddr, NOTHING, NOTHING, chaddr, b'', b'')
    return head + COOKIE + b''.join(bytes([tag, len(value)]) + value for tag, value in options.items()) + bytes([END])


def decode(packet):
    if packet[BOOTP.size : BOOTP.size + 4] != COOKIE:
        return None
    fields = BOOTP.unpack_from(packet)
    options, offset = {}, BOOTP.size + 4
    while offset + 1 < len(packet) and packet[offset] != END:
        tag, length = packet[offset], packet[offset + 1]
        options[tag] = packet[offset + 2 : offset + 2 + length]
        offset += 1 if tag == 0 else 2 + length
    return fields[0], fields[4], fields[11], fields[8], options


def open_socket(interface, port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b'\0')
    s.bind(('', port))
    return s


def serve(interface, address, first, count):
    leases, start = {}, struct.unpack('!I', socket.inet_aton(first))[0]
    s = open_socket(interface, SERVER_PORT)
    print('Serving at', interface, flush=True)
    while True:
        message = decode(s.recv(1500))
        if not message or message[0] != 1:
            continue
        _, xid, chaddr, _, options = message
        free = (struct.pack('!I', start + index) for index in range(count))
        given = leases.get(chaddr) or next(one for one in free if one not in leases.values())
        kind = options[TYPE][0]
        right = kind == DISCOVER or options.get(REQUESTED) == given
        if right:
            leases[chaddr] = given
        reply = {
            TYPE: bytes([OFFER if kind == DISCOVER else ACK if right else NAK]),
            SERVER: socket.inet_aton(address),
            LEASE_TIME: struct.pack('!I', LEASE),
            MASK: socket.inet_aton('255.255.255.0'),
        }
        s.sendto(encode(2, xid, chaddr, given if right else NOTHING, reply), ('255.255.255.255', CLIENT_PORT))


def ask(interface):
    xid = struct.unpack('!I', os.urandom(4))[0]
    s = open_socket(interface, CLIENT_PORT)
    s.settimeout(SECONDS)
    chaddr = fcntl.ioctl(s, 0x8927, struct.pack('256s', interface.encode()))[18:24]  # SIOCGIFHWADDR

    def exchange(options, expected):
        s.sendto(encode(1, xid, chaddr, NOTHING, options), ('255.255.255.255', SERVER_PORT))
        while True:
            message = decode(s.recv(1500))
            if message and message[0] == 2 and message[1] == xid and message[4][TYPE][0] in (expected, NAK):
                return message

    offer = exchange({TYPE: bytes([DISCOVER])}, OFFER)
    wanted = {TYPE: bytes([REQUEST]), REQUESTED: offer[3], SERVER: offer[4][SERVER]}
    answer = exchange(wanted, ACK)
    if answer[4][TYPE][0] == NAK:
        sys.exit('the server takes its offer back')
    seconds = struct.unpack('!I', answer[4][LEASE_TIME])[0]
    print(f'{socket.inet_ntoa(answer[3])} from {socket.inet_ntoa(answer[4][SERVER])} for {seconds} s')


if sys.argv[1] == 'serve':
    serve(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
else:
    ask(sys.argv[2])
