// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_spec.h"
#include "core/settings/field.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline run {

// May a run that goes on be told the setting anew?
enum class Resume {
    Decides, // no: it decides the run's numbers
    Free, // yes: how long it is, where it computes, its checkpoints
    Place, // yes, where the run knows by its fingerprint that what lies there is the same
};

// Where a form has it.
enum class Level {
    Basic,
    Advanced, // a row of the advanced ones is made for it, should the form know nothing better
    Elsewhere, // set on other pages or on the command line
};

// A spec with the methods that train by it, its own and its twins'.
struct SpecUse {
    const RunSpec& spec;
    std::vector<Method> methods;

    bool some(bool (*is)(Method)) const;
};

// A setting of a run, told once: run.json, the flags and the help of `train`, the copied command, differences, checks,
// what a resume may change, and the form are made from it.
struct SpecField : Field<RunSpec> {
    Resume resume = Resume::Decides;
    Level level = Level::Basic;
    std::string unit = {}; // behind the number in a form: "minutes"
    // Whether it means something; null: always. `who` it means something to: "--svd fast".
    std::function<bool(const SpecUse&)> applies = {};
    std::string who = {};
    // What is wrong with it beyond its range; empty: nothing. Null: there is no more to check.
    std::function<std::string(const RunSpec&)> problem = {};
};

// Every setting, in the order of run.json. Threads: any.
const std::vector<SpecField>& specFields();
// Throws: Error{Internal} where there is none of that key.
const SpecField& specField(std::string_view key);

// "auto", "cpu", "cuda" or "cuda:N", whatever this machine has.
bool isDeviceName(std::string_view device);

} // namespace pissarro::core::inline run
