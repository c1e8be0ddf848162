# getaddrinfo HOST: looks up a host.
import socket
import sys

import rounds

host = sys.argv[1]


def work(count):
    for _ in range(count):
        socket.getaddrinfo(host, 80, 0, socket.SOCK_STREAM)


rounds.serve(work)
