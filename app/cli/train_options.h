// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/verb.h"
#include "core/run/spec_fields.h"
#include "core/train/trainer.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace pissarro::cli {

// The options of `train`: a RUN.json, then the flags on top of it.
class TrainOptions {
public:
    void addTo(CLI::App& verb); // the object must outlive the parse

    bool json() const { return m_json; }
    std::vector<core::Method> rampedTwins() const; // --twin-lr METHOD=find

    // What to train. Flags without meaning for the methods become warnings.
    // Throws: UsageError for flags that do not fit; Error{Io, Format, InvalidArgument} naming
    // RUN.json.
    core::TrainRequest request(Session& session) const;

private:
    void take(const core::SpecField& field, const core::FieldValue& value);
    void applyTo(core::RunSpec& spec, const Session& session) const; // Throws: Error{Io, Format}
    void startFromFiles(core::TrainRequest& request) const;
    void check(const core::RunSpec& spec, const Session& session) const;
    void takeTwinRates(core::TrainRequest& request) const; // Throws: UsageError
    static void warnUnused(const core::TrainRequest& request, Session& session);

    std::string m_runFile;
    Output m_output; // the run directory
    std::vector<std::string> m_twins;
    std::vector<std::string> m_twinRates; // "lora=2e-4", "lora=find"
    std::string m_rankMap;
    bool m_resume = false;
    bool m_restart = false;
    bool m_json = false;
    // What the line gives, by setting; a list grows with each of its flags.
    std::vector<std::pair<const core::SpecField*, core::FieldValue>> m_given;
    std::map<const core::SpecField*, std::vector<std::string>> m_texts;
};

} // namespace pissarro::cli
