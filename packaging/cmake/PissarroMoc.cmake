# SPDX-License-Identifier: GPL-3.0-or-later
# pissarro_moc(FOLDER…): moc reads the files of all targets of these folders without the headers that they include
# (moc_alone.sh.in), as another program in its place.
get_target_property(moc Qt6::moc LOCATION)
configure_file("${CMAKE_CURRENT_LIST_DIR}/moc_alone.sh.in" "${PROJECT_BINARY_DIR}/moc_alone.sh" @ONLY
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

function(pissarro_moc)
  foreach(folder ${ARGN})
    get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
    foreach(target ${targets})
      set_target_properties(${target} PROPERTIES AUTOMOC_EXECUTABLE "${PROJECT_BINARY_DIR}/moc_alone.sh")
    endforeach()
  endforeach()
endfunction()
