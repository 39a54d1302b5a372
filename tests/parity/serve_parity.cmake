# SPDX-License-Identifier: GPL-3.0-or-later
add_test(NAME parity.serve
  COMMAND "${PISSARRO_DEPS}/peers/bin/python" "${CMAKE_CURRENT_SOURCE_DIR}/parity/serve_parity.py"
    --cli "$<TARGET_FILE:pissarro-cli>" --shared "${PISSARRO_SHARED}")
set_tests_properties(parity.serve PROPERTIES LABELS "parity;golden" SKIP_RETURN_CODE 77)
