# Asks who has the addresses of a network, by ARP, and prints who answers.
import fcntl
import ipaddress
import socket
import struct
import sys
import time

interface, network, seconds = sys.argv[1], ipaddress.ip_network(sys.argv[2]), float(sys.argv[3])
REQUEST, REPLY = 1, 2
ARP = struct.Struct('!HHBBH6s4s6s4s')


def interface_address(name):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        return fcntl.ioctl(s, 0x8915, struct.pack('256s', name.encode()))[20:24]  # SIOCGIFADDR


s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
s.bind((interface, 0x0806))
hardware = s.getsockname()[4]
address = interface_address(interface)
for host in network.hosts():
    request = ARP.pack(1, 0x0800, 6, 4, REQUEST, hardware, address, bytes(6), host.packed)
    s.sendto(request, (interface, 0x0806, 0, 0, b'\xff' * 6))

end = time.monotonic() + seconds
found = {}
while (left := end - time.monotonic()) > 0:
    s.settimeout(left)
    try:
        fields = ARP.unpack(s.recv(64)[: ARP.size])
    except socket.timeout:
        break
    if fields[4] == REPLY:
        found[ipaddress.ip_address(fields[6])] = fields[5].hex(':')
for host, hardware in sorted(found.items()):
    print(host, hardware)
s.close()
