// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/event_records.h"
#include "core/file/grown_file_p.h"
#include "core/file/output_marker.h"
#include "core/file/regular_file.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace pissarro::core::inline file {

namespace {

constexpr std::uint64_t kHead = 1U << 20U; // bytes that tell

bool holds(std::string_view bytes, std::string_view part)
{
    return bytes.find(part) != std::string_view::npos;
}

bool eventsAreOurs(std::string_view head)
{
    constexpr std::string_view kVersion = "brain.Event:2";
    constexpr std::array<std::string_view, 6> kTags {"train/loss",          "train/grad_norm",
                                                     "train/learning_rate", "train/epoch",
                                                     "eval/loss",           "eval/score"};
    constexpr std::size_t kNamesNobody = 9 + 2 + kVersion.size(); // the time and the version alone
    constexpr std::size_t kStartOfSession = 32; // a time, a step and a state: no tag
    EventRecords records(head);
    std::string_view record;
    if (!records.next(record) || !holds(record, kVersion)) {
        return false;
    }
    if (holds(record, kMarkValue)) {
        return true;
    }
    if (record.size() != kNamesNobody) {
        return false;
    }
    while (records.next(record)) {
        const bool isOurs = record.size() <= kStartOfSession
            || std::any_of(kTags.begin(), kTags.end(),
                           [&](std::string_view tag) { return holds(record, tag); });
        if (!isOurs) {
            return false;
        }
    }
    // Torn, or beyond what was read, is as before; of what its checksum denies nobody knows whose it is.
    return records.damaged() == 0 && records.end() != EventRecords::End::Damaged;
}

bool judgesQuestions(std::string_view head)
{
    const std::string_view line = head.substr(0, head.find('\n'));
    return line.starts_with('{') && holds(line, "\"question_id\"") && holds(line, "\"judge\"");
}

} // namespace

bool isGrownHere(const std::filesystem::path& path)
{
    const auto file = RegularFile::open(path);
    if (!file) {
        return false;
    }
    const std::string name = path.filename().string();
    if (file->size() == 0) {
        return true;
    }
    if (name.ends_with(".lock")) {
        return false;
    }
    if (holds(name, "tfevents")) {
        return eventsAreOurs(file->read(0, kHead));
    }
    return !name.ends_with(".jsonl") || judgesQuestions(file->read(0, kHead));
}

} // namespace pissarro::core::inline file
