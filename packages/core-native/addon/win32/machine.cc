#include "win32/machine.h"

#include <napi.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "integral.h"
#include "win32/libuv.h"
#include "win32/text.h"
#include "win32/winsock.h"

namespace bsd_sockets {

namespace {

Napi::Value TextBytes(Napi::Env env, const std::string& text) {
  return Napi::Buffer<char>::Copy(env, text.data(), text.size());
}

// Without the dot and the end of line that Windows has behind it.
std::string SystemText(DWORD code) {
  wchar_t text[512] = L"";
  DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr,
                                code, 0, text, ARRAYSIZE(text), nullptr);
  while (length > 0 && (text[length - 1] <= L' ' || text[length - 1] == L'.')) length--;
  text[length] = L'\0';
  return length > 0 ? Narrow(text) : "Winsock error " + std::to_string(code);
}

std::string InterfaceName(const NET_LUID& luid) {
  wchar_t name[NDIS_IF_MAX_STRING_SIZE + 1] = L"";
  return ConvertInterfaceLuidToNameW(&luid, name, ARRAYSIZE(name)) == NO_ERROR ? Narrow(name) : "";
}

}  // namespace

napi_value Gethostname(Environment& environment) {
  const Napi::Env env(environment.env());
  wchar_t name[256] = L"";
  DWORD length = ARRAYSIZE(name);
  if (!GetComputerNameExW(ComputerNamePhysicalDnsHostname, name, &length)) {
    return Napi::Number::New(env, -static_cast<double>(GetLastError()));
  }
  return TextBytes(env, Narrow(name));
}

napi_value IfNameindex(Environment& environment) {
  const Napi::Env env(environment.env());
  MIB_IF_TABLE2* table = nullptr;
  if (GetIfTable2Ex(MibIfTableRaw, &table) != NO_ERROR) return Napi::Number::New(env, -ENOMEM);
  Napi::Array list = Napi::Array::New(env);
  for (ULONG index = 0; index < table->NumEntries; index++) {
    const MIB_IF_ROW2& entry = table->Table[index];
    const std::string name = InterfaceName(entry.InterfaceLuid);
    if (name.empty()) continue;
    Napi::Array row = Napi::Array::New(env, 2);
    row[0u] = Napi::Number::New(env, entry.InterfaceIndex);
    row[1u] = TextBytes(env, name);
    list[list.Length()] = row;
  }
  FreeMibTable(table);
  return list;
}

int64_t IfNametoindex(Environment&, Bytes name) {
  NET_LUID luid;
  NET_IFINDEX index;
  if (ConvertInterfaceNameToLuidW(Wide(name.Text()).c_str(), &luid) != NO_ERROR ||
      ConvertInterfaceLuidToIndex(&luid, &index) != NO_ERROR) {
    return -ENODEV;
  }
  return index;
}

napi_value IfIndextoname(Environment& environment, double index) {
  const Napi::Env env(environment.env());
  NET_LUID luid;
  std::string name;
  if (ConvertInterfaceIndexToLuid(Integral<NET_IFINDEX>(index), &luid) == NO_ERROR) {
    name = InterfaceName(luid);
  }
  if (name.empty()) return Napi::Number::New(env, -ENXIO);
  return TextBytes(env, name);
}

napi_value Strerror(Environment& environment, int error) {
  switch (error + WSABASEERR) {
    case WSAEINTR:
    case WSAEBADF:
    case WSAEACCES:
    case WSAEFAULT:
    case WSAEINVAL:
    case WSAEMFILE:
      error += WSABASEERR;
  }
  return Napi::String::New(environment.env(), error < WSABASEERR
                                                  ? std::generic_category().message(error)
                                                  : SystemText(static_cast<DWORD>(error)));
}

napi_value GaiStrerror(Environment& environment, int code) {
  return Napi::String::New(environment.env(), SystemText(static_cast<DWORD>(code)));
}

int64_t Ioctl(Environment&, int fd, double request, Bytes argument) {
  const auto code = Integral<DWORD>(request);
  // A blocking socket would stop the event loop, and no worker could be ended. The mode is ours.
  if (code == static_cast<DWORD>(FIONBIO)) return -EINVAL;
  const auto length = static_cast<DWORD>(argument.length);
  DWORD written = 0;
  const int failed = WSAIoctl(SocketOf(fd), code, code & IOC_IN ? argument.data : nullptr,
                              code & IOC_IN ? length : 0, code & IOC_OUT ? argument.data : nullptr,
                              code & IOC_OUT ? length : 0, &written, nullptr, nullptr);
  return failed ? Failure() : written;
}

// Those of the BSD kind tell it, as POSIX platforms' do; Winsock's own do not.
int64_t IoctlSize(Environment&, double request) {
  const auto code = Integral<DWORD>(request);
  return code & (IOC_WS2 | IOC_PROTOCOL | IOC_VENDOR) & ~IOC_OUT & ~IOC_IN
             ? 0
             : static_cast<int64_t>(code >> 16 & IOCPARM_MASK);
}

int64_t Seek(Environment&, int file, double offset) {
  const Libuv& uv = Libuv::Get();
  if (!uv.get_osfhandle) return -ENOSYS;
  LARGE_INTEGER position;
  position.QuadPart = Integral<int64_t>(offset);
  return SetFilePointerEx(uv.get_osfhandle(file), position, nullptr, FILE_BEGIN) ? 0 : -EBADF;
}

}  // namespace bsd_sockets
