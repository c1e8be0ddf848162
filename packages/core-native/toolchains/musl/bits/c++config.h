// Debian's libstdc++ is configured for glibc. What it says of the C library that musl has not, or
// under another name, is corrected here. It stands before the compiler's own folder of headers.
#pragma once
#include_next <bits/c++config.h>

#define __locale_t locale_t
#undef _GLIBCXX_USE_PTHREAD_COND_CLOCKWAIT
#undef _GLIBCXX_USE_PTHREAD_MUTEX_CLOCKLOCK
