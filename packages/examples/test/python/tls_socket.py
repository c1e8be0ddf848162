# TLS on blocking sockets: both sides of wrap_socket.
import socket
import ssl
import sys


def serve(key, certificate, port, host):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server((host, port)) as listener:
        print('Listening at', listener.getsockname(), flush=True)
        plain, _ = listener.accept()
    with context.wrap_socket(plain, server_side=True) as secure, secure.makefile('rb') as lines:
        for line in lines:
            secure.sendall(line.upper())


def ask(host, port, certificate):
    context = ssl.create_default_context(cafile=certificate)
    plain = socket.create_connection((host, port), timeout=10)
    with context.wrap_socket(plain, server_hostname='localhost') as secure, secure.makefile('rb') as lines:
        for word in (b'hello', b'blocking'):
            secure.sendall(word + b'\n')
            print(lines.readline().decode().rstrip())


if sys.argv[1] == 'serve':
    serve(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
else:
    ask(sys.argv[2], int(sys.argv[3]), sys.argv[4])
