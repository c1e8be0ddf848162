# Finds the routers on the way to a host, by the error queue of a socket.
import select
import socket
import struct
import sys

IP_RECVERR, TIME_EXCEEDED, PORT = 11, 11, 33434
host, most_hops, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
target = socket.getaddrinfo(host, PORT, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
poller = select.poll()
poller.register(s, 0)


def probe(ttl):
    s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
    s.sendto(b'where are you?', (target, PORT + ttl))
    if not poller.poll(seconds * 1000):
        return '*', False
    _, ancdata, _, _ = s.recvmsg(512, socket.CMSG_SPACE(64), socket.MSG_ERRQUEUE)
    for level, kind, data in ancdata:
        if (level, kind) == (socket.IPPROTO_IP, IP_RECVERR):
            _, _, icmp_type, _, _, _, _ = struct.unpack('IBBBBII', data[:16])
            return socket.inet_ntoa(data[20:24]), icmp_type != TIME_EXCEEDED


for ttl in range(1, most_hops + 1):
    answer, is_end = probe(ttl)
    print(ttl, answer)
    if is_end:
        break
s.close()
