#pragma once

#include <cstdint>
#include <vector>

// The numbers that the C headers of this platform give, under the names of constants.tsv and
// errnos.txt.

namespace bsd_sockets {

struct Constant {
  const char* name;
  int64_t value;
  // True if the headers lack the name and the number is the Linux kernel's.
  bool from_abi;
};

struct Errno {
  const char* name;
  int value;
};

// Only the names that this platform has, in the order of the lists.
const std::vector<Constant>& Constants();
const std::vector<Errno>& Errnos();

}  // namespace bsd_sockets
