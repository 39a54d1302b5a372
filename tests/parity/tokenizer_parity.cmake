# SPDX-License-Identifier: GPL-3.0-or-later
add_test(NAME parity.tokenizers
  COMMAND "${PISSARRO_DEPS}/peers/bin/python" "${CMAKE_CURRENT_SOURCE_DIR}/parity/tokenizer_parity.py"
    --cli "$<TARGET_FILE:pissarro-cli>" --deps "${PISSARRO_DEPS}" --shared "${PISSARRO_SHARED}")
add_test(NAME parity.vocabularies
  COMMAND "${PISSARRO_DEPS}/peers/bin/python" "${CMAKE_CURRENT_SOURCE_DIR}/parity/vocab_parity.py"
    --cli "$<TARGET_FILE:pissarro-cli>" --shared "${PISSARRO_SHARED}")
set_tests_properties(parity.tokenizers parity.vocabularies PROPERTIES LABELS "parity;golden" SKIP_RETURN_CODE 77)
