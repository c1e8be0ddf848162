#include <net/if.h>
#include <sys/ioctl.h>

#include "posix/system.h"

namespace bsd_sockets {

unsigned InterfaceIndex(const char* name) { return if_nametoindex(name); }

// Each request tells the size of what it takes, and whether that is at an address.
size_t RequestSize(uint32_t request) { return TakesAddress(request) ? IOCPARM_LEN(request) : 0; }

bool TakesAddress(uint32_t request) { return request & static_cast<uint32_t>(IOC_INOUT); }

}  // namespace bsd_sockets
