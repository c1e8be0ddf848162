// How many handles a process has open: `handle-count PROCESS`. Wine answers 0 to
// GetProcessHandleCount, but lists those of all processes.
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <winternl.h>

// SYSTEM_HANDLE_INFORMATION_EX
struct handles {
  ULONG_PTR count;
  ULONG_PTR reserved;
  struct {
    void* object;
    ULONG_PTR process;
    ULONG_PTR handle;
    ULONG access;
    USHORT trace;
    USHORT type;
    ULONG attributes;
    ULONG unused;
  } list[];
};

#define SystemExtendedHandleInformation ((SYSTEM_INFORMATION_CLASS)64)

int main(int count, char** arguments) {
  const ULONG_PTR process = count > 1 ? strtoul(arguments[1], NULL, 10) : 0;
  ULONG size = 1 << 24;
  struct handles* all = malloc(size);
  if (!all || NtQuerySystemInformation(SystemExtendedHandleInformation, all, size, NULL) != 0)
    return 1;
  unsigned found = 0;
  for (ULONG_PTR index = 0; index < all->count; index++)
    found += all->list[index].process == process;
  printf("%u\n", found);
  return 0;
}
