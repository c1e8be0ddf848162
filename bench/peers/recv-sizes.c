// recv-sizes SIZE ASKED: sends messages of SIZE bytes into one end of a unix socketpair, and
// receives them at the other by calls that ask for ASKED bytes.
#include <sys/socket.h>

#include "rounds.h"

static const int kSocketBuffer = 256 * 1024;
// So much fits in at once: of a longer message one such piece after the other is sent and received.
static const size_t kPiece = 128 * 1024;

static int ends[2];
static size_t size;
static size_t piece;
static size_t asked;
static char* data;
static char* buffer;

static void work(long count) {
  for (size_t pieces = count * (size / piece); pieces > 0; pieces--) {
    send_all(ends[0], data, piece);
    for (size_t received = 0; received < piece;) {
      received += must("recv", recv(ends[1], buffer, asked, 0));
    }
  }
}

int main(int count, char** arguments) {
  if (count < 3) abort();
  size = strtoul(arguments[1], NULL, 10);
  asked = strtoul(arguments[2], NULL, 10);
  piece = size < kPiece ? size : kPiece;
  data = calloc(piece, 1);
  buffer = calloc(asked, 1);
  if (!data || !buffer) abort();
  must("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  for (int end = 0; end < 2; end++) {
    must("setsockopt", setsockopt(ends[end], SOL_SOCKET, SO_SNDBUF, &kSocketBuffer, sizeof(int)));
    must("setsockopt", setsockopt(ends[end], SOL_SOCKET, SO_RCVBUF, &kSocketBuffer, sizeof(int)));
  }
  start_idle_thread();
  serve(work);
  return 0;
}
