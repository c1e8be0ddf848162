# Debian: g++ and musl-tools on x64. Debian has no C++ library for musl, so this takes glibc's: its headers, corrected by those in
# musl/, and its names. The systems that have Node for musl bring a libstdc++ of their own.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_CXX_COMPILER x86_64-linux-gnu-g++)
set(NEEDS musl-gcc)
# No program can be linked, only a library.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

function(ask_compiler option result)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} ${option} OUTPUT_VARIABLE answer OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(${result} ${answer} PARENT_SCOPE)
endfunction()
ask_compiler(-dumpversion version)
ask_compiler(-print-file-name=include builtin)
ask_compiler(-print-file-name=crtbeginS.o begin)
ask_compiler(-print-file-name=crtendS.o end)

# The kernel's headers without glibc's beside them.
set(kernel ${CMAKE_BINARY_DIR}/kernel)
file(MAKE_DIRECTORY ${kernel})
foreach(folder /usr/include/linux /usr/include/asm-generic /usr/include/x86_64-linux-gnu/asm)
  get_filename_component(name ${folder} NAME)
  file(CREATE_LINK ${folder} ${kernel}/${name} SYMBOLIC)
endforeach()

# cmake-js gives CMAKE_CXX_FLAGS a value of its own.
add_compile_options(-nostdinc "-D__GLIBC_PREREQ(major,minor)=0")
foreach(folder ${CMAKE_CURRENT_LIST_DIR}/musl /usr/include/c++/${version} /usr/include/x86_64-linux-gnu/c++/${version}
        /usr/include/x86_64-linux-musl ${builtin} ${kernel})
  add_compile_options("SHELL:-isystem ${folder}")
endforeach()
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-s -nostdlib -L/usr/lib/x86_64-linux-musl ${begin}")
set(CMAKE_CXX_STANDARD_LIBRARIES_INIT "${end} -lstdc++ -lgcc_s -lc")
