// SPDX-License-Identifier: GPL-3.0-or-later
// models: what is at hand on this machine, by headers alone.
#include "app/cli/verb.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/base/machine_memory.h"
#include "core/catalog/model_list.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;

struct Options {
    std::vector<std::string> folders; // empty: where the programs that people have put models
    std::string search;
    bool fits = false;
    bool afresh = false;
    bool json = false;
};

constexpr std::string_view kNothing = "-";

std::vector<core::ModelPlace> placesOf(const Options& options)
{
    if (options.folders.empty()) {
        return core::usualPlaces();
    }
    std::vector<core::ModelPlace> places;
    for (const std::string& folder : options.folders) {
        std::error_code failed;
        if (!fs::exists(folder, failed)) {
            throw core::Error(core::ErrorKind::Io,
                              core::shownPath(folder)
                                  + ": there is no such folder; give one that holds models");
        }
        const fs::path path = fs::absolute(folder).lexically_normal();
        places.push_back(
            {core::PlaceKind::Folder, path.has_filename() ? path : path.parent_path()});
    }
    return places;
}

ordered_json orNull(std::int64_t value)
{
    return value > 0 ? ordered_json(value) : ordered_json();
}

ordered_json orNull(const std::string& text)
{
    return text.empty() ? ordered_json() : ordered_json(text);
}

ordered_json partsJson(const core::MemoryEstimate& need)
{
    return {{"total", need.total()},           {"weights", need.weights},
            {"adapters", need.adapters},       {"optimizer", need.optimizer},
            {"activations", need.activations}, {"program", need.fixed}};
}

ordered_json modelJson(const core::ListedModel& model, std::int64_t memory)
{
    ordered_json types = ordered_json::array();
    for (const core::StoredType& type : model.types) {
        types.push_back({{"dtype", type.name}, {"elements", type.elements}});
    }
    ordered_json json {{"path", model.path.string()},
                       {"name", model.title()},
                       {"version", orNull(model.version)},
                       {"place", std::string(core::placeName(model.place.kind))},
                       {"folder", model.place.folder.string()},
                       {"architecture", orNull(model.architecture)},
                       {"parameters", orNull(model.parameters)},
                       {"layers", orNull(model.layers)},
                       {"width", orNull(model.width)},
                       {"vocabulary", orNull(model.vocabulary)},
                       {"context", orNull(model.maxPositions)},
                       {"dtype", orNull(model.storedAs)},
                       {"dtypes", std::move(types)},
                       {"disk_bytes", model.diskBytes}};
    if (model.need.isKnown()) {
        json["training_bytes"] = {{"adapter", partsJson(model.need.adapter)},
                                  {"four_bit", partsJson(model.need.fourBit)},
                                  {"full", partsJson(model.need.full)}};
    } else {
        json["training_bytes"] = nullptr;
    }
    json["fits"] = std::string(core::fitName(core::fitOf(model.need, memory)));
    json["problem"] = orNull(model.problem);
    return json;
}

ordered_json listJson(const core::ModelList& list, const core::ListedModels& shown,
                      std::int64_t memory)
{
    ordered_json json {{"memory_bytes", memory},
                       {"places", ordered_json::array()},
                       {"models", ordered_json::array()},
                       {"notes", list.notes}};
    for (const core::ListedPlace& place : list.places) {
        json["places"].push_back({{"place", std::string(core::placeName(place.place.kind))},
                                  {"folder", place.place.folder.string()},
                                  {"there", place.isThere},
                                  {"models", place.models},
                                  {"disk_bytes", place.bytes}});
    }
    for (const auto& model : shown) {
        json["models"].push_back(modelJson(*model, memory));
    }
    return json;
}

using Line = std::vector<std::string>;

std::string orNothing(const std::string& text)
{
    return text.empty() ? std::string(kNothing) : text;
}

Line lineOf(const core::ListedModel& model, std::int64_t memory)
{
    const core::MemoryFit fit = core::fitOf(model.need, memory);
    const std::string need = fit == core::MemoryFit::Unknown
        ? std::string(kNothing)
        : core::bytesText(static_cast<std::uint64_t>(model.need.adapter.total()));
    const bool isSaid = fit == core::MemoryFit::Tight || fit == core::MemoryFit::TooBig;
    return {model.version.empty() ? model.title()
                                  : fmt::format("{} ({})", model.title(), model.version),
            orNothing(model.architecture),
            model.parameters > 0 ? core::groupedText(model.parameters) : std::string(kNothing),
            orNothing(model.storedAs),
            core::bytesText(model.diskBytes),
            need,
            model.canBeOpened() ? std::string(isSaid ? core::fitName(fit) : "") : model.problem};
}

std::size_t lettersIn(const std::string& text) // of UTF-8
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

// Columns, those of figures from the right; the last one is as long as it is.
std::string aligned(const std::vector<Line>& lines)
{
    constexpr std::size_t kColumns = 7;
    constexpr std::size_t kFirstFigure = 2;
    const auto isFigure = [](std::size_t i) { return i == kFirstFigure || i == 4 || i == 5; };
    std::vector<std::size_t> widths(kColumns, 0);
    for (const Line& line : lines) {
        for (std::size_t i = 0; i + 1 < kColumns; ++i) {
            widths[i] = std::max(widths[i], lettersIn(line[i]));
        }
    }
    std::string text;
    for (const Line& line : lines) {
        std::string row;
        for (std::size_t i = 0; i + 1 < kColumns; ++i) {
            const std::string blanks(widths[i] - lettersIn(line[i]), ' ');
            row += fmt::format("{}{}{}  ", isFigure(i) ? blanks : "", line[i],
                               isFigure(i) ? "" : blanks);
        }
        row += line.back();
        row.erase(row.find_last_not_of(' ') + 1);
        text += fmt::format("{}\n", row);
    }
    return text;
}

std::string listText(const core::ModelList& list, const core::ListedModels& shown,
                     std::int64_t memory)
{
    std::string text;
    for (const core::ListedPlace& place : list.places) {
        std::vector<Line> lines;
        for (const auto& model : shown) {
            if (model->place == place.place) {
                lines.push_back(lineOf(*model, memory));
            }
        }
        if (!lines.empty()) {
            text += fmt::format("{}{}\n{}", text.empty() ? "" : "\n",
                                core::shownPath(place.place.folder), aligned(lines));
        }
    }
    return text;
}

ExitCode listModels(const Options& options, Session& session)
{
    const std::int64_t memory = core::machineMemoryBytes();
    const std::vector<core::ModelPlace> places = placesOf(options);
    core::ModelLister lister;
    const core::ModelList list = lister.look(
        places, session.job(), {}, options.afresh ? core::Look::Afresh : core::Look::AtChanges);
    core::ListedModels shown;
    std::copy_if(
        list.models.begin(), list.models.end(), std::back_inserter(shown), [&](const auto& model) {
            const core::MemoryFit fit = core::fitOf(model->need, memory);
            const bool isTrained = fit == core::MemoryFit::Fits || fit == core::MemoryFit::Tight;
            return core::isFoundBy(*model, options.search) && (!options.fits || isTrained);
        });
    if (options.json) {
        session.console.json(listJson(list, shown, memory));
        return ExitCode::Done;
    }
    session.console.result(listText(list, shown, memory));
    for (const std::string& note : list.notes) {
        session.console.warning(note);
    }
    if (shown.empty()) {
        std::string looked;
        for (const core::ModelPlace& place : places) {
            looked +=
                fmt::format("{}{}", looked.empty() ? "" : ", ", core::shownPath(place.folder));
        }
        session.console.message(
            fmt::format("no model {} (looked in {}); name a folder that holds some",
                        list.models.empty() ? "was found" : "is what was looked for", looked));
    }
    return ExitCode::Done;
}

} // namespace

void addModels(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add(
        "models", "Lists the models on this machine by their headers: size, type, memory to train",
        "pissarro-cli models --search \"qwen 1.5b\"",
        [options](Session& session) { return listModels(*options, session); });
    verb.add_option("FOLDER", options->folders,
                    "where to look; default: the Hugging Face cache, LM Studio's and Ollama's "
                    "folders");
    verb.add_option("--search", options->search,
                    "words that all hold, of name, author, path, architecture or type");
    verb.add_flag("--fits", options->fits,
                  "only those that can be trained with an adapter in this machine's memory");
    verb.add_flag("--rescan", options->afresh, "reads all headers again");
    addJson(verb, options->json);
}

} // namespace pissarro::cli
