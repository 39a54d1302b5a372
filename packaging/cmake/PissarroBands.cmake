# SPDX-License-Identifier: GPL-3.0-or-later
# pissarro_band(NAME LINK [PUBLIC …] [PRIVATE …] [SOURCES …] [PCH header])
#
# A static library of core, pissarro_core_NAME, of the folders that packaging/layers lists in the band. The kernels, each
# compiled for its instruction set, are listed by SOURCES. CONFIGURE_DEPENDS notices new files.
set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/packaging/layers")

function(pissarro_band name)
  cmake_parse_arguments(B "" "PCH" "LINK;SOURCES" ${ARGN})
  set(patterns "")
  file(STRINGS "${PROJECT_SOURCE_DIR}/packaging/layers" lines REGEX "^${name} ")
  foreach(line ${lines})
    string(REGEX MATCH "^[a-z]+ +=? *(core/[^ ]+)" matched "${line}")
    if(matched AND NOT CMAKE_MATCH_1 STREQUAL "core/kernels")
      list(APPEND patterns "${PROJECT_SOURCE_DIR}/${CMAKE_MATCH_1}/*.cpp")
    endif()
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${patterns})
  if(NOT sources)
    message(FATAL_ERROR "packaging/layers lists no folder with sources in the band ${name}")
  endif()
  add_library(pissarro_core_${name} STATIC ${sources} ${B_SOURCES})
  add_library(Pissarro::core_${name} ALIAS pissarro_core_${name})
  target_link_libraries(pissarro_core_${name} ${B_LINK})
  if(B_PCH) # named from the root, not by its path: ccache then knows it again in another copy of the tree
    target_precompile_headers(pissarro_core_${name} PRIVATE <${B_PCH}>)
  endif()
endfunction()
