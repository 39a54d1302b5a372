# SPDX-License-Identifier: GPL-3.0-or-later
add_test(NAME parity.quant
  COMMAND "${PISSARRO_DEPS}/peers/bin/python" "${CMAKE_CURRENT_SOURCE_DIR}/parity/quant_parity.py"
    --cli "$<TARGET_FILE:pissarro-cli>" --shared "${PISSARRO_SHARED}" --deps "${PISSARRO_DEPS}")
set_tests_properties(parity.quant PROPERTIES LABELS "parity;golden" SKIP_RETURN_CODE 77)
