#include <linux/rtnetlink.h>
#include <net/if.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "posix/system.h"

namespace bsd_sockets {

namespace {

constexpr size_t kLongestName = 127;             // ALTIFNAMSIZ, with its NUL 128
constexpr unsigned short kAlternativeName = 53;  // IFLA_ALT_IFNAME, which old headers do not have

struct Request {
  nlmsghdr header;
  ifinfomsg link;
  rtattr attribute;
  char name[kLongestName + 1];
};

struct Answer {
  nlmsghdr header;
  // What follows it, the rest of which counts for nothing here.
  union {
    ifinfomsg link;
    nlmsgerr error;
  };
};

unsigned AskForLongName(int fd, const char* name, size_t length) {
  Request request{};
  request.header.nlmsg_len = offsetof(Request, name) + NLMSG_ALIGN(length + 1);
  request.header.nlmsg_type = RTM_GETLINK;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  request.attribute.rta_len = RTA_LENGTH(length + 1);
  request.attribute.rta_type = kAlternativeName;
  memcpy(request.name, name, length);
  Answer answer{};
  // The kernel has answered when it has taken the request.
  if (send(fd, &request, request.header.nlmsg_len, 0) < 0) return 0;
  if (recv(fd, &answer, sizeof(answer), 0) < 0) return 0;
  if (answer.header.nlmsg_type == RTM_NEWLINK) return answer.link.ifi_index;
  errno = -answer.error.error;
  return 0;
}

}  // namespace

unsigned InterfaceIndex(const char* name) {
  const size_t length = strlen(name);
  // The C library knows no name that is longer than the field of its ioctl.
  if (length < IF_NAMESIZE || length > kLongestName) return if_nametoindex(name);
  const int fd = OpenSocket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, false);
  if (fd < 0) return 0;
  const unsigned index = AskForLongName(fd, name, length);
  const int error = errno;
  CloseDescriptor(fd);
  errno = error;
  return index;
}

}  // namespace bsd_sockets
