# SPDX-License-Identifier: GPL-3.0-or-later
add_test(NAME parity.tiny2
  COMMAND "${PISSARRO_DEPS}/peers/bin/python" "${CMAKE_CURRENT_SOURCE_DIR}/parity/tiny2_parity.py"
    --cli "$<TARGET_FILE:pissarro-cli>" --shared "${PISSARRO_SHARED}")
set_tests_properties(parity.tiny2 PROPERTIES LABELS "parity" SKIP_RETURN_CODE 77)
