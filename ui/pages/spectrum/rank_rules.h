// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/method.h"
#include "core/analysis/rank_map.h"
#include "core/analysis/rank_rule.h"

#include <QString>
#include <QValidator>

#include <optional>
#include <vector>

class QComboBox;

namespace pissarro::ui {

struct RankQuestion; // ui/services/measurements.h
struct Services;

// How a rank for each matrix is found; each takes one value that a person types. What is particular to one is its row of
// core's list, and its words here where there are any.
struct RankRule {
    core::RankRule info = core::allRankRules().front();
    core::Method method; // of a rule that quantizes: whose four bits
    friend bool operator==(const RankRule&, const RankRule&) = default;
};
// In the order of lists; one that quantizes for each method that iterates.
const std::vector<RankRule>& allRules();
bool takesValue(RankRule rule);
void addRules(QComboBox* box); // allRules() by their titles
RankRule ruleOf(const QComboBox* box); // the current one

QString ruleTitle(RankRule rule); // "Energy kept"
QString ruleDefault(RankRule rule); // "90 %", "10 MB", "": it takes none, or estimates it
QString ruleHint(RankRule rule); // placeholder of the value's field: what may be typed

// Why `value` is none that the rule takes, as a sentence that says what to type; empty: it is one.
QString valueProblem(RankRule rule, const QString& value);

// Of the field that the value of a rule is typed into. What it refuses stays there to be mended: refused() says why when a
// person goes on, by Return or to another field.
class RuleValidator : public QValidator {
    Q_OBJECT

public:
    using QValidator::QValidator;

    void setRule(RankRule rule) { m_rule = rule; }
    State validate(QString& text, int& position) const override;
    void fixup(QString& text) const override;

Q_SIGNALS:
    void refused(const QString& problem) const;

private:
    RankRule m_rule;
};

// The rank of one matrix as the services has it: of the map, or the one for all; cut to what the matrix has.
int rankOf(const Services& services, const core::LinearModule& module);

// Where the slice of a matrix begins, as core::sliceStart() has it.
int sliceStartOf(const Services& services, const core::LinearModule& module);

// A map for every matrix of the open model, or why there is none.
struct RuleOutcome {
    core::RankMap map;
    QString problem; // one sentence; empty: map is good
};
// Cost: a pass over the values of every matrix, a few milliseconds.
RuleOutcome applyRule(const Services& services, RankRule rule, const QString& value);

// The rules by what four bits leave are jobs of a minute and more: RankSearch instead.
bool isLong(RankRule rule);
// What such a rule with this value asks for; nullopt: the value is none of its.
std::optional<RankQuestion> rankQuestion(RankRule rule, const QString& value);

// core::rankMapJson() as text, each alpha equal to its rank.
QString rankMapJson(const core::RankMap& map);
// The same ranks for every matrix. Requires: an open model.
core::RankMap uniformMap(const Services& services, int rank);
// Recounts the parameters and says in `reason` what the map is.
void describeMap(const Services& services, core::RankMap& map, const QString& reason);
QString rankRange(const core::RankMap& map); // "4 to 96"
QString
rankReason(const core::RankMap& map); // the reference, where there is one, on a line of its own

} // namespace pissarro::ui
