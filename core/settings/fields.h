// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/settings/field.h"
#include "core/settings/quant_options.h"
#include "core/settings/svd_options.h"

#include <vector>

namespace pissarro::core::inline settings {

// The settings of the option structs, which several verbs and RunSpec hold whole: a row here is a flag of each.
std::vector<Field<FastSvd>> fastSvdFields(); // niter, oversampling
std::vector<Field<SvdOptions>> svdFields(); // svd and those
std::vector<Field<QuantOptions>> quantFields(); // quant_type, quant_block, double_quant

} // namespace pissarro::core::inline settings
