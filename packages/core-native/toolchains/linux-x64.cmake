# Debian: g++ on x64, g++-x86-64-linux-gnu elsewhere
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_CXX_COMPILER x86_64-linux-gnu-g++)
set(CMAKE_SHARED_LINKER_FLAGS_INIT -s)
