// capture-send PROGRAM [ARGUMENT...]: floods bench0 with frames of 64 bytes, and answers with the
// processor time of a program that receives them at bench1, for as many frames as were sent: what
// was lost is taken to have cost as much as what came. The program writes a number when it is
// ready, and the number of frames at the last one of a round.
#include <poll.h>

#include "capture.h"

enum { kPatience = 100 };

static int sender;
static char frame[kFrame];

static void send_frame(char last) {
  frame[kLast] = last;
  must("send", send(sender, frame, kFrame, 0));
}

// The last frame may be lost too: then it is sent again.
static long ask_received(void) {
  struct pollfd answer = {.fd = fileno(server_output), .events = POLLIN};
  do send_frame(1);
  while (must("poll", poll(&answer, 1, kPatience)) == 0);
  long received;
  if (fscanf(server_output, "%ld", &received) == 1) return received;
  fputs("the receiver has ended\n", stderr);
  exit(1);
}

int main(int count, char** arguments) {
  if (count < 2) return 2;
  memset(frame, 0xff, 6);
  frame[12] = (char)(kEtherType >> 8);
  frame[13] = (char)(kEtherType & 0xff);
  sender = must("socket", socket(AF_PACKET, SOCK_RAW, 0));
  bind_to_interface(sender, "bench0", 0);
  start_server(arguments + 1, SOCK_RAW, NULL);
  long frames;
  long long sent = 0;
  long long lost = 0;
  while (scanf(" run %ld", &frames) == 1) {
    const long long used = processor_time();
    for (long missing = frames - 1; missing > 0; missing--) send_frame(0);
    const long received = ask_received();
    // The time of another process may be told late: of a short round as nothing.
    printf("%lld\n", (processor_time() - used) * frames / received + 1);
    fflush(stdout);
    sent += frames;
    lost += received < frames ? frames - received : 0;
  }
  fprintf(stderr, "note: %.2f %% of %lld frames lost\n", 100.0 * lost / (sent ? sent : 1), sent);
  stop_server();
  return 0;
}
