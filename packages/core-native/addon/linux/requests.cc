// Only the kernel's headers: C libraries define some of these names otherwise.
#include <asm/ioctls.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/ioctl.h>
#include <linux/sockios.h>

#include <cstddef>
#include <cstdint>

namespace bsd_sockets {

namespace {

// SOCK_IOC_TYPE, which older headers do not have.
constexpr uint32_t kOfSockets = 0x89;

// What a request takes that tells no size of its own, or another one; 0 for others.
size_t StructureSize(uint32_t request) {
  switch (request) {
    case SIOCGIFNAME:
    case SIOCGIFFLAGS:
    case SIOCSIFFLAGS:
    case SIOCGIFADDR:
    case SIOCSIFADDR:
    case SIOCGIFDSTADDR:
    case SIOCSIFDSTADDR:
    case SIOCGIFBRDADDR:
    case SIOCSIFBRDADDR:
    case SIOCGIFNETMASK:
    case SIOCSIFNETMASK:
    case SIOCGIFMETRIC:
    case SIOCSIFMETRIC:
    case SIOCGIFMTU:
    case SIOCSIFMTU:
    case SIOCSIFNAME:
    case SIOCSIFHWADDR:
    case SIOCGIFHWADDR:
    case SIOCADDMULTI:
    case SIOCDELMULTI:
    case SIOCGIFINDEX:
    case SIOCDIFADDR:
    case SIOCSIFHWBROADCAST:
    case SIOCGIFTXQLEN:
    case SIOCSIFTXQLEN:
    case SIOCGIFMAP:
    case SIOCSIFMAP:
    case TUNSETIFF:
    case TUNGETIFF:
    case TUNSETQUEUE:
      return sizeof(ifreq);
    case SIOCGIFCONF:
      return sizeof(ifconf);
    case FIOGETOWN:
    case FIONREAD:
    case FIOSETOWN:
    case SIOCATMARK:
    case SIOCGPGRP:
    case SIOCOUTQNSD:
    case SIOCSPGRP:
    case TIOCGETD:
    case TIOCOUTQ:
    case TIOCSETD:
      return sizeof(int);
    default:
      return 0;
  }
}

}  // namespace

size_t RequestSize(uint32_t request) {
  const size_t size = StructureSize(request);
  if (size > 0) return size;
  return _IOC_DIR(request) == _IOC_NONE ? 0 : _IOC_SIZE(request);
}

bool TakesAddress(uint32_t request) {
  // Of the requests of sockets, few of which tell it, none takes a number.
  return _IOC_TYPE(request) == kOfSockets || StructureSize(request) > 0 ||
         (_IOC_DIR(request) & _IOC_READ) != 0;
}

}  // namespace bsd_sockets
