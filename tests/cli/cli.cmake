# SPDX-License-Identifier: GPL-3.0-or-later
# Tests that run the real pissarro-cli as a process; they link core_base to make and read its files.
foreach(area usage inspect spectrum advise advise_quant compare train generate follow quant)
  pissarro_test(NAME cli.${area} SOURCE cli/tst_${area}.cpp LINK Pissarro::core_base LABELS cli)
  target_sources(tst_cli_${area} PRIVATE cli/tiny_model.cpp cli/cli_process.cpp)
  add_dependencies(tst_cli_${area} pissarro-cli)
endforeach()

# Kills by the clock: under a sanitizer they would all come before the first step.
pissarro_test(NAME cli.survive SOURCE cli/tst_survive.cpp LINK Pissarro::core_base LABELS cli slow TIMEOUT 600)
target_sources(tst_cli_survive PRIVATE cli/tiny_model.cpp cli/cli_process.cpp)
add_dependencies(tst_cli_survive pissarro-cli)

pissarro_test(NAME cli.hostile SOURCE cli/tst_hostile.cpp LINK Pissarro::core_base LABELS cli TIMEOUT 600)
target_sources(tst_cli_hostile PRIVATE cli/hostile_models.cpp cli/hostile_texts.cpp cli/hostile_weights.cpp
  cli/measured_cli.cpp cli/tiny_model.cpp cli/cli_process.cpp)
add_dependencies(tst_cli_hostile pissarro-cli)

add_test(NAME lint.layers COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/cli/lint_layers.sh" "${PROJECT_SOURCE_DIR}")
set_tests_properties(lint.layers PROPERTIES LABELS "lint" TIMEOUT 120)
