set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(ZIG_TARGET x86_64-macos.12.0.0)
include(${CMAKE_CURRENT_LIST_DIR}/zig/macos.cmake)
