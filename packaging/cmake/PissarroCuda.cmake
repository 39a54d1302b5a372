# SPDX-License-Identifier: GPL-3.0-or-later
# The kernels for NVIDIA cards as Pissarro::cuda_kernels, where nvcc is found and its major version is that of the CUDA
# runtime LibTorch brings: there is one runtime in the process. Without them LibTorch's operators do the same.
option(PISSARRO_CUDA "Compile the CUDA kernels where a CUDA toolkit is present" ON)
if(NOT PISSARRO_CUDA)
  return()
endif()

include(CheckLanguage)
if(NOT CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES all-major)
endif()
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  message(STATUS "CUDA kernels: no nvcc; on a GPU LibTorch's operators take their place")
  return()
endif()
file(GLOB runtime "${PISSARRO_TORCH_DIR}/../nvidia/cu*/lib/libcudart.so.*")
string(REGEX MATCH "libcudart\\.so\\.([0-9]+)$" matched "${runtime}")
set(runtime_major "${CMAKE_MATCH_1}")
enable_language(CUDA)
string(REGEX MATCH "^[0-9]+" toolkit_major "${CMAKE_CUDA_COMPILER_VERSION}")
if(NOT matched OR NOT toolkit_major STREQUAL runtime_major)
  message(STATUS "CUDA kernels: nvcc is ${CMAKE_CUDA_COMPILER_VERSION}, LibTorch's runtime ${runtime_major}; "
    "on a GPU LibTorch's operators take their place")
  return()
endif()
message(STATUS "CUDA kernels: nvcc ${CMAKE_CUDA_COMPILER_VERSION}")

add_library(pissarro_cuda_kernels STATIC kernels/cuda/four_bit_cuda.cu)
add_library(Pissarro::cuda_kernels ALIAS pissarro_cuda_kernels)
set_target_properties(pissarro_cuda_kernels PROPERTIES
  CUDA_RUNTIME_LIBRARY None POSITION_INDEPENDENT_CODE ON
  CUDA_STANDARD 17) # CMake 3.25 does not know that nvcc can do more
target_include_directories(pissarro_cuda_kernels PRIVATE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(pissarro_cuda_kernels INTERFACE PISSARRO_CUDA_KERNELS)
target_link_libraries(pissarro_cuda_kernels PUBLIC "${runtime}")
