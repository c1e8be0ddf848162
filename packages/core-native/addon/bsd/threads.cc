#include "posix/system.h"

namespace bsd_sockets {

int StartThread(pthread_t* thread, void* (*run)(void*), void* data) {
  return pthread_create(thread, nullptr, run, data);
}

void JoinThread(pthread_t thread) { pthread_join(thread, nullptr); }

void MaskSignals(const sigset_t* mask, sigset_t* before) {
  pthread_sigmask(SIG_SETMASK, mask, before);
}

}  // namespace bsd_sockets
