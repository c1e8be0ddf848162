# A server of several processes that share one listening socket.
import os
import signal
import socket
import sys

TIMEOUT = 5
listener = socket.create_server((sys.argv[3], int(sys.argv[1])), backlog=128)
running, ending = set(), False


def child():
    while True:
        try:
            client, _ = listener.accept()
            with client:
                client.settimeout(TIMEOUT)
                client.sendall(b'%d got ' % os.getpid() + client.recv(1024))
        except OSError:
            pass


def start():
    pid = os.fork()
    if pid == 0:
        child()
    running.add(pid)


def end(*_):
    global ending
    ending = True
    for pid in running:
        os.kill(pid, signal.SIGKILL)


for _ in range(int(sys.argv[2])):
    start()
signal.signal(signal.SIGTERM, end)
print('Listening at', listener.getsockname(), flush=True)
while running:
    running.discard(os.wait()[0])
    if not ending:
        start()
