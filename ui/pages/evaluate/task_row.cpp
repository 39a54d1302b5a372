// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/task_row.h"

#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/widgets/elided_label.h"
#include "ui/words/format.h"

#include <QCheckBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QSignalBlocker>
#include <QToolButton>

#include <cmath>

namespace pissarro::ui {

namespace {
constexpr int kBarSteps = 1000;
constexpr int kBarHeight = 4; // px
constexpr int kLeastState = 40; // px, of a long word beside a long title
} // namespace

TaskRow::TaskRow(const QString& task, const QString& title, QWidget* parent)
    : QWidget(parent)
    , m_task(task)
    , m_check(new QCheckBox(title))
    , m_about(new ElidedLabel)
    , m_state(new ElidedLabel)
    , m_bar(new QProgressBar)
{
    m_check->setObjectName(QStringLiteral("evaluate.task.%1").arg(task));
    m_about->setObjectName(QStringLiteral("evaluate.about.%1").arg(task));
    setRole(m_about, "muted");
    m_about->setElision(Qt::ElideLeft, 0); // of a path the file's name is seen
    m_state->setObjectName(QStringLiteral("evaluate.state.%1").arg(task));
    m_state->setElision(Qt::ElideRight, scaled(kLeastState));
    setRole(m_state, "muted");
    m_bar->setObjectName(QStringLiteral("evaluate.progress.%1").arg(task));
    m_bar->setAccessibleName(tr("Answered of %1").arg(title));
    m_bar->setRange(0, kBarSteps);
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(scaled(kBarHeight));
    auto* choose = new QToolButton;
    choose->setObjectName(QStringLiteral("evaluate.file.%1").arg(task));
    choose->setText(QStringLiteral("…"));
    choose->setAccessibleName(tr("File of %1").arg(title));
    choose->setToolTip(tr("Choose the file of %1").arg(title));
    auto* line = new QHBoxLayout;
    line->setSpacing(6);
    line->addWidget(m_check);
    line->addWidget(m_about, 1);
    line->addWidget(m_state);
    line->addWidget(choose);
    auto* rows = new QVBoxLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(2);
    rows->addLayout(line);
    rows->addWidget(m_bar);
    m_bar->hide();
    connect(choose, &QToolButton::clicked, this, &TaskRow::fileWanted);
    connect(m_check, &QCheckBox::toggled, this, [this](bool on) {
        m_wanted = on;
        Q_EMIT changed();
    });
    show();
}

void TaskRow::setPath(const QString& path)
{
    m_path = path;
    m_file = {};
    show();
}

void TaskRow::showFile(const TaskFile& file)
{
    m_file = file;
    show();
}

bool TaskRow::isChosen() const
{
    return m_check->isChecked();
}

void TaskRow::setWanted(bool on)
{
    m_wanted = on;
    show();
    Q_EMIT changed();
}

void TaskRow::show()
{
    const bool isKnown = m_file.path == m_path && !m_path.isEmpty();
    const bool isThere = isKnown && m_file.problem.isEmpty();
    const QSignalBlocker quiet(m_check);
    m_check->setEnabled(isThere);
    m_check->setChecked(isThere && m_wanted);
    m_check->setToolTip(isThere ? m_path : m_file.problem);
    m_about->setText(m_path.isEmpty() ? tr("choose a file")
                         : !isKnown   ? QFileInfo(m_path).fileName()
                         : isThere    ? formatCount(m_file.questions)
                                      : m_path);
    m_isMissing = isKnown && !isThere;
    if (m_bar->isHidden()) {
        showMissing();
    }
}

// Where no progress is told.
void TaskRow::showMissing()
{
    m_state->setVisible(m_isMissing);
    m_state->setText(m_file.isThere ? tr("not readable") : tr("no file"));
    m_state->setToolTip(m_file.problem);
    setRole(m_state, "muted");
}

void TaskRow::showProgress(const TaskPicture* picture, bool isCurrent, bool isAnswering)
{
    m_bar->setVisible(picture != nullptr);
    if (picture == nullptr) {
        showMissing();
        return;
    }
    m_state->show();
    m_bar->setValue(static_cast<int>(std::lround(picture->fraction * kBarSteps)));
    m_state->setText(picture->isWhole()                        ? tr("done")
                         : !picture->problem.isEmpty()         ? tr("failed")
                         : isCurrent || picture->answers() > 0 ? tr("%1 %").arg(
                               formatCount(static_cast<std::int64_t>(100.0 * picture->fraction)))
                         : isAnswering ? tr("next")
                                       : tr("not begun"));
    m_state->setToolTip(picture->problem);
    setRole(m_state, picture->problem.isEmpty() ? "muted" : "bad");
}

} // namespace pissarro::ui
