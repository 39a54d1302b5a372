# SPDX-License-Identifier: GPL-3.0-or-later
add_test(NAME parity.serve
  COMMAND "${PISSARRO_DEPS}/peers/bin/python" "${CMAKE_CURRENT_SOURCE_DIR}/parity/serve_parity.py"
    --cli "$<TARGET_FILE:pissarro-cli>" --shared "${PISSARRO_SHARED}")
# Not in the CI until it has been seen to pass: its tolerances are guesses.
set_tests_properties(parity.serve PROPERTIES LABELS "parity;golden;slow" SKIP_RETURN_CODE 77)
