# SPDX-License-Identifier: GPL-3.0-or-later
# What the readers do with a file is one library: fuzz targets feed it by coverage, core.fuzz_finds by the inputs
# that are kept.
add_library(pissarro_fuzz_readers STATIC fuzz/readers.cpp fuzz/folder_readers.cpp fuzz/result_readers.cpp)
set_target_properties(pissarro_fuzz_readers PROPERTIES AUTOMOC OFF)
target_link_libraries(pissarro_fuzz_readers PUBLIC Pissarro::core)

pissarro_test(NAME core.fuzz_finds SOURCE fuzz/tst_fuzz_finds.cpp LINK pissarro_fuzz_readers LABELS core unit)

if(PISSARRO_FUZZ)
  add_custom_target(fuzz)
  foreach(reader safetensors gguf tokenizer_json jsonl table chat_template tokenizer_config older_tokenizer spec run_folder adapter_config index
      rank_map config spectrum_cache factor_cache marker trainer_state trainer_log event_file sweep sweep_folder evaluation
      tasks project quant_errors judged votes conversation)
    add_executable(fuzz_${reader} fuzz/fuzz_target.cpp fuzz/exact_mapping.cpp)
    target_compile_definitions(fuzz_${reader} PRIVATE PISSARRO_READER="${reader}")
    set_target_properties(fuzz_${reader} PROPERTIES AUTOMOC OFF)
    target_link_libraries(fuzz_${reader} PRIVATE pissarro_fuzz_readers)
    target_link_options(fuzz_${reader} PRIVATE -fsanitize=fuzzer -Wl,--wrap=mmap,--wrap=munmap,--wrap=madvise)
    add_dependencies(fuzz fuzz_${reader})
  endforeach()
endif()
