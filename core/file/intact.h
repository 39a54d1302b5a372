// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace pissarro::core::inline file {

class MappedFile;

// A file that is cut short while it is mapped, or that its disk can no longer give, would end the process (SIGBUS). Here it
// reads as zeros from there on, and counts as broken; whoever has computed with mapped bytes asks before the result counts.
// Threads: any.

// Throws: Error{Io} with the path when the mapped file that holds `data` is broken. Cost: a look at each file that is mapped.
void requireIntact(const void* data);

// For MappedFile alone: from the mapping on until it ends.
void watchMapping(const MappedFile& file);
void forgetMapping(const MappedFile& file);

} // namespace pissarro::core::inline file
