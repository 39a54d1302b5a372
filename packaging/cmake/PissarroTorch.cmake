# SPDX-License-Identifier: GPL-3.0-or-later
# LibTorch from the torch wheel, as an imported target of our own: find_package(Torch) of this wheel demands a CUDA
# toolkit. libtorch_cuda is not linked; core loads it at start where it is there (core/base/torch_runtime.cpp).
file(GLOB PISSARRO_TORCH_DIRS "${PISSARRO_DEPS}/venv/lib/python3*/site-packages/torch")
list(LENGTH PISSARRO_TORCH_DIRS count)
if(NOT count EQUAL 1)
  message(FATAL_ERROR "LibTorch not found below ${PISSARRO_DEPS}/venv: run ./dev setup first")
endif()
list(GET PISSARRO_TORCH_DIRS 0 PISSARRO_TORCH_DIR)

add_library(pissarro_torch INTERFACE)
add_library(Pissarro::torch ALIAS pissarro_torch)
target_include_directories(pissarro_torch SYSTEM INTERFACE
  "${PISSARRO_TORCH_DIR}/include" "${PISSARRO_TORCH_DIR}/include/torch/csrc/api/include")
target_compile_definitions(pissarro_torch INTERFACE _GLIBCXX_USE_CXX11_ABI=1)
# at::parallel_for is a header: without OpenMP in our own files it runs on one thread, silently. The wheel brings the
# libgomp that LibTorch uses; a second one in the process would double the threads.
# ThreadSanitizer does not know libgomp's barriers and takes what they order for races: there it stays on one thread.
if(NOT PISSARRO_SANITIZE MATCHES "thread")
  target_compile_options(pissarro_torch INTERFACE -fopenmp)
endif()
target_link_libraries(pissarro_torch INTERFACE
  "${PISSARRO_TORCH_DIR}/lib/libtorch_cpu.so" "${PISSARRO_TORCH_DIR}/lib/libc10.so"
  "${PISSARRO_TORCH_DIR}/lib/libgomp.so.1")
# The CUDA wheel's libtorch_cpu.so needs libcudart and libcupti even where there is no GPU; they lie in wheels beside it
# and libtorch_cpu.so's own run path finds them.
target_link_options(pissarro_torch INTERFACE -Wl,--allow-shlib-undefined)
