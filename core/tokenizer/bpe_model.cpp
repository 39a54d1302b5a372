// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/utf8.h"
#include "core/tokenizer/token_model_p.h"

#include <queue>

#include <algorithm>
#include <bit>
#include <limits>

namespace pissarro::core::inline tokenizer {
namespace {

constexpr std::size_t kShortWord = 24; // symbols; up to here scanning beats a heap
constexpr std::size_t kCachedWordBytes = 96;
constexpr std::int32_t kNoRank = std::numeric_limits<std::int32_t>::max();

std::uint64_t keyOf(std::int32_t left, std::int32_t right)
{
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32U)
        | static_cast<std::uint32_t>(right);
}

} // namespace

MergeTable::MergeTable(const std::vector<Merge>& merges)
{
    const std::size_t size = std::bit_ceil(std::max<std::size_t>(merges.size() * 2, 16));
    m_entries.resize(size);
    m_shift = 64 - std::countr_zero(size);
    for (const Merge& merge : merges) {
        const std::uint64_t key = keyOf(merge.left, merge.right);
        std::size_t slot = slotOf(key);
        while (m_entries[slot].key != kFree && m_entries[slot].key != key) {
            slot = (slot + 1) & (size - 1);
        }
        m_entries[slot] = {key, merge.result, merge.rank};
    }
}

std::size_t MergeTable::slotOf(std::uint64_t key) const
{
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> m_shift);
}

const MergeTable::Entry* MergeTable::find(std::int32_t left, std::int32_t right) const
{
    const std::uint64_t key = keyOf(left, right);
    for (std::size_t slot = slotOf(key);; slot = (slot + 1) & (m_entries.size() - 1)) {
        const Entry& entry = m_entries[slot];
        if (entry.key == key) {
            return &entry;
        }
        if (entry.key == kFree) {
            return nullptr;
        }
    }
}

WordCache::Shard& WordCache::shardOf(std::string_view word) const
{
    return m_shards[(Hash()(word) >> 20U) % kShards];
}

bool WordCache::lookUp(std::string_view word, std::vector<std::int32_t>& out) const
{
    Shard& shard = shardOf(word);
    const std::lock_guard lock(shard.mutex);
    const auto place = shard.words.find(word);
    if (place == shard.words.end()) {
        return false;
    }
    out.insert(out.end(), place->second.begin(), place->second.end());
    return true;
}

void WordCache::store(std::string_view word, const std::int32_t* ids, std::size_t count) const
{
    Shard& shard = shardOf(word);
    const std::lock_guard lock(shard.mutex);
    if (shard.words.size() >= kWordsPerShard) {
        shard.words.clear();
    }
    shard.words.emplace(word, std::vector<std::int32_t>(ids, ids + count));
}

BpeModel::BpeModel(const Vocabulary& vocabulary, const std::vector<Merge>& merges,
                   const Options& options)
    : m_vocabulary(vocabulary)
    , m_merges(merges)
    , m_options(options)
{
    m_hasAllBytes = true;
    for (unsigned byte = 0; byte < 256; ++byte) {
        const std::int32_t id =
            vocabulary.find(options.byteLevel ? byteAlphabet().at(byte) : bytePiece(byte));
        m_byteIds.at(byte) = id;
        m_hasAllBytes = m_hasAllBytes && id >= 0;
    }
    for (unsigned c = 0; c < 128; ++c) {
        m_asciiIds.at(c) = vocabulary.find(std::string(1, static_cast<char>(c)));
    }
}

std::int32_t BpeModel::idOfCharacter(std::string_view character) const
{
    if (m_options.byteLevel) {
        return m_byteIds[static_cast<unsigned char>(character[0])];
    }
    return character.size() == 1 ? m_asciiIds[static_cast<unsigned char>(character[0]) & 127U]
                                 : m_vocabulary.find(character);
}

// The symbols that merging starts from. An unknown run waits until a known character ends it, as
// Hugging Face does.
void BpeModel::firstIds(std::string_view word, std::vector<std::int32_t>& ids) const
{
    bool unknownWaits = false;
    for (std::size_t at = 0; at < word.size();) {
        const std::size_t width =
            m_options.byteLevel ? 1 : std::min(utf8Width(word[at]), word.size() - at);
        const std::string_view character = word.substr(at, width);
        at += width;
        const std::int32_t id = idOfCharacter(character);
        if (id >= 0) {
            if (unknownWaits) {
                ids.push_back(m_options.unknownId);
                unknownWaits = false;
            }
            ids.push_back(id);
            continue;
        }
        if (m_options.byteFallback) {
            const auto hasPiece = [&](char c) {
                return m_byteIds[static_cast<unsigned char>(c)] >= 0;
            };
            if (m_hasAllBytes || std::all_of(character.begin(), character.end(), hasPiece)) {
                for (const char c : character) {
                    ids.push_back(m_byteIds[static_cast<unsigned char>(c)]);
                }
                continue;
            }
        }
        if (m_options.unknownId >= 0) {
            if (unknownWaits && !m_options.fuseUnknown) {
                ids.push_back(m_options.unknownId);
            }
            unknownWaits = true;
        }
    }
    if (unknownWaits) {
        ids.push_back(m_options.unknownId);
    }
}

std::int32_t BpeModel::wholeWord(std::string_view word) const
{
    if (!m_options.byteLevel) {
        return m_vocabulary.find(word);
    }
    std::string written;
    for (const char c : word) {
        written += byteAlphabet()[static_cast<unsigned char>(c)];
    }
    return m_vocabulary.find(written);
}

void BpeModel::encode(std::string_view word, std::vector<std::int32_t>& out) const
{
    const bool cached = word.size() <= kCachedWordBytes;
    if (cached && m_cache.lookUp(word, out)) {
        return;
    }
    const std::size_t before = out.size();
    const std::int32_t whole = m_options.ignoreMerges ? wholeWord(word) : -1;
    if (whole >= 0) {
        out.push_back(whole);
    } else {
        std::vector<std::int32_t> ids;
        ids.reserve(word.size());
        firstIds(word, ids);
        ids.size() <= kShortWord ? mergeShort(ids) : mergeLong(ids);
        out.insert(out.end(), ids.begin(), ids.end());
    }
    if (cached) {
        m_cache.store(word, out.data() + before, out.size() - before);
    }
}

void BpeModel::mergeShort(std::vector<std::int32_t>& ids) const
{
    std::array<std::int32_t, kShortWord> ranks {};
    std::array<std::int32_t, kShortWord> results {};
    std::size_t count = ids.size();
    const auto weigh = [&](std::size_t i) {
        const MergeTable::Entry* entry = m_merges.find(ids[i], ids[i + 1]);
        ranks[i] = entry != nullptr ? entry->rank : kNoRank;
        results[i] = entry != nullptr ? entry->result : -1;
    };
    for (std::size_t i = 0; i + 1 < count; ++i) {
        weigh(i);
    }
    while (count > 1) {
        const auto* best = std::min_element(ranks.data(), ranks.data() + count - 1);
        if (*best == kNoRank) {
            break;
        }
        const auto i = static_cast<std::size_t>(best - ranks.data());
        ids[i] = results[i];
        --count;
        for (std::size_t j = i + 1; j < count; ++j) {
            ids[j] = ids[j + 1];
            ranks[j] = j + 1 < count ? ranks[j + 1] : kNoRank;
            results[j] = j + 1 < count ? results[j + 1] : -1;
        }
        if (i > 0) {
            weigh(i - 1);
        }
        if (i + 1 < count) {
            weigh(i);
        }
    }
    ids.resize(count);
}

namespace {

struct Symbol { // of a long word, linked with its neighbours
    std::int32_t id = 0;
    std::int32_t previous = -1;
    std::int32_t next = -1;
    bool alive = true;
};

struct Candidate { // for the next merge: the lowest rank, then the leftmost
    std::int32_t rank = 0;
    std::int32_t at = 0;
    std::int32_t result = 0;
    bool operator>(const Candidate& other) const
    {
        return rank != other.rank ? rank > other.rank : at > other.at;
    }
};

} // namespace

void BpeModel::mergeLong(std::vector<std::int32_t>& ids) const
{
    const auto count = static_cast<std::int32_t>(ids.size());
    std::vector<Symbol> symbols(ids.size());
    std::vector<Candidate> heap;
    heap.reserve(ids.size() * 2);
    const auto symbol = [&](std::int32_t i) -> Symbol& {
        return symbols[static_cast<std::size_t>(i)];
    };
    const auto offer = [&](std::int32_t left, bool sift) {
        const std::int32_t right = left >= 0 ? symbol(left).next : -1;
        const MergeTable::Entry* entry =
            right >= 0 ? m_merges.find(symbol(left).id, symbol(right).id) : nullptr;
        if (entry != nullptr) {
            heap.push_back({entry->rank, left, entry->result});
            if (sift) {
                std::push_heap(heap.begin(), heap.end(), std::greater<>());
            }
        }
    };
    for (std::int32_t i = 0; i < count; ++i) {
        symbol(i) = {ids[static_cast<std::size_t>(i)], i - 1, i + 1 < count ? i + 1 : -1, true};
    }
    for (std::int32_t i = 0; i < count; ++i) {
        offer(i, false);
    }
    std::make_heap(heap.begin(), heap.end(), std::greater<>());
    while (!heap.empty()) {
        std::pop_heap(heap.begin(), heap.end(), std::greater<>());
        const Candidate top = heap.back();
        heap.pop_back();
        Symbol& left = symbol(top.at);
        if (!left.alive || left.next < 0) {
            continue;
        }
        Symbol& right = symbol(left.next);
        const MergeTable::Entry* entry = m_merges.find(left.id, right.id);
        if (entry == nullptr || entry->result != top.result) {
            continue; // an older candidate: one of the two has merged since
        }
        left.id = top.result;
        right.alive = false;
        left.next = right.next;
        if (right.next >= 0) {
            symbol(right.next).previous = top.at;
        }
        offer(left.previous, true);
        offer(top.at, true);
    }
    ids.clear();
    for (std::int32_t i = 0; i >= 0 && count > 0; i = symbol(i).next) {
        ids.push_back(symbol(i).id);
    }
}

} // namespace pissarro::core::inline tokenizer
