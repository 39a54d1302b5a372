// SPDX-License-Identifier: GPL-3.0-or-later
// The normalizer "Precompiled": SentencePiece's map from characters to what they are written as.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/base64.h"
#include "core/text/utf8.h"
#include "core/tokenizer/charsmap_p.h"
#include "core/tokenizer/json_fields_p.h"
#include "core/tokenizer/text_stages_p.h"

#include <algorithm>
#include <array>
#include <memory>
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

std::size_t offsetOf(std::uint32_t unit)
{
    return static_cast<std::size_t>(unit >> 10U) << ((unit & 0x200U) >> 6U);
}

// Does the unit continue a path by this byte? The sign bit marks values.
bool isLabelled(std::uint32_t unit, unsigned char byte)
{
    return (unit & 0x800000FFU) == byte;
}

bool hasLeaf(std::uint32_t unit)
{
    return (unit & 0x100U) != 0;
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

} // namespace

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
    readUnits(size);
    m_replacements = std::string_view(m_blob).substr(4 + size);
    if (!isValidUtf8(m_replacements)) {
        refuse("has replacements that are not UTF-8");
    }
    checkReachable();
    for (std::size_t i = 1; i < m_ascii.size(); ++i) {
        const auto c = static_cast<char>(i);
        m_ascii[i] = replacementOf(std::string_view(&c, 1));
        const std::uint32_t unit = m_units[offsetOf(m_units[0]) ^ i];
        const std::size_t node = offsetOf(m_units[0]) ^ i ^ offsetOf(unit);
        for (unsigned char next = 1; isLabelled(unit, static_cast<unsigned char>(i)) && next < 128;
             ++next) {
            m_asciiGoesOn[i] = m_asciiGoesOn[i] || isLabelled(m_units[node ^ next], next);
        }
    }
}

void Charsmap::readUnits(std::size_t size)
{
    m_units.resize(size / 4);
    for (std::size_t i = 0; i < size; ++i) {
        m_units[i / 4] |= static_cast<std::uint32_t>(static_cast<unsigned char>(m_blob[4 + i]))
            << (8U * (i % 4));
    }
}

std::uint32_t Charsmap::unitAt(std::size_t index) const
{
    if (index >= m_units.size()) {
        refuse(fmt::format("points to the unit {} of {}", index, m_units.size()));
    }
    return m_units[index];
}

// Every node that any text can lead to, each once: there may be circles.
void Charsmap::checkReachable() const
{
    std::vector<bool> seen(m_units.size());
    std::vector<std::size_t> left {offsetOf(m_units[0])};
    while (!left.empty()) {
        const std::size_t node = left.back();
        left.pop_back();
        unitAt(node | 0xFFU); // its children lie within these 256
        if (!seen[node]) {
            seen[node] = true;
            checkChildren(node, left);
        }
    }
}

void Charsmap::checkChildren(std::size_t node, std::vector<std::size_t>& reached) const
{
    for (std::size_t byte = 1; byte < 256; ++byte) {
        const std::uint32_t unit = m_units[node ^ byte];
        if (!isLabelled(unit, static_cast<unsigned char>(byte))) {
            continue;
        }
        const std::size_t next = node ^ byte ^ offsetOf(unit);
        if (hasLeaf(unit)) {
            replacementAt(unitAt(next) & 0x7FFFFFFFU);
        }
        reached.push_back(next);
    }
}

std::string_view Charsmap::replacementAt(std::size_t place) const
{
    if (place >= m_replacements.size() || isContinuation(m_replacements[place])) {
        refuse(fmt::format("points to the byte {} of its {} bytes of replacements", place,
                           m_replacements.size()));
    }
    const std::string_view rest = m_replacements.substr(place);
    return rest.substr(0, std::min(rest.find('\0'), rest.size()));
}

std::optional<Charsmap::Hit> Charsmap::hitIn(std::string_view chunk, bool longest) const
{
    std::optional<Hit> hit;
    std::size_t node = offsetOf(m_units[0]);
    for (std::size_t at = 0; at < chunk.size() && (longest || !hit); ++at) {
        const auto byte = static_cast<unsigned char>(chunk[at]);
        const std::uint32_t unit = m_units[node ^ byte];
        if (byte == 0 || !isLabelled(unit, byte)) {
            break;
        }
        node ^= byte ^ offsetOf(unit);
        if (hasLeaf(unit)) {
            hit = Hit {at + 1, m_units[node] & 0x7FFFFFFFU};
        }
    }
    return hit;
}

std::optional<std::string_view> Charsmap::replacementOf(std::string_view chunk) const
{
    const auto hit = hitIn(chunk, false);
    return hit ? std::optional(replacementAt(hit->place)) : std::nullopt;
}

Charsmap::Prefix Charsmap::longestPrefix(std::string_view text) const
{
    const auto isAscii = [&](std::size_t at) {
        return at >= text.size() || static_cast<unsigned char>(text[at]) < 0x80;
    };
    if (isAscii(0) && isAscii(1) && !m_asciiGoesOn[static_cast<unsigned char>(text[0])]) {
        return {m_ascii[static_cast<unsigned char>(text[0])].value_or(text.substr(0, 1)), 1};
    }
    if (const auto hit = hitIn(text, true)) {
        return {replacementAt(hit->place), hit->width};
    }
    const std::string_view character = text.substr(0, utf8Width(text[0]));
    return {character, character.size()};
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
