// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/decoder/decoder_tensors.h"
#include "core/infer/engine.h"
#include "core/infer/prompt_ids_p.h"
#include "core/text/message_text.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>

namespace pissarro::core::inline infer {

void requireRows(const session::Choir& choir, std::size_t voice,
                 const std::vector<std::int32_t>& ids, const std::string& name)
{
    if (ids.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{} is empty (expected at least one token)", name));
    }
    const std::int64_t vocabulary = choir.decoder->config().vocabulary;
    const auto beyond = std::find_if(ids.begin(), ids.end(),
                                     [&](std::int32_t id) { return id < 0 || id >= vocabulary; });
    if (beyond != ids.end()) {
        const Tokenizer& tokenizer = *choir.voices[voice].tokenizer;
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{} holds the token {}, for which the model's embedding has no row "
                                "(expected ids below {}); leave it out",
                                name, shownText(tokenizer.piece(*beyond), 40), vocabulary));
    }
}

std::vector<std::int32_t> promptIds(const session::Choir& choir, std::size_t voice,
                                    std::string_view text, bool addSpecial, const std::string& name,
                                    const JobContext& job)
{
    auto ids = choir.voices[voice].tokenizer->encode(text, addSpecial, job);
    requireRows(choir, voice, ids, name);
    return ids;
}

} // namespace pissarro::core::inline infer
