// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/infer/talk.h"
#include "core/session/session.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline infer {

struct Talkers::Private {
    // A model as it was named, and what is on disk of it.
    struct Named {
        InferenceModel model;
        session::ModelParts parts;
        std::string
            mark; // session::stateMark(), and where its tokenizer lies; empty: nothing is there
    };
    // Those that compute together.
    struct Group {
        std::vector<std::size_t> speakers; // in the order of the choir's voices
        std::string mark; // of its members
        session::Choir choir;
        std::shared_ptr<KeptKeys> kept; // of the choir
    };
    // Where a speaker is to be found; groups.size(): nowhere, it has a problem.
    struct Place {
        std::size_t group = 0;
        std::size_t voice = 0;
    };

    std::vector<Named> lookAt(const std::vector<InferenceModel>& models,
                              std::vector<Speaker>& found);
    bool isOpen(const std::vector<Named>& wanted) const; // these very ones, in this order
    void forgetUnnamed(const std::vector<Named>& named);
    const session::Session& groundOf(const Named& named, const JobContext& job);
    void join(std::vector<std::size_t> members, const std::vector<Named>& named,
              std::vector<Group>& before, const JobContext& job);
    session::Choir choirOf(const std::vector<std::size_t>& members, const std::vector<Named>& named,
                           const session::Choir* before, const JobContext& job);
    // Takes out of `members` those that cannot be opened alone either, each with its problem; whether there were any.
    bool dropBroken(std::vector<std::size_t>& members, const std::vector<Named>& named,
                    const JobContext& job);
    InferenceModel noting(const Named& named, std::size_t speaker);
    void describe();
    const Group& groupOf(std::size_t speaker) const; // Throws: Error where it has a problem

    std::int64_t keptBytes = 0;
    std::vector<Speaker> speakers;
    std::vector<Named> named; // of `speakers`
    std::vector<Place> places; // of `speakers`
    std::vector<Group> groups;
    std::vector<session::Session> grounds; // untouched bases, without tokenizer
};

// An answer's text as its tokens come.
class TalkText {
public:
    TalkText(const Tokenizer& tokenizer, std::vector<std::int32_t> begun);

    std::string add(std::int32_t id); // the characters that are whole with it
    std::string rest() const; // that wait for more, at the end
    std::string alternative(std::int32_t id) const; // what it would add instead of the last one

private:
    std::string tell();

    const Tokenizer* m_tokenizer;
    std::vector<std::int32_t> m_ids;
    std::string m_text; // of m_ids
    std::size_t m_told = 0; // bytes of it
};

} // namespace pissarro::core::inline infer
