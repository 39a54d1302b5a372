# SPDX-License-Identifier: GPL-3.0-or-later
# LibTorch from the torch wheel, as an imported target of our own: find_package(Torch) of this wheel demands a CUDA
# toolkit. libtorch_cuda is not linked; core loads it when a card is first asked for (core/tensor/devices.cpp).
set(PISSARRO_TORCH "" CACHE PATH "LibTorch to build with, the folder of include/ and lib/; empty: the wheel that ./dev fetched")
if(PISSARRO_TORCH)
  set(PISSARRO_TORCH_DIR "${PISSARRO_TORCH}")
else()
  file(GLOB PISSARRO_TORCH_DIR "${PISSARRO_DEPS}/venv/lib/python3*/site-packages/torch")
  list(LENGTH PISSARRO_TORCH_DIR count)
  if(NOT count EQUAL 1)
    message(FATAL_ERROR " LibTorch not found below ${PISSARRO_DEPS}/venv: run ./dev setup first, or give -DPISSARRO_TORCH=DIR")
  endif()
endif()
file(GLOB PISSARRO_GOMP "${PISSARRO_TORCH_DIR}/lib/libgomp*.so*")
foreach(part include/ATen/ATen.h lib/libtorch_cpu.so lib/libc10.so)
  if(NOT EXISTS "${PISSARRO_TORCH_DIR}/${part}")
    message(FATAL_ERROR " ${PISSARRO_TORCH_DIR} is no LibTorch: it lacks ${part}; -DPISSARRO_TORCH=DIR names the folder of include/ and lib/")
  endif()
endforeach()
# Where our programs look for it, and for the CUDA runtime that its wheel brings.
get_filename_component(site_packages "${PISSARRO_TORCH_DIR}" DIRECTORY)
file(GLOB cuda_runtime "${site_packages}/nvidia/cu[0-9]*/lib")
set(CMAKE_INSTALL_RPATH "${PISSARRO_TORCH_DIR}/lib" ${cuda_runtime})

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
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang") # calls a library of its own, where LibTorch's libgomp does not serve it
    target_link_options(pissarro_torch INTERFACE -fopenmp)
  endif()
endif()
target_link_libraries(pissarro_torch INTERFACE
  "${PISSARRO_TORCH_DIR}/lib/libtorch_cpu.so" "${PISSARRO_TORCH_DIR}/lib/libc10.so"
  ${PISSARRO_GOMP})
# The CUDA wheel's libtorch_cpu.so needs libcudart and libcupti even where there is no GPU; they lie in wheels beside it
# and libtorch_cpu.so's own run path finds them.
target_link_options(pissarro_torch INTERFACE -Wl,--allow-shlib-undefined)
