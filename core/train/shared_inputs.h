// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/dataset/dataset.h"
#include "core/model/model_files.h"
#include "core/run/run_inputs.h"
#include "core/run/run_spec.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline training {

// What several runs read, read once: the model's files with their check and fingerprints, a data file in tokens, and the four-bit
// bases that runs of equal settings would each make. The runs have the bits that they have alone.
//
// What was read is read again once a file's size or time is another.
// Threads: one user at a time.
class SharedInputs {
public:
    // An open model. Throws: as ModelFiles::open().
    std::shared_ptr<const ModelFiles> files(const std::filesystem::path& model,
                                            const NewHead& head = {});
    // That no weight of it holds NaN or Inf. Throws: as requireFinite(); Cancelled.
    void checkFinite(const ModelFiles& files, const JobContext& job);
    // inputsOf() of what files() gave. Throws: Cancelled; as inputsOf().
    RunInputs inputs(const ModelFiles& files, RunInputs data, const JobContext& job);

    // A data file with what was to be said of its rows.
    struct Data {
        std::shared_ptr<const Tokenizer> tokenizer;
        std::shared_ptr<const TokenizedData> rows;
        std::vector<Said> notes;
        bool asksTime = false; // the chat template writes a date
        std::string now; // that it was told; empty: the clock's, or none
    };
    // now: what a chat template's strftime_now says, "2026-02-03T04:05:06"; empty: the clock.
    // Throws: as openTokenizer(), tokenizeFile().
    Data data(const RunSpec& spec, const ModelFiles& files, const JobContext& job,
              const std::string& now = {});

    // A four-bit base that another run made of the same model by the same settings; empty: none is there.
    std::filesystem::path baseLike(const RunSpec& spec) const;
    void noteBase(const RunSpec& spec, const std::filesystem::path& base);

private:
    struct Model {
        std::string marks; // of its files: name, size and times
        std::shared_ptr<const ModelFiles> files;
        bool isFinite = false;
        RunInputs inputs; // of the model alone; empty: not read yet
    };
    Model* modelOf(const ModelFiles& files);

    std::map<std::string, Model> m_models; // by path
    std::map<std::string, Data> m_data; // by what its tokens depend on
    std::map<std::string, std::filesystem::path> m_bases;
};

// Puts the files of a folder that this program wrote whole into `target`, as links of the same content where the disk has them:
// nothing ever writes into such a file, it is replaced. Throws: Error{Io}.
void linkFolder(const std::filesystem::path& source, const std::filesystem::path& target);

} // namespace pissarro::core::inline training
