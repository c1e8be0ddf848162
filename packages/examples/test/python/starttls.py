# A connection that begins in the clear and goes on under TLS: both sides of it.
import socket
import ssl
import sys

TIMEOUT = 10


def read_line(s):
    line = b''
    while not line.endswith(b'\n'):
        line += s.recv(1)
    return line.decode().rstrip()


def say(s, line):
    s.sendall(f'{line}\r\n'.encode())


def serve(key, certificate, port, host):
    listener = socket.create_server((host, port))
    print('Listening at', listener.getsockname(), flush=True)
    s, _ = listener.accept()
    s.settimeout(TIMEOUT)
    say(s, '220 ready')
    while read_line(s) != 'STARTTLS':
        say(s, '250 STARTTLS')
    say(s, '220 go ahead')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    secure = context.wrap_socket(s, server_side=True)
    while (line := read_line(secure)) != 'QUIT':
        print('Under TLS:', line)
        say(secure, f'250 {len(line)}')
    say(secure, '221 bye')
    secure.close()


def ask(host, port, certificate):
    s = socket.create_connection((host, port), TIMEOUT)
    print(read_line(s))
    for line in ('EHLO example', 'STARTTLS'):
        say(s, line)
        print(read_line(s))
    context = ssl.create_default_context(cafile=certificate)
    secure = context.wrap_socket(s, server_hostname='localhost')
    for line in ('EHLO again', 'NOOP', 'QUIT'):
        say(secure, line)
        print(read_line(secure))
    secure.close()


if sys.argv[1] == 'serve':
    serve(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
else:
    ask(sys.argv[2], int(sys.argv[3]), sys.argv[4])
