#pragma once

#include <cstddef>
#include <cstdint>

// The numbers that the C headers of this platform give, under the names of constants.tsv and
// errnos.txt.

namespace bsd_sockets {

struct Constant {
  const char* name;
  int64_t value;
  // True if the name is not in the headers and the number is that of the system's interface.
  bool from_abi;
};

struct Errno {
  const char* name;
  int value;
};

// The elements of an array.
template <typename Element>
class List {
 public:
  template <size_t Count>
  List(const Element (&elements)[Count]) : begin_(elements), end_(elements + Count) {}
  const Element* begin() const { return begin_; }
  const Element* end() const { return end_; }

 private:
  const Element* begin_;
  const Element* end_;
};

// Only the names that this platform has, in the order of the lists.
List<Constant> Constants();
List<Errno> Errnos();

}  // namespace bsd_sockets
