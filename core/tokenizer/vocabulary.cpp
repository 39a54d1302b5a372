// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/message_text.h"
#include "core/tokenizer/token_model_p.h"

namespace pissarro::core::inline tokenizer {

Vocabulary::Vocabulary(std::vector<std::string> pieces)
    : m_pieces(std::move(pieces))
{
    m_ids.reserve(m_pieces.size());
    for (std::size_t id = 0; id < m_pieces.size(); ++id) {
        if (m_pieces[id].empty()) {
            continue;
        }
        const auto [place, isNew] = m_ids.emplace(m_pieces[id], static_cast<std::int32_t>(id));
        if (!isNew) {
            throw Error(
                ErrorKind::Format,
                fmt::format("ids {} and {} have the same piece {} (expected one id for each)",
                            place->second, id, shownText(m_pieces[id])));
        }
    }
}

std::int32_t Vocabulary::find(std::string_view piece) const
{
    const auto place = m_ids.find(piece);
    return place == m_ids.end() ? -1 : place->second;
}

void Vocabulary::set(std::int32_t id, const std::string& piece)
{
    const auto index = static_cast<std::size_t>(id);
    if (index >= m_pieces.size()) {
        m_pieces.resize(index + 1);
    }
    const auto [place, isNew] = m_ids.emplace(piece, id);
    if (!isNew && place->second != id) {
        throw Error(ErrorKind::Format,
                    fmt::format("the token {} is added as id {} and is in the vocabulary as {}",
                                shownText(piece), id, place->second));
    }
    m_pieces[index] = piece;
}

} // namespace pissarro::core::inline tokenizer
