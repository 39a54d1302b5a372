// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace pissarro::core::inline file {

// Whether a file that a marker allows by a name with "*" is this program's, which such a name alone cannot say:
// *.lock        empty, as every lock is that stands for another file: nothing is lost with it
// *tfevents*    TensorBoard's: its first record names this program as the writer; in runs of older
//               versions nobody, and all that follow are scalars of the six tags that a run has, which nobody else writes without naming himself
// *.jsonl       judgments: a line says of which question, and whose
// and any other by its name. An empty one always is. Never throws: what cannot be read is not ours.
bool isGrownHere(const std::filesystem::path& file);

} // namespace pissarro::core::inline file
