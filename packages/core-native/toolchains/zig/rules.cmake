# zig caches what it compiled, but not where it is to list the headers as well.
set(CMAKE_DEPFILE_FLAGS_CXX "")
