// What Debian's libstdc++ and libgcc_s, which were made for glibc, take from it and musl has not.
// With this a program for musl, linked to a C++ library for musl, runs with them: Debian has no
// such library. Only for tests (scripts/runtimes.mjs).
#include <locale.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>

char __libc_single_threaded = 0;

uint32_t arc4random(void) {
  uint32_t number;
  getrandom(&number, sizeof number, 0);
  return number;
}

unsigned long __getauxval(unsigned long type) { return getauxval(type); }

size_t __strftime_l(char* text, size_t size, const char* format, const struct tm* time,
                    locale_t locale) {
  return strftime_l(text, size, format, time, locale);
}

// What is local to a thread is not destroyed at its end.
int __cxa_thread_atexit_impl(void (*destroy)(void*), void* object, void* library) { return 0; }

// Not found: the unwinder asks dl_iterate_phdr(3) then.
int _dl_find_object(void* address, void* result) { return -1; }

// The features of the processor: none.
unsigned __cpu_model[4];
int __cpu_indicator_init(void) { return 0; }
