// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/decoder/decoder_tensors.h"
#include "core/infer/masked_likelihood_p.h"
#include "core/text/message_text.h"
#include "core/tokenizer/tokenizer.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace pissarro::core::inline infer {

std::vector<double> maskedLikelihoods(const session::Choir& choir, const Continuation& one,
                                      std::int64_t tokensAtOnce, const JobContext& job)
{
    using Ids = std::vector<std::int32_t>;
    const Decoder& decoder = *choir.decoder;
    const Tokenizer* const tokenizer = choir.voices[one.voice].tokenizer.get();
    const bool hasMask = tokenizer != nullptr && tokenizer->maskId() >= 0
        && tokenizer->maskId() < decoder.config().vocabulary;
    if (decoder.config().head.kind != HeadKind::Masked || !hasMask) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{}: is an encoder ({}) that finds no hidden tokens (expected one "
                                "with its head for them, and a tokenizer with a mask token)",
                                shownPath(choir.files->path()), decoder.config().architecture));
    }
    Ids text = one.context;
    text.insert(text.end(), one.ids.begin(), one.ids.end());
    std::vector<std::size_t> hidden;
    for (std::size_t at = one.context.size(); at < text.size(); ++at) {
        if (!tokenizer->isSpecial(text[at])) {
            hidden.push_back(at);
        }
    }
    const auto length = static_cast<std::int64_t>(text.size());
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(1, tokensAtOnce / length));
    std::vector<double> found;
    for (std::size_t first = 0; first < hidden.size(); first += most) {
        std::vector<Ids> ids;
        std::vector<Ids> labels;
        for (std::size_t i = first; i < std::min(first + most, hidden.size()); ++i) {
            ids.push_back(text);
            labels.emplace_back(text.size(), kIgnoreLabel);
            labels.back()[hidden[i]] = text[hidden[i]];
            ids.back()[hidden[i]] = tokenizer->maskId();
        }
        const at::Tensor losses =
            decoder.losses(flatten(ids, labels, {}, decoder.device()), job).to(at::kCPU);
        for (std::int64_t i = 0; i < losses.size(0); ++i) {
            found.push_back(-losses[i].item<double>());
        }
    }
    return found;
}

} // namespace pissarro::core::inline infer
