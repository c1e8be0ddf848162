#pragma once

#include <node_api.h>

#include <map>
#include <string_view>

namespace bsd_sockets {

// The functions that JavaScript calls, by the names that they have there (`bindings.ts` has their
// types).
using Bindings = std::map<std::string_view, napi_callback>;

// Adds those of the platform. What it leaves out answers ENOSYS.
void AddPlatformBindings(Bindings& bindings);

}  // namespace bsd_sockets
