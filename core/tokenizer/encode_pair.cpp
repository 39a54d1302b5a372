// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <utility>

namespace pissarro::core::inline tokenizer {
namespace {

// How many ids of two texts stay where `room` have room: the shorter one whole where it can be, as Hugging Face's
// "longest_first" has it.
std::pair<std::size_t, std::size_t> keptOf(std::size_t first, std::size_t second, std::size_t room)
{
    if (first + second <= room) {
        return {first, second};
    }
    std::size_t shorter = std::min(first, second);
    std::size_t longer = shorter > room ? shorter : std::max(shorter, room - shorter);
    if (shorter + longer > room) {
        shorter = room / 2;
        longer = shorter + room % 2;
    }
    return first <= second ? std::pair(shorter, longer) : std::pair(longer, shorter);
}

} // namespace

EncodedPair Tokenizer::encodePair(std::string_view first,
                                  const std::optional<std::string_view>& second,
                                  std::size_t maxLength, const JobContext& job) const
{
    const auto& items = second ? m_frame.pair : m_frame.single;
    std::vector<std::int32_t> a = encode(first, false, job);
    std::vector<std::int32_t> b =
        second ? encode(*second, false, job) : std::vector<std::int32_t>();
    const auto special = static_cast<std::size_t>(
        std::count_if(items.begin(), items.end(), [](const auto& item) { return item.id >= 0; }));
    EncodedPair out;
    if (maxLength > 0) {
        if (special > maxLength) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("the maximum length is {}, but the tokenizer puts {} special "
                                    "tokens around a text (expected more than that)",
                                    maxLength, special));
        }
        const auto [keptA, keptB] = keptOf(a.size(), b.size(), maxLength - special);
        out.cut = a.size() + b.size();
        a.resize(std::min(keptA, a.size()));
        b.resize(std::min(keptB, b.size()));
        out.cut -= a.size() + b.size();
    }
    for (const TextFrame::Item& item : items) {
        const auto& text = item.id == TextFrame::kFirst ? a : b;
        if (item.id >= 0) {
            out.ids.push_back(item.id);
        } else {
            out.ids.insert(out.ids.end(), text.begin(), text.end());
        }
        out.types.resize(out.ids.size(), item.type);
    }
    return out;
}

} // namespace pissarro::core::inline tokenizer
