// SPDX-License-Identifier: GPL-3.0-or-later
// The normalizer "Precompiled": SentencePiece's map from characters to what they are written as.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/base64.h"
#include "core/text/utf8.h"
#include "core/tokenizer/json_fields_p.h"
#include "core/tokenizer/text_stages_p.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utf8proc.h>

namespace pissarro::core::inline tokenizer {
namespace {

constexpr const char* kWhere = "normalizer.precompiled_charsmap";
// Hugging Face's crate looks up a whole grapheme only where it has fewer bytes; longer ones go character by character.
constexpr std::size_t kGraphemeBytes = 6;

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(ErrorKind::Format, fmt::format("{} {}; get the file again", kWhere, what));
}

// The map as it is stored: the size of a double array, the array (Darts-clone), and the replacements, each with a zero
// behind it. Nothing in it is believed: every place is looked at before it is used.
class Charsmap {
public:
    explicit Charsmap(std::string blob);

    // What the shortest prefix of `chunk` that has a replacement is replaced by, for the whole of `chunk`, as the crate
    // does; nullopt: none has.
    std::optional<std::string_view> replacementOf(std::string_view chunk) const;
    std::string normalized(const std::string& text) const;

private:
    std::optional<std::size_t> firstHit(std::string_view chunk) const;
    std::uint32_t unitAt(std::size_t index) const;
    void appendGrapheme(std::string_view grapheme, std::string& out) const;

    std::string m_blob;
    std::size_t m_units = 0;
    std::string_view m_replacements; // lies in m_blob
    std::array<std::optional<std::string_view>, 128> m_ascii {};
};

Charsmap::Charsmap(std::string blob)
    : m_blob(std::move(blob))
{
    if (m_blob.size() < 4) {
        refuse(fmt::format("has {} bytes (expected a map)", m_blob.size()));
    }
    std::size_t size = 0;
    for (std::size_t i = 4; i-- > 0;) {
        size = size << 8U | static_cast<unsigned char>(m_blob[i]);
    }
    if (size == 0 || size % 4 != 0 || size > m_blob.size() - 4) {
        refuse(fmt::format("says that its array has {} bytes (expected a multiple of 4 up to {})",
                           size, m_blob.size() - 4));
    }
    m_units = size / 4;
    m_replacements = std::string_view(m_blob).substr(4 + size);
    if (!isValidUtf8(m_replacements)) {
        refuse("has replacements that are not UTF-8");
    }
    for (std::size_t i = 0; i < m_ascii.size(); ++i) {
        const auto c = static_cast<char>(i);
        m_ascii[i] = replacementOf(std::string_view(&c, 1));
    }
}

std::uint32_t Charsmap::unitAt(std::size_t index) const
{
    if (index >= m_units) {
        refuse(fmt::format("points to the unit {} of {}", index, m_units));
    }
    std::uint32_t unit = 0;
    for (std::size_t i = 4; i-- > 0;) {
        unit = unit << 8U | static_cast<unsigned char>(m_blob[4 + index * 4 + i]);
    }
    return unit;
}

std::optional<std::size_t> Charsmap::firstHit(std::string_view chunk) const
{
    const auto offsetOf = [](std::uint32_t unit) {
        return static_cast<std::size_t>(unit >> 10U) << ((unit & 0x200U) >> 6U);
    };
    std::size_t node = offsetOf(unitAt(0));
    for (const char c : chunk) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte == 0) {
            return std::nullopt;
        }
        node ^= byte;
        const std::uint32_t unit = unitAt(node);
        if ((unit & 0x800000FFU) != byte) {
            return std::nullopt;
        }
        node ^= offsetOf(unit);
        if ((unit & 0x100U) != 0) {
            return unitAt(node) & 0x7FFFFFFFU;
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> Charsmap::replacementOf(std::string_view chunk) const
{
    const auto hit = firstHit(chunk);
    if (!hit) {
        return std::nullopt;
    }
    if (*hit >= m_replacements.size() || isContinuation(m_replacements[*hit])) {
        refuse(fmt::format("points to the byte {} of its {} bytes of replacements", *hit,
                           m_replacements.size()));
    }
    const std::string_view rest = m_replacements.substr(*hit);
    return rest.substr(0, std::min(rest.find('\0'), rest.size()));
}

void Charsmap::appendGrapheme(std::string_view grapheme, std::string& out) const
{
    if (grapheme.size() < kGraphemeBytes) {
        if (const auto whole = replacementOf(grapheme)) {
            out += *whole;
            return;
        }
    }
    for (std::size_t at = 0; at < grapheme.size();) {
        const std::string_view character = grapheme.substr(at, utf8Width(grapheme[at]));
        out += replacementOf(character).value_or(character);
        at += character.size();
    }
}

// The end of the grapheme that begins at `begin`.
std::size_t graphemeEnd(std::string_view text, std::size_t begin)
{
    std::size_t end = begin;
    auto last = static_cast<utf8proc_int32_t>(nextCodePoint(text, end));
    utf8proc_int32_t state = 0;
    while (end < text.size()) {
        std::size_t next = end;
        const auto code = static_cast<utf8proc_int32_t>(nextCodePoint(text, next));
        if (utf8proc_grapheme_break_stateful(last, code, &state)) {
            break;
        }
        last = code;
        end = next;
    }
    return end;
}

std::string Charsmap::normalized(const std::string& text) const
{
    const auto isAscii = [&](std::size_t at) {
        return at >= text.size() || static_cast<unsigned char>(text[at]) < 0x80;
    };
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (std::size_t at = 0; at < text.size();) {
        // Two ASCII characters are no grapheme, but for return and line feed.
        if (isAscii(at) && isAscii(at + 1) && text[at] != '\r') {
            const auto& replacement = m_ascii[static_cast<unsigned char>(text[at])];
            replacement ? static_cast<void>(out += *replacement) : out.push_back(text[at]);
            ++at;
        } else {
            const std::size_t end = graphemeEnd(text, at);
            appendGrapheme(std::string_view(text).substr(at, end - at), out);
            at = end;
        }
        checkGrowth(text.size(), out.size(), "normalizer");
    }
    return out;
}

} // namespace

Normalizer makeCharsmapNormalizer(const nlohmann::json& component)
{
    auto blob = base64Bytes(stringField(component, "precompiled_charsmap", "normalizer"));
    if (!blob) {
        refuse("is not base64");
    }
    return [map = std::make_shared<const Charsmap>(std::move(*blob))](const std::string& text) {
        return map->normalized(text);
    };
}

} // namespace pissarro::core::inline tokenizer
