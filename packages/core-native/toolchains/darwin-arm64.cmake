set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR arm64)
set(ZIG_TARGET aarch64-macos.12.0.0)
include(${CMAKE_CURRENT_LIST_DIR}/zig/macos.cmake)
