# SPDX-License-Identifier: GPL-3.0-or-later
add_executable(history_series parity/history_series.cpp)
set_target_properties(history_series PROPERTIES AUTOMOC OFF)
target_link_libraries(history_series PRIVATE Pissarro::core)
add_test(NAME parity.history
  COMMAND "${PISSARRO_DEPS}/peers/bin/python" "${CMAKE_CURRENT_SOURCE_DIR}/parity/history_parity.py"
    --tool "$<TARGET_FILE:history_series>" --shared "${PISSARRO_SHARED}")
set_tests_properties(parity.history PROPERTIES LABELS "parity;golden" SKIP_RETURN_CODE 77)
