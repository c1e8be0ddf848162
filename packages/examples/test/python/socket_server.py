# A handler for each request, over TCP and over UDP at one port, which answers in capitals.
import signal
import socketserver
import sys
import threading


class Lines(socketserver.StreamRequestHandler):
    timeout = 5

    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())


class Datagram(socketserver.DatagramRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.read().upper())


class Failing:
    def handle_error(self, request, client_address):
        print('Failed:', client_address[0], sys.exc_info()[0].__name__, flush=True)


class TCPServer(Failing, socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


class UDPServer(Failing, socketserver.UDPServer):
    pass


with TCPServer((sys.argv[2], int(sys.argv[1])), Lines) as tcp:
    with UDPServer(tcp.server_address, Datagram) as udp:
        threading.Thread(target=udp.serve_forever, daemon=True).start()
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=tcp.shutdown).start())
        print('Listening at', tcp.server_address, flush=True)
        tcp.serve_forever()
        udp.shutdown()
