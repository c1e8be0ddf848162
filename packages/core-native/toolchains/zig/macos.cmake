# From macOS 12 on. Node has the names that the addon asks for.
include(${CMAKE_CURRENT_LIST_DIR}/zig.cmake)
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-s -Wl,-undefined,dynamic_lookup")
# CMake asks for it, and nothing is installed.
set(CMAKE_INSTALL_NAME_TOOL install_name_tool)
