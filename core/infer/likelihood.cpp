// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/infer/likelihood.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/decoder/decoder_tensors.h"
#include "core/infer/masked_likelihood_p.h"
#include "core/tensor/guarded.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/tensor/threads.h"
#include "core/tokenizer/tokenizer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace pissarro::core::inline infer {

namespace {

using Ids = std::vector<std::int32_t>;

constexpr std::size_t kSharedTokens = 32; // of a context that is read apart, as Engine's

// Continuations [begin, end) that are read in one pass.
struct Group {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool sharesContext = false;
};

bool sameContext(const Continuation& a, const Continuation& b)
{
    return a.voice == b.voice && a.context == b.context;
}

Group groupFrom(const std::vector<Continuation>& all, std::size_t begin, std::int64_t tokensAtOnce)
{
    Group group {begin, begin + 1, false};
    const Continuation& first = all[begin];
    const auto lengthOf = [](const Continuation& one) {
        return static_cast<std::int64_t>(one.context.size() + one.ids.size());
    };
    while (group.end < all.size() && sameContext(first, all[group.end])) {
        ++group.end;
    }
    if (group.end > begin + 1 && first.context.size() > kSharedTokens) {
        group.sharesContext = true;
        return group;
    }
    std::int64_t tokens = lengthOf(first);
    group.end = begin + 1;
    while (group.end < all.size() && tokens + lengthOf(all[group.end]) <= tokensAtOnce) {
        tokens += lengthOf(all[group.end++]);
    }
    return group;
}

void check(const session::Choir& choir, const std::vector<Continuation>& all)
{
    const std::int64_t vocabulary = choir.decoder->config().vocabulary;
    const auto isIn = [vocabulary](std::int32_t id) { return id >= 0 && id < vocabulary; };
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Continuation& one = all[i];
        if (one.context.empty() || one.voice >= choir.voices.size()
            || !std::all_of(one.context.begin(), one.context.end(), isIn)
            || !std::all_of(one.ids.begin(), one.ids.end(), isIn)) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("continuation {} has no context, or a token for which the "
                                    "model's embedding has no row (expected ids below {})",
                                    i + 1, vocabulary));
        }
    }
}

std::int32_t startOf(const Tokenizer& tokenizer)
{
    const std::int32_t start = tokenizer.bosId() >= 0 ? tokenizer.bosId() : tokenizer.eosId();
    if (start < 0) {
        throw Error(ErrorKind::InvalidArgument,
                    "the model's tokenizer names no token that a text begins with (expected "
                    "bos_token); use the window rule stride");
    }
    return start;
}

std::vector<double> read(const session::Choir& choir, const std::vector<Continuation>& all,
                         const Group& group, const JobContext& job)
{
    std::vector<Ids> ids;
    std::vector<Ids> labels;
    std::vector<std::int64_t> voices; // none where there is one
    for (std::size_t i = group.begin; i < group.end; ++i) {
        const Continuation& one = all[i];
        if (one.ids.empty()) {
            continue; // nothing of it is asked
        }
        const std::size_t before = group.sharesContext ? one.context.size() - 1 : 0;
        ids.emplace_back(one.context.begin() + static_cast<std::ptrdiff_t>(before),
                         one.context.end());
        labels.emplace_back(ids.back().size() - 1, kIgnoreLabel);
        ids.back().insert(ids.back().end(), one.ids.begin(), one.ids.end() - 1);
        labels.back().insert(labels.back().end(), one.ids.begin(), one.ids.end());
        if (choir.voices.size() > 1) {
            voices.push_back(static_cast<std::int64_t>(one.voice));
        }
    }
    if (ids.empty()) {
        return {};
    }
    const Decoder& decoder = *choir.decoder;
    at::Tensor losses_M;
    if (group.sharesContext) {
        const Ids& context = all[group.begin].context;
        KvCache once;
        if (!voices.empty()) {
            once.voices = {voices.front()};
        }
        decoder.feed({Ids(context.begin(), context.end() - 1)}, once, job);
        KvCache cache = once.repeated(static_cast<std::int64_t>(ids.size()));
        losses_M = decoder.lossesOfFed(ids, labels, cache, job);
    } else { // nothing goes on behind these: no keys and values are kept
        losses_M = decoder.losses(flatten(ids, labels, voices, decoder.device()), job);
    }
    losses_M = losses_M.to(at::kCPU).contiguous();
    const auto* const values = in<double>(losses_M);
    return {values, values + losses_M.size(0)};
}

} // namespace

namespace {

void requireNumber(double value)
{
    if (std::isnan(value)) {
        throw Error(ErrorKind::Numeric,
                    "the model's logits are not finite; its weights or its adapter are damaged, or "
                    "too large for the precision: try --dtype float32, or get the model again");
    }
}

} // namespace

std::vector<std::vector<double>> logLikelihoods(
    const session::Choir& choir, const std::vector<Continuation>& continuations,
    std::int64_t tokensAtOnce,
    const std::function<void(std::size_t index, const std::vector<double>& found)>& onDone,
    const JobContext& job)
{
    std::vector<std::vector<double>> all(continuations.size());
    guarded([&] {
        const c10::NoGradGuard noGrad;
        const ThreadBudget threads(choir.threads);
        check(choir, continuations);
        const bool isEncoder = choir.decoder->config().bidirectional;
        for (std::size_t i = 0; isEncoder && i < continuations.size(); ++i) {
            all[i] = maskedLikelihoods(choir, continuations[i], tokensAtOnce, job);
            std::for_each(all[i].begin(), all[i].end(), requireNumber);
            onDone(i, all[i]);
        }
        for (std::size_t begin = isEncoder ? continuations.size() : 0;
             begin < continuations.size();) {
            job.throwIfCancelled();
            const Group group = groupFrom(continuations, begin, tokensAtOnce);
            const std::vector<double> losses = read(choir, continuations, group, job);
            std::size_t at = 0;
            for (std::size_t i = group.begin; i < group.end; ++i) {
                for (std::size_t id = 0; id < continuations[i].ids.size(); ++id, ++at) {
                    requireNumber(losses[at]);
                    all[i].push_back(-losses[at]);
                }
                onDone(i, all[i]);
            }
            begin = group.end;
        }
    });
    return all;
}

std::vector<Continuation> windowsOfText(const Tokenizer& tokenizer, const std::string& text,
                                        const WindowPlan& plan, std::size_t voice,
                                        const JobContext& job)
{
    const Ids ids = tokenizer.encode(text, /*addSpecial=*/plan.rule != WindowRule::Rolling, job);
    std::vector<Continuation> windows;
    for (const TextWindow& window : windowsOf(static_cast<std::int64_t>(ids.size()), plan)) {
        if (window.first >= window.end) {
            continue; // nothing of it counts
        }
        Continuation one;
        one.voice = voice;
        one.context.assign(ids.begin() + std::max<std::int64_t>(window.begin, 0),
                           ids.begin() + window.first);
        if (window.begin < 0) {
            one.context.insert(one.context.begin(), startOf(tokenizer));
        }
        one.ids.assign(ids.begin() + window.first, ids.begin() + window.end);
        windows.push_back(std::move(one));
    }
    return windows;
}

std::pair<std::vector<std::int32_t>, std::vector<std::int32_t>>
splitIds(const Tokenizer& tokenizer, std::string_view context, std::string_view continuation,
         bool addSpecial, const JobContext& job)
{
    if (context.empty()) {
        const std::int32_t start = tokenizer.bosId() >= 0 ? tokenizer.bosId() : tokenizer.eosId();
        if (start < 0) {
            throw Error(ErrorKind::InvalidArgument,
                        "the model's tokenizer names no token that a text begins with (expected "
                        "bos_token or eos_token in tokenizer_config.json)");
        }
        return {{start}, tokenizer.encode(continuation, /*addSpecial=*/false, job)};
    }
    const std::size_t end = context.find_last_not_of(" \t\r\n\v\f") + 1; // 0: nothing but space
    const std::string whole = std::string(context) + std::string(continuation);
    if (end == 0) {
        return splitIds(tokenizer, {}, whole, addSpecial, job);
    }
    const Ids both = tokenizer.encode(whole, addSpecial, job);
    Ids head = tokenizer.encode(context.substr(0, end), addSpecial, job);
    const auto cut = static_cast<std::ptrdiff_t>(std::min(head.size(), both.size()));
    return {std::move(head), Ids(both.begin() + cut, both.end())};
}

} // namespace pissarro::core::inline infer
