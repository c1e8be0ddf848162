// The names of Node-API are those of the running program, whatever it is called: node.exe under
// another name, Electron, a single executable. cmake-js brings its own hook where MSVC compiles.
#ifndef _MSC_VER

#include <cstring>

#include "win32/winsock.h"

static FARPROC WINAPI FindProgram(unsigned event, PDelayLoadInfo info) {
  // binutils since 2.43 has the table of addresses, which is written now, in a section that is
  // read-only.
  DWORD before;
  if (event == dliStartProcessing) {
    VirtualProtect(info->ppfn, sizeof(*info->ppfn), PAGE_READWRITE, &before);
  }
  if (event != dliNotePreLoadLibrary || _stricmp(info->szDll, "node.exe") != 0) return nullptr;
  return reinterpret_cast<FARPROC>(GetModuleHandleW(nullptr));
}

extern "C" {
extern PfnDliHook __pfnDliNotifyHook2;
PfnDliHook __pfnDliNotifyHook2 = FindProgram;
}

#endif
