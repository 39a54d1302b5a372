# SPDX-License-Identifier: GPL-3.0-or-later
# Tests that run the real pissarro-cli as a process; they link core to make and read its files.
foreach(area threads usage operations data score eval inspect spectrum advise advise_quant compare compare_runs runs models train sweep generate checkpoint runs_as_models follow quant outputs)
  pissarro_test(NAME cli.${area} SOURCE cli/tst_${area}.cpp LINK Pissarro::core LABELS cli)
endforeach()

pissarro_test(NAME cli.survive SOURCE cli/tst_survive.cpp LINK Pissarro::core LABELS cli)
# Faults of the disk, by a library that is loaded before the C library.
add_library(pissarro_faults MODULE tools/faults.cpp)
target_link_libraries(pissarro_faults PRIVATE pissarro_flags ${CMAKE_DL_LIBS})
pissarro_test(NAME cli.survive_outputs SOURCE cli/tst_survive_outputs.cpp LINK Pissarro::core LABELS cli)
pissarro_test(NAME cli.survive_memory SOURCE cli/tst_survive_memory.cpp LINK Pissarro::core LABELS cli)
# Signals at moments of the clock, with limits that only a verb breaks that does not hear them.
pissarro_test(NAME cli.stop SOURCE cli/tst_stop.cpp LINK Pissarro::core LABELS cli slow)
# Four verbs of it, in phases that they tell of or that last for hours, so that the CI, which leaves out what is slow, holds
# that a verb ends when it is told to.
add_test(NAME cli.stop_few COMMAND tests_cli cli.stop
  "everyPhase_endsWhenItIsTold:train, 700 ms in the phase"
  "everyPhase_endsWhenItIsTold:eval, own, 2000 ms in the phase"
  "everyPhase_endsWhenItIsTold:sweep, 0 ms in the phase"
  "everyPhase_endsWhenItIsTold:export, 0 ms in the phase")
_pissarro_hang_limit(cli.stop_few)
get_test_property(cli.stop ENVIRONMENT stop_environment)
string(REPLACE "/xdg/cli.stop/" "/xdg/cli.stop_few/" stop_environment "${stop_environment}")
set_tests_properties(cli.stop_few PROPERTIES LABELS "cli" ENVIRONMENT "${stop_environment}")
pissarro_test(NAME cli.hostile SOURCE cli/tst_hostile.cpp LINK Pissarro::core LABELS cli)

# What they share: the process, the tiny model, the hostile inputs.
file(GLOB cli_support CONFIGURE_DEPENDS cli/*.cpp)
list(FILTER cli_support EXCLUDE REGEX "/tst_[^/]*$")
target_sources(tests_cli PRIVATE ${cli_support})
target_compile_definitions(tests_cli PRIVATE PISSARRO_FAULTS="$<TARGET_FILE:pissarro_faults>")
add_dependencies(tests_cli pissarro-cli pissarro_faults)

add_test(NAME lint.layers COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/cli/lint_layers.sh" "${PROJECT_SOURCE_DIR}")
set_tests_properties(lint.layers PROPERTIES LABELS "lint")
add_test(NAME lint.budgets COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/cli/lint_budgets.sh" "${PROJECT_SOURCE_DIR}")
set_tests_properties(lint.budgets PROPERTIES LABELS "lint")
add_test(NAME lint.guide_fields COMMAND python3 "${PROJECT_SOURCE_DIR}/tests/tools/guide_fields.py" --check)
set_tests_properties(lint.guide_fields PROPERTIES LABELS "lint")
add_test(NAME lint.words COMMAND python3 "${PROJECT_SOURCE_DIR}/tests/tools/words.py" --check)
set_tests_properties(lint.words PROPERTIES LABELS "lint" SKIP_RETURN_CODE 77)
