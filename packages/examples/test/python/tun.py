# Makes a TUN interface and answers a ping to each address of its network.
import fcntl
import os
import socket
import struct
import sys

name, network, count = sys.argv[1], sys.argv[2], float(sys.argv[3])
TUNSETIFF, IFF_TUN, IFF_NO_PI, IFF_UP = 0x400454CA, 1, 0x1000, 1
RTM_NEWLINK, RTM_NEWADDR, REQUEST_ACK, CREATE_EXCL, IFA_LOCAL = 16, 20, 0x5, 0x600, 2
ICMP, ECHO, ECHO_REPLY = 1, 8, 0

tun = os.open('/dev/net/tun', os.O_RDWR)
name = fcntl.ioctl(tun, TUNSETIFF, struct.pack('16sH22x', name.encode(), IFF_TUN | IFF_NO_PI))[:16].rstrip(b'\0').decode()
ifindex = socket.if_nametoindex(name)


def execute(kind, flags, body):
    route.send(struct.pack('IHHII', 16 + len(body), kind, REQUEST_ACK | flags, 1, 0) + body)
    error = struct.unpack_from('i', route.recv(8192), 16)[0]
    if error:
        raise OSError(-error, os.strerror(-error))


route = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
address, bits = network.split('/')
local = struct.pack('HH4s', 8, IFA_LOCAL, socket.inet_aton(address))
execute(RTM_NEWADDR, CREATE_EXCL, struct.pack('BBBBI', socket.AF_INET, int(bits), 0, 0, ifindex) + local)
execute(RTM_NEWLINK, 0, struct.pack('BxHiII', socket.AF_UNSPEC, 0, ifindex, IFF_UP, IFF_UP))
print(f'Answering at {name}')


def answer(packet):
    start = (packet[0] & 15) * 4
    if packet[0] >> 4 != 4 or packet[9] != ICMP or packet[start] != ECHO:
        return False
    packet[12:16], packet[16:20] = packet[16:20], packet[12:16]
    packet[start] = ECHO_REPLY
    total = int.from_bytes(packet[start + 2 : start + 4], 'big') + (ECHO << 8)
    packet[start + 2 : start + 4] = ((total & 0xFFFF) + (total >> 16)).to_bytes(2, 'big')
    return True


while count > 0:
    packet = bytearray(os.read(tun, 65535))
    if answer(packet):
        os.write(tun, packet)
        count -= 1
        print(socket.inet_ntoa(packet[12:16]), 'answers', socket.inet_ntoa(packet[16:20]))
