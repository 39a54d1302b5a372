# SPDX-License-Identifier: GPL-3.0-or-later
# Programs of ./dev bench; no tests.
add_executable(bench_gui "${CMAKE_CURRENT_LIST_DIR}/bench_gui.cpp")
target_link_libraries(bench_gui PRIVATE Pissarro::ui)
add_executable(bench_quant "${CMAKE_CURRENT_LIST_DIR}/bench_quant.cpp")
target_link_libraries(bench_quant PRIVATE Pissarro::core Pissarro::torch)
add_executable(bench_library "${CMAKE_CURRENT_LIST_DIR}/bench_library.cpp")
target_link_libraries(bench_library PRIVATE Pissarro::ui)
add_executable(bench_chat "${CMAKE_CURRENT_LIST_DIR}/bench_chat.cpp")
target_link_libraries(bench_chat PRIVATE Pissarro::core)
add_executable(bench_tokenizer "${CMAKE_CURRENT_LIST_DIR}/bench_tokenizer.cpp")
target_link_libraries(bench_tokenizer PRIVATE Pissarro::core_plain)
