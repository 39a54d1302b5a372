// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/perplexity.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/tasks/python_text_p.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <cmath>

namespace pissarro::core::inline tasks {

namespace {

void check(const WindowPlan& plan)
{
    const std::int64_t least = plan.rule == WindowRule::Rolling ? 1 : 2;
    if (plan.length < least) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format("a window has {} tokens (expected at least {})", plan.length, least));
    }
    if (plan.rule == WindowRule::Stride && (plan.stride < 1 || plan.stride > plan.length)) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("the stride is {} (expected 1 to the window's {} tokens)",
                                plan.stride, plan.length));
    }
}

std::optional<double> perOne(double sum, std::int64_t count)
{
    return count > 0 ? std::optional(sum / static_cast<double>(count)) : std::nullopt;
}

std::optional<double> expOf(std::optional<double> mean)
{
    return mean ? std::optional(std::exp(*mean)) : std::nullopt;
}

} // namespace

std::vector<TextWindow> windowsOf(std::int64_t tokens, const WindowPlan& plan)
{
    check(plan);
    std::vector<TextWindow> windows;
    const std::int64_t step = plan.rule == WindowRule::Stride ? plan.stride : plan.length;
    for (std::int64_t first = 0; first < tokens;) {
        const bool isFirst = windows.empty();
        if (plan.rule == WindowRule::Rolling) {
            const std::int64_t end = std::min(first + plan.length, tokens);
            windows.push_back({isFirst ? -1 : end - plan.length - 1, end, first});
            first = end;
            continue;
        }
        const std::int64_t begin = static_cast<std::int64_t>(windows.size()) * step;
        const std::int64_t end = std::min(begin + plan.length, tokens);
        windows.push_back(
            {begin, end, std::max(first, begin + 1)}); // nothing stands before `begin`
        first = end;
    }
    return windows;
}

TextLoss& TextLoss::operator+=(const TextLoss& other)
{
    nll += other.nll;
    scored += other.scored;
    bytes += other.bytes;
    words += other.words;
    return *this;
}

Perplexity perplexityOf(const TextLoss& sum)
{
    Perplexity found;
    found.meanNll = perOne(sum.nll, sum.scored);
    found.perplexity = expOf(found.meanNll);
    const auto perByte = perOne(sum.nll, sum.bytes);
    found.bitsPerByte = perByte ? std::optional(*perByte / std::log(2.0)) : std::nullopt;
    found.bytePerplexity = expOf(perByte);
    found.wordPerplexity = expOf(perOne(sum.nll, sum.words));
    return found;
}

std::int64_t wordsOf(std::string_view text)
{
    std::int64_t words = 1;
    bool inSpace = false;
    for (std::size_t at = 0; at < text.size();) {
        const bool isSpace = isPythonSpace(nextCodePoint(text, at));
        words += isSpace && !inSpace ? 1 : 0;
        inSpace = isSpace;
    }
    return words;
}

} // namespace pissarro::core::inline tasks
