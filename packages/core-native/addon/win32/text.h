#pragma once

#include <string>

namespace bsd_sockets {

// UTF-8 for JavaScript, UTF-16 for Windows. What is neither becomes the replacement character.
std::wstring Wide(const std::string& text);
std::string Narrow(const wchar_t* text);

}  // namespace bsd_sockets
