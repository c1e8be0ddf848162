# Debian: g++-aarch64-linux-gnu on x64, g++ on arm64
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_SHARED_LINKER_FLAGS_INIT -s)
