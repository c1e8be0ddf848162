"""CPython's side of the echo tests: echo_peer.py server|client inet|inet6|unix|udp ADDRESS..."""

import socket
import sys

role, kind, *where = sys.argv[1:]
family = {"inet": socket.AF_INET, "udp": socket.AF_INET, "inet6": socket.AF_INET6, "unix": socket.AF_UNIX}[kind]
address = where[0] if kind == "unix" else (where[1], int(where[0]))

with socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as s:
    s.settimeout(20)
    if role == "client":
        s.connect(address)
        s.sendall(b"Hello, world")
        print("Received", s.recv(1024).decode(), flush=True)
        if kind == "udp":
            s.send(b"")
        sys.exit()
    s.bind(address)
    if kind != "udp":
        s.listen(1)
    print("Listening at", s.getsockname(), flush=True)
    if kind == "udp":
        while True:
            data, sender = s.recvfrom(65535)
            if not data:
                break
            print("Datagram from", sender, flush=True)
            s.sendto(data, sender)
    else:
        conn, peer = s.accept()
        with conn:
            print("Connected by", peer, flush=True)
            while data := conn.recv(1024):
                conn.sendall(data)
