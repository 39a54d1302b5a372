// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/settings/fields.h"

namespace pissarro::core::inline settings {

namespace {

// bitsandbytes' block sizes: powers of two.
std::vector<std::int64_t> blockSizes()
{
    std::vector<std::int64_t> sizes;
    for (std::int64_t size = kQuantBlock; size <= kLargestQuantBlock; size *= 2) {
        sizes.push_back(size);
    }
    return sizes;
}

} // namespace

std::vector<Field<FastSvd>> fastSvdFields()
{
    return {
        memberField<&FastSvd::niter>({.key = "niter",
                                      .flag = "--niter",
                                      .label = "Power iterations",
                                      .help = "power iterations (fast)",
                                      .limits = FieldLimits {0, 1'000}}),
        memberField<&FastSvd::oversampling>({.key = "oversampling",
                                             .flag = "--oversampling",
                                             .label = "Oversampling",
                                             .help = "extra columns (fast)",
                                             .limits = FieldLimits {0, 65'536}}),
    };
}

std::vector<Field<SvdOptions>> svdFields()
{
    std::vector<Field<SvdOptions>> fields {
        memberField<&SvdOptions::kind>({.key = "svd",
                                        .flag = "--svd",
                                        .label = "SVD",
                                        .help = "exact decomposition, or randomised"}),
    };
    for (Field<FastSvd> field : fastSvdFields()) {
        fields.push_back(liftedField(std::move(field), &SvdOptions::fast));
    }
    return fields;
}

std::vector<Field<QuantOptions>> quantFields()
{
    return {
        memberField<&QuantOptions::type>({.key = "quant_type",
                                          .flag = "--type",
                                          .label = "Four bits",
                                          .help = "quantization of the base"}),
        memberField<&QuantOptions::blockSize>({.key = "quant_block",
                                               .flag = "--block",
                                               .label = "Block",
                                               .help = "values that share an absmax",
                                               .only = blockSizes()}),
        memberField<&QuantOptions::doubleQuant>({.key = "double_quant",
                                                 .flag = "--double-quant",
                                                 .label = "Absmax",
                                                 .help = "quantize the absmax values too"}),
    };
}

} // namespace pissarro::core::inline settings
