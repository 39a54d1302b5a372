// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/verb.h"
#include "core/train/trainer.h"

#include <functional>
#include <string>
#include <vector>

namespace pissarro::cli {

// The options of `train`: a RUN.json, then the flags on top of it.
class TrainOptions {
public:
    void addTo(CLI::App& verb); // the object must outlive the parse

    bool json() const { return m_json; }

    // What to train. Flags without meaning for the methods become warnings.
    // Throws: UsageError for flags that do not fit; Error{Io, Format, InvalidArgument} naming
    // RUN.json.
    core::TrainRequest request(Session& session) const;

private:
    using Setter = std::function<void(core::RunSpec&)>;

    template <class Field> // a member of RunSpec, or a function that finds a part of it
    CLI::Option* addValue(CLI::App& verb, const std::string& names, Field field,
                          const std::string& description);
    CLI::Option* addNumber(CLI::App& verb, const std::string& names, double core::RunSpec::*field,
                           const std::string& description);
    void addSources(CLI::App& verb);
    void addAdapterOptions(CLI::App& verb);
    void addRecipeOptions(CLI::App& verb);
    void addRunOptions(CLI::App& verb);
    void startFromFiles(core::TrainRequest& request) const;
    void check(const core::RunSpec& spec, const Session& session) const;
    static void warnUnused(const core::TrainRequest& request, Session& session);

    std::string m_runFile;
    Output m_output; // the run directory
    std::vector<std::string> m_twins;
    std::vector<std::string> m_targets;
    std::string m_rankMap;
    bool m_resume = false;
    bool m_restart = false;
    bool m_json = false;
    std::vector<Setter> m_given; // the flags on the line, applied to the spec in their order
};

} // namespace pissarro::cli
