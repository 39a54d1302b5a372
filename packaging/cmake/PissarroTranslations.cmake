# SPDX-License-Identifier: GPL-3.0-or-later
# pissarro_add_translations(TARGET): every resources/translations/*.ts becomes :/translations/*.qm of the target. By hand,
# since qt_add_translations of Qt 6.4 names no folder for what it makes and its resource cannot be asked for by name in a
# static library. tests/tools/words.py --update brings the .ts up to date with the sources.
function(pissarro_add_translations target)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/resources/translations/*.ts")
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/translations")
  set(list "<RCC><qresource prefix=\"/translations\">")
  foreach(source ${sources})
    get_filename_component(name "${source}" NAME_WE)
    set(made "${folder}/${name}.qm")
    add_custom_command(OUTPUT "${made}" DEPENDS "${source}" VERBATIM
      COMMAND Qt6::lrelease -silent "${source}" -qm "${made}" COMMENT "Translation ${name}")
    list(APPEND all "${made}")
    string(APPEND list "<file>${name}.qm</file>")
  endforeach()
  file(CONFIGURE OUTPUT "${folder}/translations.qrc" CONTENT "${list}</qresource></RCC>\n" @ONLY)
  set(code "${folder}/qrc_translations.cpp")
  add_custom_command(OUTPUT "${code}" DEPENDS ${all} "${folder}/translations.qrc" VERBATIM
    COMMAND Qt6::rcc --name translations -o "${code}" "${folder}/translations.qrc" COMMENT "Translations")
  set_source_files_properties("${code}" PROPERTIES SKIP_AUTOGEN ON SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE "${code}")
endfunction()
