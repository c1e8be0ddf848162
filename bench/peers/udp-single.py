# udp-single send|recv|pktinfo: datagrams of 64 bytes over UDP loopback, one a call.
import socket
import struct
import sys

import rounds

SIZE = 64
QUEUED = 512  # so many find room in the receiver's queue
RECEIVE_BUFFER = 1024 * 1024
CONTROL = socket.CMSG_SPACE(12)
IP_PKTINFO = 8  # Linux's; CPython has no name for it before 3.14

receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
receiver.bind(("127.0.0.1", 0))
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.connect(receiver.getsockname())
data = bytes(SIZE)


def send(count):
    for _ in range(count):
        sender.send(data)


def queued(receive):
    """Has the datagrams sent first, which is not counted."""

    def work(count):
        while count > 0:
            size = min(count, QUEUED)
            rounds.uncounted(send, size)
            receive(size)
            count -= QUEUED

    return work


def recv(count):
    for _ in range(count):
        receiver.recvfrom(SIZE)


def pktinfo(count):
    for _ in range(count):
        _, ancdata, _, _ = receiver.recvmsg(SIZE, CONTROL)
        for level, kind, content in ancdata:
            if level == socket.IPPROTO_IP and kind == IP_PKTINFO:
                ifindex, spec_dst, addr = struct.unpack("=i4s4s", content)
                info = (ifindex, socket.inet_ntoa(spec_dst), socket.inet_ntoa(addr))
        if info[0] == 0:
            raise ValueError("no interface")


kind = sys.argv[1]
if kind == "pktinfo":
    receiver.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
rounds.serve({"send": send, "recv": queued(recv), "pktinfo": queued(pktinfo)}[kind])
