#include <pthread.h>
#include <signal.h>

#include "posix/system.h"

// glibc 2.32 and 2.34 gave these names new versions when they moved to another library. The oldest
// is in all of them. It is said in the assembler's words, which link-time optimization would lose:
// this file is compiled without it. AddressSanitizer has names of its own.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#if defined(__x86_64__)
#define BSD_SOCKETS_OLDEST "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define BSD_SOCKETS_OLDEST "GLIBC_2.17"
#endif
#endif
#ifdef BSD_SOCKETS_OLDEST
__asm__(".symver pthread_create, pthread_create@" BSD_SOCKETS_OLDEST);
__asm__(".symver pthread_join, pthread_join@" BSD_SOCKETS_OLDEST);
__asm__(".symver pthread_sigmask, pthread_sigmask@" BSD_SOCKETS_OLDEST);
#endif

namespace bsd_sockets {

int StartThread(pthread_t* thread, void* (*run)(void*), void* data) {
  return pthread_create(thread, nullptr, run, data);
}

void JoinThread(pthread_t thread) { pthread_join(thread, nullptr); }

void MaskSignals(const sigset_t* mask, sigset_t* before) {
  pthread_sigmask(SIG_SETMASK, mask, before);
}

}  // namespace bsd_sockets
