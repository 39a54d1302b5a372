# SPDX-License-Identifier: GPL-3.0-or-later
# One of each kind of layer in the CI; making all of them and trying them takes ten minutes.
set(_only --only qwen3,llama-rope-yarn,gemma2,gemma3,phi3-longrope,olmo2,gpt2,falcon-40b,glm4,cohere)
foreach(_name tiny2 tiny2_all)
  add_test(NAME parity.${_name}
    COMMAND "${PISSARRO_DEPS}/peers/bin/python" "${CMAKE_CURRENT_SOURCE_DIR}/parity/tiny2_parity.py"
      --cli "$<TARGET_FILE:pissarro-cli>" --shared "${PISSARRO_SHARED}" ${_only})
  set_tests_properties(parity.${_name} PROPERTIES LABELS "parity" SKIP_RETURN_CODE 77)
  set(_only)
endforeach()
set_tests_properties(parity.tiny2_all PROPERTIES LABELS "parity;slow")
