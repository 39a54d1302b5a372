// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/data/column_list.h"

#include "core/base/error.h"
#include "core/dataset/labelled_texts.h"
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/widgets/elided_label.h"
#include "ui/words/format.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

QString roleWord(std::string_view role)
{
    return role == "instruction" ? ColumnList::tr("Instruction")
        : role == "input"        ? ColumnList::tr("Input")
        : role == "output"       ? ColumnList::tr("Response")
        : role == "system"       ? ColumnList::tr("System text")
        : role == "history"      ? ColumnList::tr("Earlier turns")
        : role == "messages"     ? ColumnList::tr("Messages")
        : role == "tools"        ? ColumnList::tr("Tools")
        : role == "pair"         ? ColumnList::tr("Second text")
        : role == "label"        ? ColumnList::tr("Label")
                                 : ColumnList::tr("Text");
}

// Of texts with labels these roles count, of questions and answers all but the last two of them.
bool isOf(ColumnList::Kind kind, std::string_view role)
{
    const bool ofLabels = role == "pair" || role == "label";
    return kind == ColumnList::Kind::Labels ? ofLabels || role == "text" : !ofLabels;
}

// The role that a column has in a map; empty: none.
std::string roleOf(const core::ColumnMap& map, const std::string& column)
{
    const auto found = std::find_if(map.begin(), map.end(),
                                    [&](const auto& entry) { return entry.second == column; });
    return found == map.end() ? std::string() : found->first;
}

} // namespace

ColumnList::ColumnList(QWidget* parent)
    : QWidget(parent)
    , m_grid(new QGridLayout)
    , m_note(new QLabel)
    , m_byName(new QPushButton(tr("Find by name")))
{
    setAccessibleName(tr("Columns and their roles"));
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(scaled(8));
    m_grid->setVerticalSpacing(scaled(6));
    m_grid->setColumnStretch(1, 1);
    m_note->setObjectName(QStringLiteral("data.columns.note"));
    m_note->setWordWrap(true);
    setRole(m_note, "muted");
    m_byName->setObjectName(QStringLiteral("data.columns.byName"));
    m_byName->setProperty("kind", QByteArray("link"));
    m_byName->setToolTip(tr("Takes back what was chosen: roles are found by the columns' names"));
    auto* rows = new QVBoxLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(scaled(4));
    rows->addLayout(m_grid);
    rows->addWidget(m_note);
    rows->addWidget(m_byName, 0, Qt::AlignLeft);
    connect(m_byName, &QPushButton::clicked, this, [this] { Q_EMIT chosen({}); });
}

void ColumnList::setColumns(const std::vector<std::string>& columns, const core::ColumnMap& map,
                            Kind kind)
{
    const bool isNew = columns != m_columns || kind != m_kind;
    m_columns = columns;
    m_kind = kind;
    m_isChosen = !map.empty();
    m_map = m_isChosen         ? map
        : kind == Kind::Labels ? core::guessedTextColumns(columns)
                               : core::guessedColumns(columns);
    if (isNew) {
        rebuild();
    }
    for (qsizetype i = 0; i < m_roles.size(); ++i) {
        const QSignalBlocker quiet(m_roles[i]);
        const std::string role = roleOf(m_map, m_columns[static_cast<std::size_t>(i)]);
        m_roles[i]->setCurrentIndex(
            std::max(0, m_roles[i]->findData(QString::fromStdString(role))));
    }
    m_byName->setVisible(m_isChosen);
    showProblem();
}

void ColumnList::rebuild()
{
    while (QLayoutItem* item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_roles.clear();
    const int rows = std::min(kMostRows, static_cast<int>(m_columns.size()));
    for (int row = 0; row < rows; ++row) {
        const QString name = QString::fromStdString(m_columns[static_cast<std::size_t>(row)]);
        auto* label = new ElidedLabel(name);
        label->setElision(Qt::ElideRight, scaled(40));
        label->setMaximumWidth(scaled(110));
        label->setTextFormat(Qt::PlainText); // names are the file's
        setRole(label, "value");
        auto* role = new QComboBox;
        role->setObjectName(QStringLiteral("data.column.%1").arg(row));
        role->setAccessibleName(tr("Role of the column %1").arg(name));
        role->setToolTip(tr("What stands in this column"));
        role->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        role->addItem(tr("not used"), QString());
        for (const core::ColumnRole& one : core::columnRoles()) {
            if (isOf(m_kind, one.name)) {
                role->addItem(roleWord(one.name), fromView(one.name));
            }
        }
        label->setBuddy(role);
        m_grid->addWidget(label, row, 0);
        m_grid->addWidget(role, row, 1);
        m_roles.append(role);
        connect(role, &QComboBox::activated, this, [this, row] { take(row); });
    }
}

core::ColumnMap ColumnList::shown() const
{
    core::ColumnMap map;
    for (qsizetype i = 0; i < m_roles.size(); ++i) {
        const std::string role = m_roles[i]->currentData().toString().toStdString();
        if (!role.empty()) {
            map[role] = m_columns[static_cast<std::size_t>(i)];
        }
    }
    return map;
}

void ColumnList::take(int row)
{
    const QString role = m_roles[row]->currentData().toString();
    for (qsizetype i = 0; i < m_roles.size(); ++i) {
        if (i != row && !role.isEmpty() && m_roles[i]->currentData().toString() == role) {
            const QSignalBlocker quiet(m_roles[i]);
            m_roles[i]->setCurrentIndex(0);
        }
    }
    m_map = shown();
    m_isChosen = true;
    showProblem();
    if (m_note->property("problem").toBool()) {
        return; // nothing could be learned from it yet
    }
    Q_EMIT chosen(m_map);
}

QString ColumnList::problem() const
{
    const auto has = [&](const char* role) { return m_map.contains(role); };
    if (m_columns.empty()) {
        return {};
    }
    if (m_kind == Kind::Labels) {
        return !has("text") ? tr("Choose the column that is the text.")
            : !has("label") ? tr("Choose the column that is the label.")
                            : QString();
    }
    return has("messages") || has("text") ? QString()
        : !has("output")                  ? tr("Choose the column that is the response.")
        : !has("instruction")             ? tr("Choose the column that is the instruction.")
                                          : QString();
}

void ColumnList::showProblem()
{
    const QString problem = this->problem();
    m_note->setProperty("problem", !problem.isEmpty());
    setRole(m_note, problem.isEmpty() ? "muted" : "bad");
    const auto more = static_cast<int>(m_columns.size()) - kMostRows;
    m_note->setText(!problem.isEmpty() ? problem
                        : more > 0     ? tr("%n more columns are not shown", nullptr, more)
                        : m_isChosen   ? tr("chosen by hand")
                                       : tr("found by name; change what is wrong"));
    for (QComboBox* role : m_roles) {
        const bool invalid = !problem.isEmpty() && role->currentIndex() == 0;
        setStyleProperty(role, "invalid", invalid);
    }
}

} // namespace pissarro::ui
