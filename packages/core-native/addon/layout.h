#pragma once

#include <cstddef>
#include <vector>

// How the system's structures lie in memory, as the compiler measures them: `struct-layout.ts` has
// their fields by name, and no codec knows an offset that another platform has elsewhere.

namespace bsd_sockets {

struct FieldLayout {
  const char* name;
  size_t offset;
  size_t size;
};

struct StructLayout {
  const char* name;
  size_t size;
  size_t alignment;
  std::vector<FieldLayout> fields;
};

// A field's name is that of the header.
#define FIELD_LAYOUT(structure, field)                                  \
  {                                                                     \
#field, offsetof(struct structure, field), sizeof(structure::field) \
  }

// One for each structure of `struct-layout.ts` that the platform has.
std::vector<StructLayout> Layouts();

}  // namespace bsd_sockets
