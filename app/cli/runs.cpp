// SPDX-License-Identifier: GPL-3.0-or-later
// runs: what there is, found again and put in order, and what a person says of it.
#include "app/cli/runs_report.h"
#include "app/cli/verb.h"
#include "core/base/fmt.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

namespace pissarro::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
    std::vector<std::string> folders; // empty: where runs go unless told otherwise
    std::string filter;
    std::string sort = "started";
    std::string group = "none";
    std::vector<std::string> columns;
    std::int64_t limit = 0; // 0: all
    bool ascending = false;
    bool archived = false;
    bool json = false;

    std::vector<std::string> tag;
    std::vector<std::string> untag;
    std::string name;
    std::string note;
    std::string colour;
    bool pin = false;
    bool unpin = false;
    bool archive = false;
    bool unarchive = false;
    bool trash = false;
    bool restore = false;
};

// What is said of runs by flags of the line; nullptr: nothing.
std::function<void(core::RunMark&)> changeOf(const Options& options, const Session& session)
{
    const bool isAny = options.pin || options.unpin || options.archive || options.unarchive
        || !options.tag.empty() || !options.untag.empty() || session.given("--rename")
        || session.given("--note") || session.given("--colour");
    if (!isAny) {
        return nullptr;
    }
    core::colourOf(options.colour);
    return [options, rename = session.given("--rename"), note = session.given("--note"),
            colour = session.given("--colour")](core::RunMark& mark) {
        mark.name = rename ? options.name : mark.name;
        mark.notes = note ? options.note : mark.notes;
        mark.colour = colour ? options.colour : mark.colour;
        mark.pinned = (mark.pinned || options.pin) && !options.unpin;
        mark.archived = (mark.archived || options.archive) && !options.unarchive;
        for (const std::string& tag : options.untag) {
            core::removeTag(mark, tag);
        }
        for (const std::string& tag : options.tag) {
            core::addTag(mark, tag);
        }
    };
}

fs::path plainPath(const std::string& text)
{
    const fs::path path = fs::absolute(text).lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

std::vector<fs::path> rootsOf(const Options& options)
{
    std::vector<fs::path> roots;
    for (const std::string& folder : options.folders) {
        roots.push_back(plainPath(folder));
    }
    if (roots.empty()) {
        roots.push_back(core::defaultRunRoot());
    }
    return roots;
}

// What is thrown away or named is each run by its own folder, so that no pattern takes more than was meant.
void checkNamed(const Options& options, const Session& session)
{
    const bool isOfOne = session.given("--rename");
    if (!options.trash && !options.restore && !isOfOne) {
        return;
    }
    const char* flag = options.trash ? "--trash" : options.restore ? "--restore" : "--rename";
    if (options.folders.empty() || !options.filter.empty()) {
        throw UsageError(
            fmt::format("{} takes run folders, each by its path, and no --filter", flag));
    }
    if (isOfOne && options.folders.size() > 1) {
        throw UsageError("--rename names one run; give its folder alone");
    }
    if (options.restore) {
        return;
    }
    for (const std::string& folder : options.folders) {
        std::error_code failed;
        const bool isStart = core::isOrdered(folder);
        if (isStart && core::isPrepared(folder)) {
            throw core::Error(core::ErrorKind::InvalidArgument,
                              core::shownPath(folder)
                                  + ": a program prepares a run in this folder; stop it first");
        }
        if (!isStart && !fs::is_regular_file(fs::path(folder) / core::kRunFile, failed)) {
            throw core::Error(core::ErrorKind::InvalidArgument,
                              fmt::format("{}: holds no {} of a run; {} takes the run's own folder",
                                          core::shownPath(folder), core::kRunFile, flag));
        }
    }
}

// Of a project's file what it says of all its runs, read once.
class Marks {
public:
    core::RunMark of(const core::ListedRun& run)
    {
        const fs::path folder = core::projectFolderOf(run.run.directory, run.root);
        auto found = m_projects.find(folder);
        if (found == m_projects.end()) {
            found = m_projects.emplace(folder, core::Project(folder).marks()).first;
        }
        std::error_code failed;
        const auto mark = found->second.find(fs::weakly_canonical(run.run.directory, failed));
        return mark == found->second.end() ? core::RunMark() : mark->second;
    }

private:
    std::map<fs::path, std::map<fs::path, core::RunMark>> m_projects;
};

void readOthers(ShownRun& run, const core::JobContext& job)
{
    if (!run.listed->isOthers) {
        return;
    }
    try {
        run.history = core::readHistory(run.listed->run.directory, job);
    } catch (const core::Error& e) {
        run.problem = e.what();
    }
}

std::vector<ShownRun> chosenRuns(const Options& options, const Session& session)
{
    const core::RunFilter filter(options.filter);
    const bool asksForArchived = options.filter.find("archived") != std::string::npos;
    const core::JobContext job = session.job();
    core::RunLister lister;
    const core::RunList list = lister.look(rootsOf(options), job);
    if (!list.gone.empty() && !options.folders.empty()) {
        throw core::Error(core::ErrorKind::Io,
                          core::shownPath(list.gone.front())
                              + ": there is no such folder; give one that holds runs");
    }
    Marks marks;
    std::vector<ShownRun> runs;
    for (const auto& listed : list.runs) {
        ShownRun run {listed, marks.of(*listed), {}, {}};
        const bool isNamed = listed->run.directory == listed->root;
        const bool isShown = options.archived || asksForArchived || options.unarchive || isNamed
            || !run.mark.archived;
        const bool isKept = listed->isKnown() ? filter.keeps(listed->run, run.mark)
                                              : filter.keepsOthers(listed->run.directory, run.mark);
        if (isShown && isKept) {
            runs.push_back(std::move(run));
        }
    }
    return runs;
}

// What is not told, NaN and an empty text too, stands behind what is, whichever way.
struct Order {
    bool isTold = false;
    bool isNumber = false;
    double number = 0.0;
    std::string text;
};

Order orderOf(const ShownRun& run, const core::RunColumn& column)
{
    if (!run.listed->isKnown() && !core::isToldOfAll(column)) {
        return {};
    }
    const core::FieldValue value = column.value(run.listed->run, run.mark);
    Order order;
    std::visit(
        [&order](const auto& held) {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_arithmetic_v<Held>) {
                order.isNumber = true;
                order.number = static_cast<double>(held);
            }
        },
        value);
    order.text = order.isNumber ? std::string() : core::fieldText(value);
    order.isTold = order.isNumber ? std::isfinite(order.number) : !order.text.empty();
    return order;
}

void sortRuns(std::vector<ShownRun>& runs, const Options& options, bool isAscending)
{
    const core::RunColumn& column = core::runColumn(options.sort);
    std::vector<std::pair<Order, ShownRun>> ordered;
    for (ShownRun& run : runs) {
        Order order = orderOf(run, column);
        ordered.emplace_back(std::move(order), std::move(run));
    }
    std::stable_sort(ordered.begin(), ordered.end(), [&](const auto& one, const auto& other) {
        const Order& a = isAscending ? one.first : other.first;
        const Order& b = isAscending ? other.first : one.first;
        if (one.first.isTold != other.first.isTold) {
            return one.first.isTold;
        }
        return a.isNumber && b.isNumber ? a.number < b.number : a.text < b.text;
    });
    const auto by = core::parseRunGrouping(options.group);
    std::stable_sort(ordered.begin(), ordered.end(), [by](const auto& a, const auto& b) {
        return core::groupOf(*a.second.listed, by).key < core::groupOf(*b.second.listed, by).key;
    });
    runs.clear();
    for (auto& [order, run] : ordered) {
        runs.push_back(std::move(run));
    }
}

void restoreAll(const Options& options, Session& session)
{
    for (const std::string& folder : options.folders) {
        const fs::path run = plainPath(folder);
        core::restoreRun(run, run.parent_path());
        session.console.message("brought back " + core::shownPath(run));
    }
}

void trashAll(const std::vector<ShownRun>& runs, Session& session)
{
    for (const ShownRun& run : runs) {
        core::trashRun(run.listed->run.directory, run.listed->root);
        session.console.message("moved to the trash: "
                                + core::shownPath(run.listed->run.directory));
    }
}

ExitCode listRuns(const Options& options, Session& session)
{
    checkNamed(options, session);
    const auto change = changeOf(options, session);
    ShownColumns columns;
    for (const std::string& key : splitPatterns(options.columns)) {
        columns.push_back(&core::runColumn(key));
    }
    if (options.restore) {
        restoreAll(options, session);
    }
    std::vector<ShownRun> runs = chosenRuns(options, session);
    if (change) {
        for (ShownRun& run : runs) {
            const fs::path& folder = run.listed->run.directory;
            core::Project(core::projectFolderOf(folder, run.listed->root))
                .change(folder, [&](core::RunMark& mark) {
                    change(mark);
                    run.mark = mark;
                });
        }
    }
    if (options.trash) {
        trashAll(runs, session);
    }
    const bool isText = options.sort == "name" || options.sort == "folder";
    sortRuns(runs, options, options.ascending || isText);
    if (options.limit > 0 && runs.size() > static_cast<std::size_t>(options.limit)) {
        runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(options.limit), runs.end());
    }
    const core::JobContext job = session.job();
    for (ShownRun& run : runs) {
        if (!options.trash) {
            readOthers(run, job);
        }
    }
    const auto by = core::parseRunGrouping(options.group);
    if (options.json) {
        session.console.json(runsJson(runs, columns, by));
    } else {
        session.console.result(runsText(runs, columns, by));
    }
    return ExitCode::Done;
}

void addChanges(CLI::App& verb, Options& options)
{
    addTexts(verb, "--tag", options.tag, "tags the runs that are listed; may be repeated");
    addTexts(verb, "--untag", options.untag, "takes a tag from them; may be repeated");
    CLI::Option* pin = verb.add_flag("--pin", options.pin, "pins them: the window has them first");
    verb.add_flag("--unpin", options.unpin, "pins them no more")->excludes(pin);
    verb.add_option("--rename", options.name,
                    "what one run is called in lists; empty: as its folder");
    verb.add_option("--note", options.note, "what is to be known of them");
    verb.add_option("--colour,--color", options.colour,
                    "of their curves, as #3b82f6; empty: their method's");
    CLI::Option* archive =
        verb.add_flag("--archive", options.archive, "takes them out of lists, and changes no file");
    verb.add_flag("--unarchive", options.unarchive, "lists them again")->excludes(archive);
    CLI::Option* trash =
        verb.add_flag("--trash", options.trash, "moves these run folders into the desktop's trash");
    verb.add_flag("--restore", options.restore, "brings these run folders back from there")
        ->excludes(trash);
}

} // namespace

void addRuns(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("runs", "Lists runs, ours and other programs', and keeps what is said of them",
                  "pissarro-cli runs runs/ --filter \"gsm8k rank>=8 lr<=1e-3\" --sort last_loss",
                  [options](Session& session) { return listRuns(*options, session); });
    verb.add_option("DIR", options->folders,
                    "run folders, or folders that hold some; default: where runs go");
    verb.add_option("--filter", options->filter,
                    "words that all hold: text, KEY=VALUE (!=, <, <=, >, >=, : holds), -WORD: not");
    verb.add_option("--sort", options->sort,
                    "by this key of a setting or figure, the largest first")
        ->capture_default_str();
    verb.add_flag("--ascending", options->ascending, "the smallest first");
    addTexts(verb, "--columns", options->columns,
             "keys that are printed too, with commas between them; may be repeated");
    verb.add_option("--group", options->group, "under titles")
        ->check(CLI::IsMember({"sweep", "model", "data", "none"}))
        ->capture_default_str();
    addWhole(verb, "--limit", options->limit, {0, 1'000'000'000}, "so many runs at most; 0: all");
    verb.add_flag("--archived", options->archived, "also those that were archived");
    addChanges(verb, *options);
    addJson(verb, options->json);
}

} // namespace pissarro::cli
