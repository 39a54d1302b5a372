// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/infer/kept_keys.h"

#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "core/tensor/guarded.h"

#include <c10/core/ScalarType.h>

#include <algorithm>
#include <cassert>
#include <deque>
#include <utility>

namespace pissarro::core::inline infer {

namespace {

using Ids = std::vector<std::int32_t>;

std::int64_t bytesOfTokenOf(const Decoder& decoder)
{
    const ModelConfig& config = decoder.config();
    return config.layers * config.keptNumbers()
        * static_cast<std::int64_t>(c10::elementSize(decoder.type()));
}

} // namespace

struct KeptKeys::Private {
    struct Sequence {
        Ids ids;
        KvCache cache; // of them and no more; written once
    };
    using Sequences = std::deque<Sequence>; // of a voice; the one used last first

    std::int64_t share() const { return limits.bytes / static_cast<std::int64_t>(voices.size()); }
    std::int64_t bytesOf(const Sequences& all) const
    {
        std::int64_t tokens = 0;
        for (const Sequence& one : all) {
            tokens += static_cast<std::int64_t>(one.ids.size());
        }
        return tokens * bytesOfToken;
    }
    // Those used last stay, as many as leave room for that much more.
    void makeRoom(Sequences& all, std::size_t sequences, std::int64_t bytes) const
    {
        while (!all.empty()
               && (all.size() + sequences > limits.sequences || bytesOf(all) + bytes > share())) {
            all.pop_back();
        }
    }

    std::int64_t bytesOfToken = 0;
    KeepLimits limits;
    std::vector<Sequences> voices;
};

std::size_t commonIds(const Ids& a, const Ids& b)
{
    const auto [mine, theirs] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return static_cast<std::size_t>(mine - a.begin());
}

KeptKeys::KeptKeys(const session::Choir& choir, const KeepLimits& limits)
    : d(std::make_unique<Private>())
{
    d->bytesOfToken = bytesOfTokenOf(*choir.decoder);
    d->limits = limits;
    d->voices.resize(choir.voices.size());
}

KeptKeys::~KeptKeys() = default;

void KeptKeys::setBytes(std::int64_t limit)
{
    d->limits.bytes = limit;
    for (Private::Sequences& all : d->voices) {
        d->makeRoom(all, 0, 0);
    }
}

void KeptKeys::clear()
{
    for (Private::Sequences& all : d->voices) {
        all.clear();
    }
}

std::int64_t KeptKeys::bytes() const
{
    std::int64_t sum = 0;
    for (const Private::Sequences& all : d->voices) {
        sum += d->bytesOf(all);
    }
    return sum;
}

std::int64_t KeptKeys::bytesOfToken() const
{
    return d->bytesOfToken;
}

std::size_t KeptKeys::common(std::size_t voice, const Ids& ids) const
{
    std::size_t most = 0;
    for (const Private::Sequence& one : d->voices.at(voice)) {
        most = std::max(most, commonIds(one.ids, ids));
    }
    return most;
}

KvCache KeptKeys::beginning(std::size_t voice, const Ids& ids, std::size_t tokens)
{
    Private::Sequences& all = d->voices.at(voice);
    const auto found = std::find_if(all.begin(), all.end(), [&](const Private::Sequence& one) {
        return commonIds(one.ids, ids) >= tokens;
    });
    assert(found != all.end());
    std::rotate(all.begin(), found, found + 1);
    return all.front().cache.beginning(0, static_cast<std::int64_t>(tokens));
}

void KeptKeys::keep(std::size_t voice, Ids ids, const KvCache& cache, std::size_t sequence)
{
    Private::Sequences& all = d->voices.at(voice);
    ids.resize(std::min(ids.size(), static_cast<std::size_t>(d->share() / d->bytesOfToken)));
    const auto isWhole = std::find_if(all.begin(), all.end(), [&](const Private::Sequence& one) {
        return commonIds(one.ids, ids) == ids.size();
    });
    if (isWhole != all.end()) { // nothing new; also where there is no room at all
        std::rotate(all.begin(), isWhole, isWhole + 1);
        return;
    }
    if (ids.empty()) {
        return;
    }
    std::erase_if(all, [&](const Private::Sequence& one) {
        return commonIds(one.ids, ids) == one.ids.size();
    });
    const auto tokens = static_cast<std::int64_t>(ids.size());
    d->makeRoom(all, 1, tokens * d->bytesOfToken);
    try {
        guarded([&] {
            KvCache copy = cache.beginning(static_cast<std::int64_t>(sequence), tokens).repeated(1);
            all.push_front({std::move(ids), std::move(copy)});
        });
    } catch (const Error& e) {
        if (e.kind() != ErrorKind::OutOfMemory) {
            throw;
        }
        clear();
    }
}

} // namespace pissarro::core::inline infer
