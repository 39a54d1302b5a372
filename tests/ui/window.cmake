# SPDX-License-Identifier: GPL-3.0-or-later
pissarro_test(NAME ui.first_day SOURCE ui/tst_first_day.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.monkey SOURCE ui/tst_monkey.cpp LINK Pissarro::ui LABELS ui)
target_sources(tests_ui PRIVATE ui/monkey.cpp)
pissarro_test(NAME ui.window SOURCE ui/tst_window.cpp LINK Pissarro::ui LABELS ui)
# The counter of what the window's thread asks of the file system is loaded before everything; a sanitizer wants that place.
add_library(pissarro_file_calls MODULE tools/file_calls.cpp)
target_link_libraries(pissarro_file_calls PRIVATE pissarro_flags ${CMAKE_DL_LIBS})
pissarro_test(NAME ui.file_calls SOURCE ui/tst_file_calls.cpp LINK Pissarro::ui LABELS ui)
add_dependencies(tests_ui pissarro_file_calls)
if(NOT PISSARRO_SANITIZE)
  set_property(TEST ui.file_calls APPEND PROPERTY ENVIRONMENT "LD_PRELOAD=$<TARGET_FILE:pissarro_file_calls>")
endif()
