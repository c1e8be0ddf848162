#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <type_traits>

// A system call without libc in between: in a process with threads its own functions pay for thread
// cancellation at every call, and after a system call its code is no longer in the processor's
// caches.

namespace bsd_sockets {

template <typename Argument>
long Word(Argument argument) {
  if constexpr (std::is_pointer_v<Argument>) {
    return reinterpret_cast<long>(argument);
  } else {
    return static_cast<long>(argument);
  }
}

#if defined(__x86_64__)

inline long Enter(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

#elif defined(__aarch64__)

inline long Enter(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc #0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
}

#else

inline long Enter(long number, long a, long b, long c, long d, long e, long f) {
  const long result = syscall(number, a, b, c, d, e, f);
  return result < 0 ? -errno : result;
}

#endif

// As syscall(2): the result, or -1 with errno set. The kernel's errnos are below 4096.
template <typename A, typename B, typename C, typename D = long, typename E = long,
          typename F = long>
long SystemCall(long number, A a, B b, C c, D d = 0, E e = 0, F f = 0) {
  const long result = Enter(number, Word(a), Word(b), Word(c), Word(d), Word(e), Word(f));
  if (result >= 0) return result;
  errno = static_cast<int>(-result);
  return -1;
}

}  // namespace bsd_sockets

// A send or a receive. Built with the option LIBC it calls the C library, where preloaded libraries
// see it.
#ifdef BSD_SOCKETS_LIBC
#define ENTER(name, ...) ::name(__VA_ARGS__)
#else
#define ENTER(name, ...) SystemCall(SYS_##name, __VA_ARGS__)
#endif
