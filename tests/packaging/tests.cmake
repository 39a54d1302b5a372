# SPDX-License-Identifier: GPL-3.0-or-later
# Looks at every program that the tree builds; comes last, when all of them are known.
set(fortify plain)
if(CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$" AND NOT PISSARRO_SANITIZE)
  set(fortify fortified)
endif()
get_property(all DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
set(programs "$<TARGET_FILE:pissarro>" "$<TARGET_FILE:pissarro-cli>")
foreach(target ${all})
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    list(APPEND programs "$<TARGET_FILE:${target}>")
  endif()
endforeach()
add_test(NAME lint.binaries
  COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/packaging/binaries.sh" "${CMAKE_BINARY_DIR}" ${fortify} ${programs})
set_tests_properties(lint.binaries PROPERTIES LABELS "lint")

add_test(NAME packaging.hosts
  COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/packaging/hosts.sh" "${PROJECT_SOURCE_DIR}" "${PISSARRO_TORCH_DIR}")
set_tests_properties(packaging.hosts PROPERTIES LABELS "lint" TIMEOUT 1800)

add_test(NAME packaging.skips COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/packaging/skips.sh" "${PROJECT_SOURCE_DIR}")
set_tests_properties(packaging.skips PROPERTIES LABELS "lint" TIMEOUT 1800)

add_test(NAME packaging.clean COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/packaging/clean.sh" "${PROJECT_SOURCE_DIR}")
set_tests_properties(packaging.clean PROPERTIES LABELS "lint")
