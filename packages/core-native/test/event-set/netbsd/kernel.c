// Starts the kernel of netbsd.h: linked behind its parts, whose own constructors name them to it,
// and before the program.
#include <stdlib.h>

int rump_init(void);

// Where the kernel's modules are listed. It looks for these names by dlsym(3), and the linker has
// them only where they are used.
extern char __start_link_set_modules[], __stop_link_set_modules[];
char* const kernel_modules[] = {__start_link_set_modules, __stop_link_set_modules};

__attribute__((constructor)) static void StartKernel(void) {
  if (rump_init() != 0) abort();
}
