# SPDX-License-Identifier: GPL-3.0-or-later
# Compiler and linker flags of our own code, in one place.
add_library(pissarro_flags INTERFACE)
target_compile_options(pissarro_flags INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast
  $<$<BOOL:${PISSARRO_WERROR}>:-Werror>)
target_include_directories(pissarro_flags INTERFACE "${PROJECT_SOURCE_DIR}")

# Hardening, the same for every distribution; tests/packaging/binaries.sh looks at each program for it. The checks of
# libstdc++ cost nothing where time is spent: kernels and products run on raw pointers.
set(pissarro_cxx $<COMPILE_LANGUAGE:CXX>)
target_compile_definitions(pissarro_flags INTERFACE $<${pissarro_cxx}:_GLIBCXX_ASSERTIONS>)
target_compile_options(pissarro_flags INTERFACE $<${pissarro_cxx}:-fstack-protector-strong>)
if(PISSARRO_ASSERTIONS) # behind the -DNDEBUG of the build type
  target_compile_options(pissarro_flags INTERFACE $<${pissarro_cxx}:-UNDEBUG>)
  target_compile_definitions(pissarro_flags INTERFACE $<${pissarro_cxx}:QT_FORCE_ASSERTS>)
endif()
string(APPEND CMAKE_CXX_FLAGS " -fPIE") # here, before a target's options: the -fPIC that Qt demands has to win
if(NOT PISSARRO_SANITIZE) # a sanitizer has checks of its own, which the fortified functions would hide from it
  set(optimized $<CONFIG:Release,RelWithDebInfo,MinSizeRel>) # without -O the header only warns
  target_compile_options(pissarro_flags INTERFACE
    "$<$<AND:${pissarro_cxx},${optimized}>:SHELL:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>")
endif()
target_link_options(pissarro_flags INTERFACE
  $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie> -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)

if(PISSARRO_SANITIZE)
  target_compile_options(pissarro_flags INTERFACE -fsanitize=${PISSARRO_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(pissarro_flags INTERFACE -fsanitize=${PISSARRO_SANITIZE})
endif()
if(PISSARRO_FUZZ) # code under test tells libFuzzer where it has been, and a report ends the run
  target_compile_options(pissarro_flags INTERFACE -fsanitize=fuzzer-no-link -fno-sanitize-recover=all)
endif()

# Programs find LibTorch by its absolute folder, in the build tree and installed. CMake's own build path ends in a
# separator, and the loader reads the empty element behind it as the current folder.
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON) # Qt and others outside the system's folders

# ccache takes precompiled headers and other copies of this tree only when told so.
find_program(PISSARRO_CCACHE ccache)
if(PISSARRO_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    CCACHE_NOHASHDIR=1 "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" "${PISSARRO_CCACHE}")
endif()
