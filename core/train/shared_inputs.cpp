// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/shared_inputs.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/data_mix.h"
#include "core/file/atomic_file.h"
#include "core/file/output_marker.h"
#include "core/model/model_files_scan.h"
#include "core/run/head_labels.h"
#include "core/text/message_text.h"

#include <set>
#include <sys/stat.h>
#include <utility>

namespace pissarro::core::inline training {

namespace {

namespace fs = std::filesystem;

std::string markOf(const fs::path& file)
{
    struct ::stat status { };
    if (::stat(file.c_str(), &status) != 0) {
        return {};
    }
    return fmt::format("{} {} {}.{:09} {}.{:09} {}\n", file.filename().string(), status.st_size,
                       status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
                       status.st_ctim.tv_nsec, status.st_ino);
}

// Of a file, or of all in a folder: whether one of them was written since.
std::string marksOf(const fs::path& path)
{
    std::error_code failed;
    if (!fs::is_directory(path, failed)) {
        return markOf(path);
    }
    std::set<std::string> marks;
    for (const fs::directory_entry& entry : fs::directory_iterator(path, failed)) {
        if (entry.is_regular_file(failed)) {
            marks.insert(markOf(entry.path()));
        }
    }
    std::string all;
    for (const std::string& mark : marks) {
        all += mark;
    }
    return all;
}

// Of a data file, and of those that it lists.
std::string dataMarksOf(const fs::path& data)
{
    std::string all = marksOf(data);
    try {
        for (const DataPart& part : dataParts(data)) {
            all += marksOf(part.path);
        }
    } catch (const Error&) { // told of when the rows are read
    }
    return all;
}

// What the tokens of a data file depend on.
std::string dataKey(const RunSpec& spec, const ModelFiles& files)
{
    return fmt::format("{}\n{}{}\n{}{}\n{}\n{}\n{}{}\n{}", spec.data, dataMarksOf(spec.data),
                       files.path().string(), marksOf(files.path()),
                       spec.promptTemplate.info().name, spec.maxLength, spec.columns,
                       nameIn(EnumNames<LearnedTurns>::all, spec.learned), spec.strict,
                       spec.labels);
}

// What a four-bit base depends on, all else left at its default.
std::string baseKey(const RunSpec& spec)
{
    RunSpec key;
    key.model = spec.model;
    key.method = spec.method;
    key.rank = spec.rank;
    key.alpha = spec.alpha;
    key.patterns = spec.patterns;
    key.rslora = spec.rslora;
    key.slice = spec.slice;
    key.svd = spec.svd;
    key.iters = spec.iters;
    key.quant = spec.quant;
    key.targets = spec.targets;
    key.seed = spec.seed;
    key.device = spec.device;
    return specToJson(key);
}

void linkEntries(const fs::path& source, const fs::path& target)
{
    for (const fs::directory_entry& entry : fs::directory_iterator(source)) {
        const fs::path place = target / entry.path().filename();
        if (entry.is_directory()) {
            fs::create_directories(place);
            linkEntries(entry.path(), place);
            continue;
        }
        std::error_code failed;
        fs::create_hard_link(entry.path(), place, failed);
        if (failed) { // another disk, or one without such links
            fs::copy_file(entry.path(), place);
        }
    }
}

} // namespace

std::shared_ptr<const ModelFiles> SharedInputs::files(const fs::path& model, const NewHead& head)
{
    const std::string marks = marksOf(model);
    std::string key = fmt::format("{}\n{}\n{}", model.string(), head.labels, head.seed);
    for (const std::string& name : head.names) {
        key += fmt::format("\n{}", name);
    }
    Model& known = m_models[key];
    if (known.files == nullptr || known.marks != marks) {
        known = {marks, ModelFiles::open(model, Opening::Checked, head), false, {}};
        m_bases.clear(); // they were made of the old weights
    }
    return known.files;
}

SharedInputs::Model* SharedInputs::modelOf(const ModelFiles& files)
{
    for (auto& [path, model] : m_models) {
        if (model.files.get() == &files) {
            return &model;
        }
    }
    throw Error(ErrorKind::Internal, "a model that was not opened here");
}

void SharedInputs::checkFinite(const ModelFiles& files, const JobContext& job)
{
    Model* const model = modelOf(files);
    if (model->isFinite) {
        return;
    }
    for (const TensorView& weight : files.weights()) {
        requireFinite(files, weight.name, job);
    }
    model->isFinite = true;
}

RunInputs SharedInputs::inputs(const ModelFiles& files, RunInputs data, const JobContext& job)
{
    Model* const model = modelOf(files);
    if (!model->inputs.isKnown()) {
        model->inputs = inputsOf(files, RunInputs(), job);
    }
    data.model = model->inputs.model;
    data.weights = model->inputs.weights;
    data.config = model->inputs.config;
    return data;
}

SharedInputs::Data SharedInputs::data(const RunSpec& spec, const ModelFiles& files,
                                      const JobContext& job, const std::string& now)
{
    Data& known = m_data[dataKey(spec, files)];
    const bool isOld = known.asksTime && known.now != now;
    if (known.rows == nullptr || isOld) {
        known.rows = nullptr;
        known.tokenizer = openTokenizer(files.path());
        known.asksTime = spec.promptTemplate.isModels()
            && known.tokenizer->chatTemplate().find("strftime_now") != std::string::npos;
        known.now = known.asksTime ? now : std::string();
        DataOptions options = dataOptionsOf(spec);
        options.now = known.now;
        const HeadShape& head = files.config().head;
        known.rows = std::make_shared<const TokenizedData>(
            head.kind == HeadKind::Sequence
                ? labelledTexts(spec.data, options, labelsOf(head), *known.tokenizer,
                                spec.maxLength, job)
                : tokenizeFile(spec.data, options, *known.tokenizer, spec.maxLength, job));
        known.notes = known.rows->notes;
    }
    return known;
}

fs::path SharedInputs::baseLike(const RunSpec& spec) const
{
    const auto found = m_bases.find(baseKey(spec));
    std::error_code ignored;
    return found != m_bases.end() && fs::is_directory(found->second, ignored) ? found->second
                                                                              : fs::path();
}

void SharedInputs::noteBase(const RunSpec& spec, const fs::path& base)
{
    m_bases[baseKey(spec)] = base;
}

void linkFolder(const fs::path& source, const fs::path& target)
{
    try {
        writeDirectoryAtomically(
            target,
            [&](const fs::path& folder) {
                linkEntries(source, folder);
                fs::remove(folder / kFolderMarker); // it gets one of its own
            },
            ExistingFolder::SetAside);
    } catch (const fs::filesystem_error& error) {
        throw Error(ErrorKind::Io,
                    shownPath(target) + ": cannot be made like " + shownPath(source) + ": "
                        + error.code().message());
    }
}

} // namespace pissarro::core::inline training
