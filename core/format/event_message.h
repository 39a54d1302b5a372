// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace pissarro::core::inline format {

// What a record of a TensorBoard file holds (tensorflow.Event), as far as scalars need it.

struct EventScalar {
    std::string_view tag; // "train/loss"; lies in the message
    double value = 0.0;
};

struct Event {
    double wallTime = 0.0; // seconds since the epoch
    std::int64_t step = 0;
    std::string_view fileVersion; // "brain.Event:2" in the first of a file
    bool sessionStart =
        false; // a program went on from a checkpoint: what was told from this step on counts no more
    std::vector<EventScalar> scalars;
};

// Reads the messages of one file, in their order: the first summary of a tag says what the later ones are, too.
class EventReader {
public:
    // nullopt: the bytes are no message, or one of a negative step. Scalars are simple_value and tensors of one number
    // that are no other plugin's (text, histograms, pictures): float, double, half, bfloat16, int32 and int64.
    std::optional<Event> read(std::string_view message);

private:
    bool readSummary(std::string_view summary, std::vector<EventScalar>& scalars);
    bool readValue(std::string_view value, std::vector<EventScalar>& scalars);

    std::unordered_set<std::string> m_others; // tags of other plugins
};

// Messages to write, as torch's SummaryWriter writes them; the first names this program as the writer.
std::string versionMessage(double wallTime);
std::string scalarMessage(double wallTime, std::int64_t step, std::string_view tag, double value);
std::string sessionStartMessage(double wallTime, std::int64_t step);

} // namespace pissarro::core::inline format
