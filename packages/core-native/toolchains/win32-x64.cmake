# Debian 13: g++-mingw-w64-ucrt64. Elsewhere `windows/root.sh` makes one, and prints the folder of these programs.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR AMD64)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32ucrt-g++)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32ucrt-windres)
set(CMAKE_DLLTOOL x86_64-w64-mingw32ucrt-dlltool)
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-static -s")
