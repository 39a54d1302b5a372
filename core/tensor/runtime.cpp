// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/runtime.h"

#include <malloc.h>

namespace pissarro::core::inline tensor {

void keepFreedMemory()
{
    mallopt(M_MMAP_THRESHOLD, 32 << 20); // the largest that glibc takes
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

void returnFreedMemory()
{
    malloc_trim(0);
}

} // namespace pissarro::core::inline tensor
