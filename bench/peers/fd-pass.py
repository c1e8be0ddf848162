# Passes a descriptor over a unix socketpair with one byte, receives its duplicate and closes that.
import os
import socket

import rounds

sender, receiver = socket.socketpair()


def work(count):
    for _ in range(count):
        socket.send_fds(sender, [b"\0"], [sender.fileno()])
        _, fds, _, _ = socket.recv_fds(receiver, 1, 1)
        os.close(fds[0])


rounds.serve(work)
