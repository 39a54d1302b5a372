// SPDX-License-Identifier: GPL-3.0-or-later
// Which models are open to be talked to: bases that are read once, adapters that come and go on them.
#include "core/infer/talk.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/infer/likelihood.h"
#include "core/infer/talk_p.h"
#include "core/model/model_files.h"
#include "core/text/message_text.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace pissarro::core::inline infer {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kWindow = 1024; // tokens of a text that are seen at once
constexpr std::int64_t kTokensAtOnce = 4096;

bool isSame(const fs::path& a, const fs::path& b)
{
    std::error_code ignored;
    return fs::equivalent(a, b, ignored);
}

// A full fine-tuning's state that lies in no folder ready for use: it shares its weights with nobody.
bool ownsWeights(const session::ModelParts& parts)
{
    return parts.raw && !hasAdapter(parts.run->spec.method);
}

bool stands(const session::Session& ground, const InferenceModel& model,
            const session::ModelParts& parts)
{
    return !ownsWeights(parts) && ground.threads == model.threads
        && isSame(ground.provenance.base, parts.base);
}

bool isNamedAlike(const InferenceModel& a, const InferenceModel& b)
{
    return a.model == b.model && a.adapter == b.adapter && a.dtype == b.dtype
        && a.device == b.device && a.threads == b.threads && a.checkpoint.kind == b.checkpoint.kind
        && a.checkpoint.step == b.checkpoint.step;
}

} // namespace

Talkers::Talkers(std::int64_t keptBytes)
    : d(std::make_unique<Private>())
{
    d->keptBytes = keptBytes;
}

Talkers::~Talkers() = default;

const std::vector<Speaker>& Talkers::speakers() const
{
    return d->speakers;
}

void Talkers::forget()
{
    for (const Private::Group& group : d->groups) {
        group.kept->clear();
    }
}

std::int64_t Talkers::keptBytes() const
{
    std::int64_t sum = 0;
    for (const Private::Group& group : d->groups) {
        sum += group.kept->bytes();
    }
    return sum;
}

InferenceModel Talkers::Private::noting(const Named& one, std::size_t speaker)
{
    InferenceModel model = one.model;
    const auto note = [this, speaker](std::string_view line) {
        std::string& notes = speakers[speaker].notes;
        notes = notes.empty() ? std::string(line) : fmt::format("{}\n{}", notes, line);
    };
    model.warn = note;
    model.took = [note](const StoredState& state) { note(state.title()); };
    return model;
}

void Talkers::Private::forgetUnnamed(const std::vector<Named>& wanted)
{
    std::erase_if(grounds, [&](const session::Session& ground) {
        return std::none_of(wanted.begin(), wanted.end(), [&](const Named& one) {
            return !one.mark.empty() && stands(ground, one.model, one.parts);
        });
    });
    // A choir keeps its base in memory: one that has no ground any more goes.
    std::erase_if(groups, [&](const Group& group) {
        return std::none_of(wanted.begin(), wanted.end(), [&](const Named& one) {
            return !one.mark.empty()
                && isSame(one.parts.base, group.choir.voices.front().provenance.base);
        });
    });
}

const session::Session& Talkers::Private::groundOf(const Named& one, const JobContext& job)
{
    const auto found =
        std::find_if(grounds.begin(), grounds.end(), [&](const session::Session& ground) {
            return stands(ground, one.model, one.parts);
        });
    if (found != grounds.end()) {
        return *found;
    }
    InferenceModel base {one.parts.base.string()};
    base.dtype = one.model.dtype;
    base.device = one.model.device;
    base.threads = one.model.threads;
    grounds.push_back(session::open(base, session::Tokens::NotNeeded, job));
    return grounds.back();
}

session::Choir Talkers::Private::choirOf(const std::vector<std::size_t>& members,
                                         const std::vector<Named>& wanted,
                                         const session::Choir* before, const JobContext& job)
{
    std::vector<InferenceModel> models;
    for (const std::size_t speaker : members) {
        models.push_back(noting(wanted[speaker], speaker));
    }
    const Named& first = wanted[members.front()];
    return ownsWeights(first.parts)
        ? session::openTogether(models, session::Tokens::Needed, job)
        : session::openTogetherBeside(groundOf(first, job), before, models, session::Tokens::Needed,
                                      job);
}

bool Talkers::Private::dropBroken(std::vector<std::size_t>& members,
                                  const std::vector<Named>& wanted, const JobContext& job)
{
    const std::size_t all = members.size();
    std::erase_if(members, [&](std::size_t speaker) {
        try {
            choirOf({speaker}, wanted, nullptr, job);
            return false;
        } catch (const Error& error) {
            speakers[speaker].problem = error.what();
            return true;
        }
    });
    return members.size() < all;
}

void Talkers::Private::join(std::vector<std::size_t> members, const std::vector<Named>& wanted,
                            std::vector<Group>& before, const JobContext& job)
{
    const session::Choir* known = nullptr; // on the same base, with other voices
    for (Group& group : before) {
        if (isSame(group.choir.voices.front().provenance.base,
                   wanted[members.front()].parts.base)) {
            known = &group.choir;
        }
    }
    while (!members.empty()) {
        std::string mark;
        for (const std::size_t speaker : members) {
            mark += wanted[speaker].mark;
            mark += '\n';
        }
        const auto same = std::find_if(before.begin(), before.end(),
                                       [&](const Group& one) { return one.mark == mark; });
        try {
            session::Choir choir =
                same != before.end() ? same->choir : choirOf(members, wanted, known, job);
            auto kept = same != before.end()
                ? same->kept
                : std::make_shared<KeptKeys>(choir, KeepLimits {keptBytes});
            groups.push_back({members, std::move(mark), std::move(choir), std::move(kept)});
            return;
        } catch (const Error& error) {
            for (const std::size_t speaker : members) {
                speakers[speaker].notes.clear(); // they are told again
            }
            if (members.size() == 1 || !dropBroken(members, wanted, job)) {
                for (const std::size_t speaker : members) {
                    speakers[speaker].problem = error.what();
                }
                return;
            }
        }
    }
}

void Talkers::Private::describe()
{
    places.assign(speakers.size(), {groups.size(), 0});
    for (std::size_t g = 0; g < groups.size(); ++g) {
        const session::Choir& choir = groups[g].choir;
        groups[g].kept->setBytes(keptBytes / static_cast<std::int64_t>(speakers.size())
                                 * static_cast<std::int64_t>(choir.voices.size()));
        for (std::size_t voice = 0; voice < groups[g].speakers.size(); ++voice) {
            const std::size_t at = groups[g].speakers[voice];
            places[at] = {g, voice};
            const auto& run = named[at].parts.run;
            const bool hasTemplate = !choir.voices[voice].tokenizer->chatTemplate().empty();
            speakers[at].form = run ? run->spec.promptTemplate
                : hasTemplate       ? PromptTemplate::Chat
                                    : PromptTemplate::Plain;
            speakers[at].context = choir.files->config().maxPositions;
        }
    }
}

std::vector<Talkers::Private::Named>
Talkers::Private::lookAt(const std::vector<InferenceModel>& models, std::vector<Speaker>& found)
{
    std::vector<Named> wanted;
    found.assign(models.size(), {});
    for (std::size_t i = 0; i < models.size(); ++i) {
        Named one {models[i], {}, {}};
        try {
            one.parts = session::partsOf(models[i].model, models[i].adapter, models[i].checkpoint);
            one.mark =
                fmt::format("{}\n{}", session::stateMark(one.parts), one.parts.tokenizer.string());
        } catch (const Error& error) {
            found[i].problem = error.what();
        }
        // What was said of the very state when it was read.
        for (std::size_t old = 0; old < named.size() && !one.mark.empty(); ++old) {
            if (named[old].mark == one.mark) {
                found[i].notes = speakers[old].notes;
            }
        }
        wanted.push_back(std::move(one));
    }
    return wanted;
}

bool Talkers::Private::isOpen(const std::vector<Named>& wanted) const
{
    bool is = wanted.size() == named.size();
    for (std::size_t i = 0; i < wanted.size() && is; ++i) {
        is = isNamedAlike(wanted[i].model, named[i].model) && speakers[i].problem.empty()
            && (wanted[i].mark.empty() || wanted[i].mark == named[i].mark);
    }
    return is;
}

const std::vector<Speaker>& Talkers::open(const std::vector<InferenceModel>& models,
                                          const JobContext& job)
{
    std::vector<Speaker> found;
    const std::vector<Private::Named> wanted = d->lookAt(models, found);
    if (d->isOpen(wanted)) { // also where files are gone since
        return d->speakers;
    }
    d->forgetUnnamed(wanted);
    std::vector<Private::Group> before = std::exchange(d->groups, {});
    std::vector<InferenceModel> good;
    std::vector<std::size_t> places; // of `good`
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!wanted[i].mark.empty()) {
            good.push_back(wanted[i].model);
            places.push_back(i);
        }
    }
    d->named.clear(); // nothing is open, should this be cancelled
    d->speakers = std::move(found);
    for (const std::vector<std::size_t>& group : session::choirsOf(good)) {
        std::vector<std::size_t> members;
        std::transform(group.begin(), group.end(), std::back_inserter(members),
                       [&](std::size_t i) { return places[i]; });
        d->join(std::move(members), wanted, before, job);
    }
    d->named = wanted;
    d->describe();
    return d->speakers;
}

const Talkers::Private::Group& Talkers::Private::groupOf(std::size_t speaker) const
{
    assert(speaker < places.size());
    if (!speakers[speaker].problem.empty()) {
        throw Error(ErrorKind::InvalidArgument, speakers[speaker].problem);
    }
    return groups.at(places[speaker].group);
}

TextLoss Talkers::lossOf(std::size_t speaker, const std::string& text, const JobContext& job) const
{
    const Private::Group& group = d->groupOf(speaker);
    const std::size_t voice = d->places[speaker].voice;
    const std::int64_t context = d->speakers[speaker].context;
    const std::int64_t length = context > 1 ? std::min(kWindow, context) : kWindow;
    const WindowPlan plan {WindowRule::Stride, length, std::max<std::int64_t>(1, length / 2)};
    TextLoss sum;
    sum.bytes = static_cast<std::int64_t>(text.size());
    sum.words = wordsOf(text);
    logLikelihoods(
        group.choir, windowsOfText(*group.choir.voices[voice].tokenizer, text, plan, voice, job),
        kTokensAtOnce,
        [&](std::size_t /*index*/, const std::vector<double>& found) {
            for (const double one : found) {
                sum.nll -= one;
            }
            sum.scored += static_cast<std::int64_t>(found.size());
        },
        job);
    return sum;
}

double Talkers::logProbabilityOf(std::size_t speaker, const std::vector<std::int32_t>& before,
                                 std::int32_t token, const JobContext& job) const
{
    const Private::Group& group = d->groupOf(speaker);
    const auto found = logLikelihoods(
        group.choir, {{before, {token}, d->places[speaker].voice}}, kTokensAtOnce,
        [](std::size_t /*index*/, const std::vector<double>& /*found*/) {}, job);
    return found.front().front();
}

} // namespace pissarro::core::inline infer
