// What g++'s headers use of libraries newer than the oldest that the published binaries should run
// on (docs/binaries.md). Defined here, only for this library, it is not looked for in those.

#include <cstdlib>

#define BSD_SOCKETS_LOCAL __attribute__((visibility("hidden")))

#ifdef __GLIBC__
extern "C" {
// glibc 2.32. False is always right: there may be other threads, and in Node there are.
BSD_SOCKETS_LOCAL char __libc_single_threaded = 0;
}
#endif

#ifdef __GLIBCXX__
namespace std {
// libstdc++ of GCC 11. What asks for more elements than there can be is a mistake of this library.
[[noreturn]] BSD_SOCKETS_LOCAL void __throw_bad_array_new_length() { abort(); }
}  // namespace std
#endif

#undef BSD_SOCKETS_LOCAL
