// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/enum_names.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace pissarro::core::inline tasks {

// How a text longer than a model sees is cut. Windows: side by side, the first token of each has nothing before it and does
// not count. Stride: each begins `stride` behind the one before, every token but the very first counts once (one that begins a window beside another does not). Rolling:
// lm-evaluation-harness' rolling windows, every token counts once, the first behind the beginning-of-sequence token.
enum class WindowRule { Windows, Stride, Rolling };

} // namespace pissarro::core::inline tasks

namespace pissarro::core {

template <>
struct EnumNames<WindowRule> {
    static constexpr std::array all {
        Named<WindowRule> {WindowRule::Windows, "windows"},
        Named<WindowRule> {WindowRule::Stride, "stride"},
        Named<WindowRule> {WindowRule::Rolling, "rolling"},
    };
};

} // namespace pissarro::core

namespace pissarro::core::inline tasks {

struct WindowPlan {
    WindowRule rule = WindowRule::Stride;
    std::int64_t length = 1024; // tokens that the model sees at once
    std::int64_t stride = 512; // of Stride

    friend bool operator==(const WindowPlan&, const WindowPlan&) = default;
};

// Tokens begin to end-1 are seen, first to end-1 count; begin -1: a beginning-of-sequence token stands before token 0.
struct TextWindow {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t first = 0;
};

// The windows of a text of so many tokens. Throws: Error{InvalidArgument} for a length below 2 (Rolling: 1), or a stride
// that is not from 1 to the length.
std::vector<TextWindow> windowsOf(std::int64_t tokens, const WindowPlan& plan);

// What was found of a window, or a sum of several.
struct TextLoss {
    double nll = 0.0; // nats
    std::int64_t scored = 0; // tokens that count
    std::int64_t bytes =
        0; // of the whole text, also where its first token does not count; 0: not known
    std::int64_t words = 0; // wordsOf()

    TextLoss& operator+=(const TextLoss& other);
};

// Perplexities; nullopt where there is nothing to divide by. Formula: exp(nll/n), n tokens, bytes, words; nll/bytes/ln 2.
// The sum over all that counts by its number: not the mean of windows, which older recipes have.
struct Perplexity {
    std::optional<double> meanNll;
    std::optional<double> perplexity;
    std::optional<double> bitsPerByte;
    std::optional<double> bytePerplexity;
    std::optional<double> wordPerplexity;
};
Perplexity perplexityOf(const TextLoss& sum);

std::int64_t wordsOf(std::string_view text); // len(re.split(r"\s+", text)), as the harness counts

} // namespace pissarro::core::inline tasks
