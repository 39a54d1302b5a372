# SPDX-License-Identifier: GPL-3.0-or-later
# Compiler flags of our own code, in one place.
add_library(pissarro_flags INTERFACE)
target_compile_options(pissarro_flags INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast
  $<$<BOOL:${PISSARRO_WERROR}>:-Werror>)
target_include_directories(pissarro_flags INTERFACE "${PROJECT_SOURCE_DIR}")
if(PISSARRO_SANITIZE)
  target_compile_options(pissarro_flags INTERFACE -fsanitize=${PISSARRO_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(pissarro_flags INTERFACE -fsanitize=${PISSARRO_SANITIZE})
endif()
if(PISSARRO_FUZZ) # code under test tells libFuzzer where it has been, and a report ends the run
  target_compile_options(pissarro_flags INTERFACE -fsanitize=fuzzer-no-link -fno-sanitize-recover=all)
endif()

find_program(PISSARRO_CCACHE ccache)
if(PISSARRO_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${PISSARRO_CCACHE}")
endif()
